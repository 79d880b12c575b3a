"""Trading partners and mappings at the support's desk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from mappings.admin.partners import MOST_ROWS_INLINE
from mappings.models import DeliveryPlace, GLMapping, PartnerLink, TradingPartner
from tenants.models import User
from tests.admin.conftest import World
from tests.factories import ConnectionFactory, PartnerFactory, TenantFactory


def page_of(partner: TradingPartner) -> str:
    return reverse("admin:mappings_tradingpartner_change", args=[partner.pk])


def filled_in(desk: Client, url: str, **changes: str) -> dict[str, Any]:
    """What the browser would send back of the form at `url`."""
    answer = desk.get(url)
    forms = [answer.context["adminform"].form]
    formsets = answer.context["inline_admin_formsets"]
    for inline in formsets:
        forms += [inline.formset.management_form, *inline.formset.forms]
    said: dict[str, Any] = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value not in (None, False):
                said[bound.html_name] = value
    return {**said, **changes}


class TestPartner:
    def test_it_is_changed_with_what_belongs_to_it(self, world: World, desk: Client) -> None:
        url = page_of(world.partner)
        said = filled_in(
            desk,
            url,
            **{
                "vendor_number": "V-17",
                "places-0-outbound": "/globex/new",
                "gl_mappings-0-segment": "500-20",
                "links-TOTAL_FORMS": "2",
                "links-1-connection": str(world.books.pk),
                "links-1-party_kind": "client",
                "links-1-party_id": "55002",
                "links-1-partner": str(world.partner.pk),
            },
        )
        answer = desk.post(url, said)
        assert answer.status_code == 302, answer.context["errors"]
        world.partner.refresh_from_db()
        assert world.partner.vendor_number == "V-17"
        assert DeliveryPlace.unscoped.get(partner=world.partner).outbound == "/globex/new"
        assert GLMapping.unscoped.get(partner=world.partner).segment == "500-20"
        added = PartnerLink.unscoped.get(party_id="55002")
        assert (added.partner, added.tenant) == (world.partner, world.tenant)

    @pytest.mark.parametrize(
        ("overlay", "message"),
        [
            ("{", "Line 1, column 2: this is not JSON"),
            ('{\n "a": 1,\n}', "Line 3, column 1: this is not JSON"),
            ("[]", "the settings must be an object"),
            ('{"nonsense": 1}', "nonsense: there is no such setting"),
        ],
    )
    def test_a_mistake_in_the_deviations_is_named(
        self, world: World, desk: Client, overlay: str, message: str
    ) -> None:
        url = page_of(world.partner)
        answer = desk.post(url, filled_in(desk, url, overlay=overlay))
        assert answer.status_code == 200
        assert message in answer.content.decode()
        world.partner.refresh_from_db()
        assert world.partner.overlay == {}

    def test_empty_deviations_are_none(self, world: World, desk: Client) -> None:
        url = page_of(world.partner)
        assert desk.post(url, filled_in(desk, url, overlay="")).status_code == 302
        world.partner.refresh_from_db()
        assert world.partner.overlay == {}

    def test_only_the_organisations_own_connections_are_offered(self, world: World, desk: Client) -> None:
        strange = ConnectionFactory.create(name="Strange server")
        url = page_of(world.partner)
        assert "Strange server" not in desk.get(url).content.decode()
        answer = desk.post(url, filled_in(desk, url, **{"places-0-connection": str(strange.pk)}))
        assert answer.status_code == 200
        assert DeliveryPlace.unscoped.get(partner=world.partner).connection == world.server

    def test_long_tables_are_not_squeezed_into_the_page(self, world: World, desk: Client) -> None:
        GLMapping.unscoped.bulk_create(
            GLMapping(
                tenant=world.tenant,
                connection=world.books,
                partner=world.partner,
                source_key=f"Item {number}",
                segment="1",
            )
            for number in range(MOST_ROWS_INLINE)
        )
        formsets = desk.get(page_of(world.partner)).context["inline_admin_formsets"]
        assert [inline.opts.model for inline in formsets] == [DeliveryPlace, PartnerLink]

    def test_a_new_one_gets_its_organisation_first(self, world: World, desk: Client) -> None:
        url = reverse("admin:mappings_tradingpartner_add")
        assert desk.get(url).context["inline_admin_formsets"] == []
        said = filled_in(desk, url, tenant=str(world.tenant.pk), name="Initech", code="initech")
        said |= {"sender_id": "BYRON", "receiver_id": "INITECH"}
        assert desk.post(url, said).status_code == 302
        assert TradingPartner.unscoped.get(code="initech").tenant == world.tenant

    def test_it_never_moves_to_another_organisation(self, world: World, desk: Client) -> None:
        other, url = TenantFactory.create(), page_of(world.partner)
        desk.post(url, filled_in(desk, url, tenant=str(other.pk), code="other"))
        world.partner.refresh_from_db()
        assert (world.partner.tenant, world.partner.code) == (world.tenant, "globex")

    def test_it_is_found_by_its_ids(self, world: World, desk: Client) -> None:
        TradingPartner.unscoped.filter(pk=world.partner.pk).update(vendor_number="V-99")
        for text in ("Glob", "globex", "GLOBEX", "V-99", "Acme"):
            answer = desk.get(reverse("admin:mappings_tradingpartner_changelist"), {"q": text})
            assert page_of(world.partner) in answer.content.decode(), text


class TestLinksAndMappings:
    def test_a_new_link_belongs_to_the_connections_organisation(self, world: World, desk: Client) -> None:
        said = {
            "connection": world.books.pk,
            "party_kind": "client",
            "party_id": "55009",
            "partner": world.partner.pk,
        }
        assert desk.post(reverse("admin:mappings_partnerlink_add"), said).status_code == 302
        assert PartnerLink.unscoped.get(party_id="55009").tenant == world.tenant

    def test_organisations_are_not_mixed(self, world: World, desk: Client) -> None:
        said = {
            "connection": world.books.pk,
            "party_kind": "client",
            "party_id": "55009",
            "partner": PartnerFactory.create().pk,
        }
        answer = desk.post(reverse("admin:mappings_partnerlink_add"), said)
        assert "belong to different organisations" in answer.content.decode()
        assert not PartnerLink.unscoped.filter(party_id="55009").exists()

    def test_a_party_is_linked_once(self, world: World, desk: Client) -> None:
        said = {
            "connection": world.books.pk,
            "party_kind": "client",
            "party_id": "55001",
            "partner": world.partner.pk,
        }
        assert desk.post(reverse("admin:mappings_partnerlink_add"), said).status_code == 200
        assert PartnerLink.unscoped.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_held_documents_are_looked_at_again(self, world: World, desk: Client) -> None:
        OrmQ.objects.all().delete()
        mapping = GLMapping.unscoped.get()
        said = {
            "connection": world.books.pk,
            "partner": world.partner.pk,
            "source_kind": "item",
            "source_key": "Widget",
            "segment": "700-70",
        }
        url = reverse("admin:mappings_glmapping_change", args=[mapping.pk])
        assert desk.post(url, said).status_code == 302
        tasks = [(row.task["func"], row.task["args"]) for row in OrmQ.objects.all()]
        assert tasks == [("connections.tasks.release_held", (world.tenant.pk,))]

    def test_a_mapping_can_be_deleted(self, world: World, desk: Client) -> None:
        mapping = GLMapping.unscoped.get()
        desk.post(reverse("admin:mappings_glmapping_delete", args=[mapping.pk]), {"post": "yes"})
        assert not GLMapping.unscoped.exists()


def test_control_numbers_are_only_shown(world: World, desk: Client) -> None:
    from mappings.models.control_numbers import ControlNumber

    row = ControlNumber.objects.get()
    url = reverse("admin:mappings_controlnumber_change", args=[row.pk])
    assert desk.post(url, {"last": "1"}).status_code == 403
    row.refresh_from_db()
    assert row.last == 42


def test_changes_stand_in_the_history_with_the_user(world: World, desk: Client, sam: User) -> None:
    url = page_of(world.partner)
    desk.post(url, filled_in(desk, url, vendor_number="V-1"))
    text = desk.get(
        reverse("admin:mappings_tradingpartner_history", args=[world.partner.pk])
    ).content.decode()
    assert "sam@example.org" in text
    assert "Our vendor number" in text
