"""connections.views.bookings: where what partners send is booked, chosen from FreshBooks' own lists."""

import pytest

from connections.models import ConnectionState
from mappings.models import BookingMapping, PartnerLink
from tests.pages import freshbooks

books, server, connected = freshbooks.books, freshbooks.server, freshbooks.connected

ADD = "bookings/add/freshbooks/category/"
OFFICE = {"source_key": "PAPER-A4", "target_id": "65771", "partner": ""}


def bookings():
    return set(BookingMapping.unscoped.values_list("kind", "source_key", "target_id", "target_name"))


class TestWho:
    def test_it_checks_ownership(self, browse, press, world, charlie):
        browse(charlie, ADD, status=404)
        assert press(charlie, ADD, OFFICE).status_code == 404
        assert bookings() == set()

    def test_a_viewer_changes_nothing(self, browse, press, world, viewer):
        browse(viewer, ADD, status=403)
        assert press(viewer, ADD, OFFICE).status_code == 403


class TestBookings:
    def test_categories_are_offered_by_name_and_kept_with_it(self, browse, press, world, connected, bob):
        assert "Office Supplies" in browse(bob, ADD)
        press(bob, ADD, OFFICE)
        assert bookings() == {("category", "PAPER-A4", "65771", "Office Supplies")}
        assert "Office Supplies" in browse(bob, "partners/")

    def test_every_item_may_have_one_category(self, press, world, connected, bob):
        press(bob, ADD, OFFICE | {"source_key": ""})
        page = press(bob, ADD, OFFICE | {"source_key": ""}).content.decode()
        assert "It is mapped already" in page
        assert len(bookings()) == 1

    def test_journal_accounts_are_offered(self, browse, press, world, connected, bob):
        assert "Petty Cash (Cash)" in browse(bob, "bookings/add/freshbooks/account/")
        press(bob, "bookings/add/freshbooks/account/", {"source_key": "1000", "target_id": "635971"})
        assert {row[:3] for row in bookings()} == {("account", "1000", "635971")}

    def test_a_code_needs_to_be_given(self, press, world, connected, bob):
        press(bob, "bookings/add/freshbooks/account/", {"source_key": "", "target_id": "635971"})
        assert bookings() == set()

    def test_taxes_are_known_by_name(self, press, world, connected, bob):
        press(bob, "bookings/add/freshbooks/tax/", {"source_key": "state_sales", "target_name": "Sales Tax"})
        assert bookings() == {("tax", "state_sales", "", "Sales Tax")}

    @pytest.mark.parametrize("typed", ["65771", "no id"])
    def test_while_freshbooks_does_not_answer_the_id_is_typed(self, press, world, bob, typed):
        world.books.state = ConnectionState.NEEDS_SIGN_IN
        world.books.save()
        press(bob, ADD, OFFICE | {"target_id": typed})
        assert len(bookings()) == (typed == "65771")

    def test_one_is_changed_and_removed(self, browse, press, world, connected, bob):
        press(bob, ADD, OFFICE)
        path = f"bookings/{BookingMapping.unscoped.get().pk}/"
        press(bob, path, OFFICE | {"target_id": "65772"})
        assert {row[2] for row in bookings()} == {"65772"}
        press(bob, f"{path}remove/")
        assert bookings() == set()


class TestVendors:
    def test_a_vendor_is_linked(self, browse, press, world, connected, bob):
        page = browse(bob, "links/freshbooks/vendors/")
        assert "Northwind Paper" in page
        press(bob, "links/freshbooks/vendors/", {"partner-1561": "globex", "was-1561": ""})
        link = PartnerLink.unscoped.get(party_kind="vendor")
        assert (link.party_id, link.partner.code) == ("1561", "globex")
