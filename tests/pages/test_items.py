"""connections.views.items: a partner's part numbers, with the item chosen from FreshBooks' list."""

import pytest

from mappings.models import ItemMapping
from tests.pages import freshbooks

books, server, connected = freshbooks.books, freshbooks.server, freshbooks.connected

GASKET = {"buyer_item": "0093371", "item": "Gasket", "gtin": "036000291452", "unit": "CA"}


@pytest.fixture
def add(world):
    return f"partners/{world.partner.code}/items/add/freshbooks/"


@pytest.fixture
def mapping(world):
    return ItemMapping.unscoped.create(
        tenant=world.tenant, connection=world.books, partner=world.partner, buyer_item="77", item="Bolt set"
    )


def test_it_checks_ownership(browse, press, world, charlie, viewer, add, mapping):
    for path in (add, f"items/{mapping.pk}/", f"items/{mapping.pk}/remove/"):
        browse(charlie, path, status=404)
        assert press(charlie, path, GASKET).status_code == 404
        browse(viewer, path, status=403)
    assert ItemMapping.unscoped.count() == 1


def test_a_strangers_mapping_is_not_reached_through_ones_own_organisation(client, charlie, mapping):
    client.force_login(charlie)
    assert client.post(f"/t/other-company/items/{mapping.pk}/remove/").status_code == 404


def test_it_is_added_edited_and_removed(browse, press, connected, world, bob, add):
    assert '<option value="Bolt set"></option>' in browse(bob, add)
    assert press(bob, add, GASKET).status_code == 302
    mapping = ItemMapping.unscoped.get()
    assert (mapping.partner, mapping.item, mapping.gtin) == (world.partner, "Gasket", "036000291452")
    page = browse(bob, f"partners/{world.partner.code}/")
    assert "0093371" in page
    assert "036000291452" in page

    press(bob, f"items/{mapping.pk}/", GASKET | {"unit": ""})
    assert ItemMapping.unscoped.get().unit == ""

    press(bob, f"items/{mapping.pk}/remove/", {})
    assert not ItemMapping.unscoped.exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"buyer_item": "77"}, "mapped already"),
        ({"item": "Bolt set"}, "mapped already"),
        ({"gtin": "12"}, "8, 12, 13 or 14 digits"),
        ({"unit": "each"}, "at most 3"),
        ({"buyer_item": ""}, "required"),
    ],
)
def test_what_cannot_be_is_said(press, world, bob, add, mapping, change, said):
    assert said in press(bob, add, GASKET | change).content.decode()
