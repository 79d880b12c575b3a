"""connections.views.segments: GL mappings, with the item chosen from FreshBooks' list."""

import pytest

from connections.models import ConnectionState
from mappings.models import GLMapping
from tests.factories import PartnerFactory
from tests.pages import freshbooks

books, server, connected = freshbooks.books, freshbooks.server, freshbooks.connected

ADD = "gl-mappings/add/freshbooks/"
GASKET = {"source_key": "Gasket", "segment": "4000-20", "partner": ""}


def edit(world):
    return f"gl-mappings/{world.tenant.glmapping_set.get(source_key='Widget, blue').pk}/"


def segments():
    return set(GLMapping.unscoped.values_list("source_key", "partner__code", "segment"))


class TestWho:
    def test_it_checks_ownership(self, browse, press, world, charlie):
        for path in (ADD, edit(world), f"{edit(world)}remove/"):
            browse(charlie, path, status=404)
            assert press(charlie, path, GASKET).status_code == 404
        assert len(segments()) == 1

    def test_a_strangers_mapping_is_not_reached_through_ones_own_organisation(self, client, world, charlie):
        client.force_login(charlie)
        assert client.post(f"/t/other-company/{edit(world)}remove/").status_code == 404

    def test_a_viewer_changes_nothing(self, browse, press, world, viewer):
        for path in (ADD, edit(world), f"{edit(world)}remove/"):
            browse(viewer, path, status=403)
            assert press(viewer, path, GASKET).status_code == 403

    def test_a_strangers_partner_cannot_be_chosen(self, press, world, bob):
        strange = PartnerFactory.create()
        page = press(bob, ADD, GASKET | {"partner": strange.pk}).content.decode()
        assert "Select a valid choice" in page

    def test_only_freshbooks_has_items(self, browse, world, bob):
        browse(bob, "gl-mappings/add/globex-server/", status=404)


class TestItems:
    def test_freshbooks_items_are_offered(self, browse, world, connected, bob):
        page = browse(bob, ADD)
        assert '<option value="Bolt set"></option>' in page
        assert page.count("<option value=") >= 5

    def test_while_freshbooks_does_not_answer_the_name_is_typed(self, browse, press, world, bob):
        world.books.state = ConnectionState.NEEDS_SIGN_IN
        world.books.save()
        page = browse(bob, ADD)
        assert "The items of FreshBooks cannot be listed now" in page
        assert "<datalist" not in page
        press(bob, ADD, GASKET)
        assert ("Gasket", None, "4000-20") in segments()

    def test_a_name_that_freshbooks_does_not_know_is_remarked_on_and_kept(self, press, world, connected, bob):
        page = press(bob, ADD, GASKET | {"source_key": "Gaskett"}, follow=True).content.decode()
        assert "FreshBooks has no item called “Gaskett”." in page
        assert ("Gaskett", None, "4000-20") in segments()


class TestSave:
    def test_for_every_partner_or_for_one(self, press, world, connected, bob):
        press(bob, ADD, GASKET)
        press(bob, ADD, GASKET | {"partner": world.partner.pk, "segment": "77"})
        assert {("Gasket", None, "4000-20"), ("Gasket", "globex", "77")} <= segments()

    @pytest.mark.parametrize("whose", ["", "own"])
    def test_an_item_has_one_segment_for_each(self, press, world, connected, bob, whose):
        data = GASKET | {"partner": world.partner.pk if whose else ""}
        press(bob, ADD, data)
        page = press(bob, ADD, data | {"segment": "99"}).content.decode()
        assert "already. Edit that one." in page
        assert GLMapping.unscoped.filter(source_key="Gasket").count() == 1

    def test_it_is_edited_and_removed(self, press, world, connected, bob):
        press(bob, edit(world), {"source_key": "Widget, blue", "segment": "4000-99", "partner": ""})
        assert segments() == {("Widget, blue", None, "4000-99")}
        press(bob, f"{edit(world)}remove/")
        assert segments() == set()
