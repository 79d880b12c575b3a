"""The support pages about organisations and people."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tenants import services
from tenants.models import Invitation, Membership, Role, Tenant, User
from tests.factories import PASSWORD, MembershipFactory, TenantFactory, UserFactory

MODELS = [Tenant, Membership, Invitation, User]


@pytest.fixture
def support(staff, client):
    """A signed-in browser of someone who may use every support page, but is no superuser."""
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="tenants"))
    client.force_login(staff)
    return client


@pytest.fixture
def superuser(db, client):
    user = User.objects.create_superuser("root@example.org", PASSWORD, full_name="Root")
    client.force_login(user)
    return client


@pytest.fixture
def invitation(alice):
    return services.invite(by=alice.memberships.get(), email="dora@example.org", role=Role.VIEWER)


def url(model, page, *args):
    return reverse(f"admin:tenants_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
class TestEveryModel:
    def test_list_search_and_page_open(self, support, model, alice, bob, charlie, invitation):
        row = model._default_manager.first()
        assert support.get(url(model, "changelist")).status_code == 200
        assert support.get(url(model, "changelist"), {"q": "alice@example.org"}).status_code == 200
        assert support.get(url(model, "change", row.pk)).status_code == 200

    def test_it_is_closed_to_customers(self, client, model, alice):
        client.force_login(alice)
        assert client.get(url(model, "changelist"))["Location"].startswith("/admin/login/")

    def test_the_list_takes_the_same_queries_for_few_and_for_many(self, support, model, alice, invitation):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                support.get(url(model, "changelist"))
            return [query["sql"] for query in captured]

        few = queries()
        MembershipFactory.create_batch(5)
        assert len(queries()) == len(few)
        assert not [sql for sql in few if "COUNT(*)" in sql]


class TestSearch:
    def found(self, client, model, text):
        response = client.get(url(model, "changelist"), {"q": text})
        return {str(row) for row in response.context["cl"].result_list}

    def test_people_are_found_by_address_name_and_organisation(self, support, alice, charlie):
        for text in ("ALICE@", "Archer", "Acme"):
            assert self.found(support, User, text) == {"alice@example.org"}

    def test_organisations_are_found_by_name_id_and_member(self, support, alice, charlie, tenant):
        for text in ("acme-trading", "Trading", str(tenant.public_id), "alice@example.org"):
            assert self.found(support, Tenant, text) == {"Acme Trading"}

    def test_members_and_invitations_are_found_likewise(self, support, invitation, charlie):
        for text in ("alice@", "Acme"):
            assert self.found(support, Membership, text) == {"alice@example.org, owner of Acme Trading"}
        for text in ("dora@", "Acme"):
            assert self.found(support, Invitation, text) == {"dora@example.org to Acme Trading"}


class TestRules:
    def test_the_last_owner_stays_owner(self, support, alice, bob):
        membership = alice.memberships.get()
        response = support.post(url(Membership, "change", membership.pk), {"role": "viewer"})
        assert "needs at least one owner" in response.content.decode()
        assert support.post(url(Membership, "delete", membership.pk), {"post": "yes"}).status_code == 403
        assert alice.memberships.get().role == Role.OWNER

    def test_another_member_may_change_and_go(self, support, alice, bob):
        membership = bob.memberships.get()
        support.post(url(Membership, "change", membership.pk), {"role": "viewer"})
        assert bob.memberships.get().role == Role.VIEWER
        support.post(url(Membership, "delete", membership.pk), {"post": "yes"})
        assert not bob.memberships.exists()

    def test_members_are_not_deleted_by_the_dozen(self, support, alice, bob):
        fields = {
            "action": "delete_selected",
            "_selected_action": [alice.memberships.get().pk],
            "post": "yes",
        }
        support.post(url(Membership, "changelist"), fields)
        assert alice.memberships.exists()

    def test_a_member_is_added_by_hand(self, support, alice, tenant):
        user = UserFactory.create()
        fields = {"user": user.pk, "tenant": tenant.pk, "role": "editor"}
        support.post(url(Membership, "add"), fields)
        assert user.memberships.get().role == Role.EDITOR

    @pytest.mark.parametrize("model", [Tenant, User, Invitation])
    def test_history_is_kept(self, superuser, model, invitation):
        row = model._default_manager.first()
        assert superuser.post(url(model, "delete", row.pk), {"post": "yes"}).status_code == 403

    def test_the_hash_of_an_invitation_is_not_shown(self, support, invitation):
        page = support.get(url(Invitation, "change", invitation.pk)).content.decode()
        assert invitation.token_hash not in page

    def test_a_tenants_page_shows_its_members_and_takes_a_time_zone(self, support, alice, tenant):
        page = support.get(url(Tenant, "change", tenant.pk)).content.decode()
        assert "alice@example.org" in page
        empty = {"membership_set-TOTAL_FORMS": "0", "membership_set-INITIAL_FORMS": "0"}
        fields = {"name": "Acme Ltd", "time_zone": "Europe/London", **empty}
        support.post(url(Tenant, "change", tenant.pk), fields)
        assert Tenant.objects.values_list("name", "time_zone").get(pk=tenant.pk) == (
            "Acme Ltd",
            "Europe/London",
        )


class TestUsers:
    FIELDS = {
        "email": "New@example.org",
        "full_name": "New Person",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }

    def test_support_makes_users_without_a_password_or_rights(self, support):
        support.post(url(User, "add"), self.FIELDS)
        user = User.objects.get(email="new@example.org")
        assert not user.has_usable_password()
        assert (user.is_staff, user.is_superuser) == (False, False)

    def test_support_does_not_make_itself_superuser(self, support, staff):
        support.post(url(User, "change", staff.pk), self.FIELDS | {"email": staff.email})
        staff.refresh_from_db()
        assert staff.full_name == "New Person"
        assert not staff.is_superuser

    def test_a_superuser_gives_rights(self, superuser):
        superuser.post(url(User, "add"), self.FIELDS)
        assert User.objects.get(email="new@example.org").is_staff

    def test_the_password_is_not_on_the_page(self, superuser, alice):
        page = superuser.get(url(User, "change", alice.pk)).content.decode()
        assert alice.password not in page


def test_the_pages_are_of_one_family(superuser):
    page = superuser.get("/admin/").content.decode()
    assert "ml-connector support" in page
    assert "support.css" in page


def test_organisations_of_the_same_name_are_both_found(support):
    TenantFactory.create_batch(2, name="Twin Peaks")
    response = support.get(url(Tenant, "changelist"), {"q": "twin p"})
    assert len(response.context["cl"].result_list) == 2
