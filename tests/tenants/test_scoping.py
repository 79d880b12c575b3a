import pytest
from django.apps import apps
from django.core import checks
from django.http import Http404, HttpResponse
from django.template import engines
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone

from connector_site import urls as project
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Invitation, Membership, Role, Tenant, User
from tenants.scoping import Scoped, StrictManager, TenantForgottenError
from tests.factories import MembershipFactory

FORGETFUL = {
    "all": lambda: Membership.objects.all(),
    "filter": lambda: Membership.objects.filter(role=Role.OWNER),
    "get": lambda: Membership.objects.get(pk=1),
    "first": lambda: Membership.objects.first(),
    "count": lambda: Membership.objects.count(),
    "exists": lambda: Membership.objects.exists(),
    "update": lambda: Membership.objects.update(role=Role.OWNER),
    "get_or_create": lambda: Membership.objects.get_or_create(role=Role.OWNER),
    "values_list": lambda: Membership.objects.values_list("pk"),
    "raw": lambda: Membership.objects.raw("select 1"),
    "in_bulk": lambda: Membership.objects.in_bulk(),
    "iterator": lambda: Membership.objects.iterator(),
}


class TestManagers:
    @pytest.mark.parametrize("query", FORGETFUL.values(), ids=FORGETFUL.keys())
    def test_a_query_that_forgets_its_tenant_fails_loudly(self, query):
        with pytest.raises(TenantForgottenError, match="for_tenant"):
            query()

    def test_a_query_for_a_tenant_sees_only_its_rows(self, alice, bob, charlie, tenant):
        members = Membership.objects.for_tenant(tenant)
        assert {membership.user for membership in members} == {alice, bob}

    def test_the_tenant_may_be_given_by_its_id(self, alice, charlie, tenant):
        assert Membership.objects.for_tenant(tenant.pk).get().user == alice

    def test_unscoped_sees_every_tenant(self, alice, charlie):
        assert Membership.unscoped.count() == 2

    def test_rows_are_created_without_ceremony(self, tenant, charlie):
        Membership.objects.create(tenant=tenant, user=charlie)
        assert tenant.membership_set.count() == 1

    def test_a_models_own_queryset_is_given_by_both_managers(self, tenant):
        assert not Invitation.objects.for_tenant(tenant).pending().exists()
        assert not Invitation.unscoped.pending().exists()

    def test_a_default_manager_that_refuses_is_found_by_the_system_check(self):
        class Careless(Scoped):
            objects = StrictManager()
            tenant_path = "owner__tenant"

            class Meta:
                app_label = "tenants"
                managed = False
                default_manager_name = "objects"

        try:
            assert "tenants.E001" in {
                message.id for message in Careless.check() if isinstance(message, checks.Error)
            }
        finally:
            del apps.all_models["tenants"]["careless"]


@tenant_required()
def look(request: TenantRequest) -> HttpResponse:
    return HttpResponse(f"{request.tenant} {request.membership.role} {timezone.get_current_timezone_name()}")


@tenant_required(Role.EDITOR)
def edit(request: TenantRequest) -> HttpResponse:
    return HttpResponse("edited")


@tenant_required()
def one(request: TenantRequest, pk: int) -> HttpResponse:
    return HttpResponse(get_or_404(request, Membership, pk=pk).user.email)


@tenant_required()
def late(request: TenantRequest) -> HttpResponse:
    template = engines["django"].from_string("{% load tz %}{% get_current_timezone as zone %}{{ zone }}")
    return TemplateResponse(request, template)


urlpatterns = [
    *project.urlpatterns,
    path("t/<slug:tenant_slug>/look/", look),
    path("t/<slug:tenant_slug>/edit/", edit),
    path("t/<slug:tenant_slug>/members/<int:pk>/", one),
    path("t/<slug:tenant_slug>/late/", late),
]


@pytest.mark.urls(__name__)
class TestTenantRequired:
    def test_it_puts_tenant_role_and_time_zone_in_place(self, client, alice):
        client.force_login(alice)
        assert client.get("/t/acme-trading/look/").content.decode() == "Acme Trading owner America/New_York"

    def test_the_time_zone_also_holds_for_templates_that_render_later(self, client, alice):
        client.force_login(alice)
        assert client.get("/t/acme-trading/late/").content == b"America/New_York"
        assert timezone.get_current_timezone_name() == "UTC"

    def test_visitors_are_sent_to_sign_in(self, client, tenant):
        response = client.get("/t/acme-trading/look/")
        assert response.status_code == 302
        assert response["Location"] == "/sign-in/?next=/t/acme-trading/look/"

    def test_strangers_get_404_just_as_for_an_organisation_that_does_not_exist(self, client, tenant, charlie):
        client.force_login(charlie)
        assert client.get("/t/acme-trading/look/").status_code == 404
        assert client.get("/t/no-such-organisation/look/").status_code == 404

    def test_staff_look_into_every_organisation_and_change_nothing(self, client, tenant, staff):
        client.force_login(staff)
        assert client.get("/t/acme-trading/look/").status_code == 200
        assert client.get("/t/acme-trading/edit/").status_code == 403
        assert client.get("/t/no-such-organisation/look/").status_code == 404

    def test_a_lesser_role_is_told_what_is_needed(self, client, tenant, charlie):
        MembershipFactory.create(tenant=tenant, user=charlie, role=Role.VIEWER)
        client.force_login(charlie)
        response = client.get("/t/acme-trading/edit/")
        assert response.status_code == 403
        assert "role of editor; yours in Acme Trading is viewer" in response.content.decode()

    def test_an_editor_may_edit(self, client, bob):
        client.force_login(bob)
        assert client.get("/t/acme-trading/edit/").content == b"edited"

    def test_another_tenants_row_is_not_found(self, client, alice, charlie):
        client.force_login(alice)
        own, foreign = alice.memberships.get(), charlie.memberships.get()
        assert client.get(f"/t/acme-trading/members/{own.pk}/").content == b"alice@example.org"
        assert client.get(f"/t/acme-trading/members/{foreign.pk}/").status_code == 404


def test_get_or_404_raises_without_a_view_too(rf, tenant, charlie):
    request = rf.get("/")
    request.tenant = tenant
    with pytest.raises(Http404):
        get_or_404(request, Membership, user=charlie)


def test_a_tenant_is_known_by_name(tenant: Tenant, alice: User):
    assert str(tenant) == "Acme Trading"
    assert str(alice.memberships.get()) == "alice@example.org, owner of Acme Trading"
