"""connections.views.links: which FreshBooks client is which partner, from FreshBooks' own list."""

import re

import pytest

from connections.models import ConnectionState
from mappings.models import PartnerLink
from tests.factories import ConnectionFactory, PartnerFactory
from tests.pages import freshbooks

books, server, connected = freshbooks.books, freshbooks.server, freshbooks.connected

PAGE = "links/freshbooks/"


def clients(page):
    return re.findall(r'<th scope="row">(.+?) <span', page)


def choice(party, code, was="", name="Somebody"):
    return {f"partner-{party}": code, f"was-{party}": was, f"name-{party}": name}


def links():
    return dict(PartnerLink.unscoped.values_list("party_id", "partner__code"))


class TestWho:
    def test_it_checks_ownership(self, browse, press, world, charlie):
        browse(charlie, PAGE, status=404)
        assert press(charlie, PAGE, choice("55006", "globex")).status_code == 404
        assert links() == {"55001": "globex"}

    def test_a_viewer_links_nobody(self, browse, press, world, viewer):
        browse(viewer, PAGE, status=403)
        assert press(viewer, PAGE, choice("55006", "globex")).status_code == 403

    def test_a_strangers_partner_cannot_be_chosen(self, press, world, bob):
        PartnerFactory.create(code="strange")
        press(bob, PAGE, choice("55006", "strange"))
        assert links() == {"55001": "globex"}

    def test_only_freshbooks_has_clients(self, browse, world, bob):
        browse(bob, "links/globex-server/", status=404)


class TestList:
    def test_it_is_the_list_that_freshbooks_holds_now(self, browse, world, connected, bob):
        page = browse(bob, PAGE)
        assert "Acme Retail" in clients(page)
        assert len(clients(page)) == 6
        assert "cannot be asked" not in page

    def test_those_with_held_documents_come_first_then_those_without_a_link(
        self, browse, world, connected, bob
    ):
        for _ in range(3):
            world.delivery("held", party_id="55004", party_name="Delta Hardware")
        world.delivery("held", party_id="55006", party_name="Foxglove Florist")
        page = browse(bob, PAGE)
        assert clients(page)[:2] == ["Delta Hardware", "Foxglove Florist"]
        assert clients(page)[-1] == "Acme Retail", "it is linked"
        assert '<span class="badge attention">3</span>' in page

    def test_what_is_linked_is_chosen(self, browse, world, connected, bob):
        assert '<option value="globex" selected>Globex</option>' in browse(bob, PAGE)

    def test_an_unlinked_client_can_become_a_partner(self, browse, world, connected, bob):
        assert "/partners/add/?name=Foxglove%20Florist" in browse(bob, PAGE)

    def test_one_is_found_by_a_part_of_its_name(self, browse, world, connected, bob):
        assert clients(browse(bob, PAGE, q="grocer")) == ["Bluebell Grocers"]
        assert "Nobody found" in browse(bob, PAGE, q="nobody")

    def test_a_long_list_is_cut_and_says_so(self, browse, world, connected, bob, monkeypatch):
        monkeypatch.setattr("connections.views.links.ROWS", 4)
        assert "There are 2 more." in browse(bob, PAGE)

    def test_while_freshbooks_does_not_answer_the_known_ones_can_be_linked(
        self, browse, press, world, connected, bob
    ):
        world.books.state = ConnectionState.NEEDS_SIGN_IN
        world.books.save()
        world.delivery("held", party_id="55006", party_name="Foxglove Florist")
        page = browse(bob, PAGE)
        assert "FreshBooks cannot be asked now" in page
        assert clients(page) == ["Foxglove Florist", "Globex Corporation"]

    def test_without_partners_it_says_what_to_do(self, browse, world, connected, bob):
        world.partner.delete()
        assert "Add the companies that your documents go to; then link them." in browse(bob, PAGE)

    def test_the_partners_tab_is_the_current_one(self, browse, world, bob):
        assert '<a href="/t/acme-trading/partners/" aria-current="page">' in browse(bob, PAGE)


class TestVendors:
    """Bills and bill payments go to partners that are linked to vendors."""

    PAGE = "links/freshbooks/vendors/"

    def test_it_checks_ownership(self, browse, world, charlie, viewer):
        browse(charlie, self.PAGE, status=404)
        browse(viewer, self.PAGE, status=403)

    def test_vendors_are_listed_and_linked_apart_from_clients(self, browse, press, world, connected, bob):
        world.delivery("held", party_kind="vendor", party_id="1561", party_name="Northwind Paper")
        page = browse(bob, self.PAGE)
        assert clients(page)[0] == "Northwind Paper"
        assert "Acme Retail" not in page
        assert "Northwind Paper" not in browse(bob, PAGE)
        data = choice("1561", "globex", name="Northwind Paper") | choice("55001", "globex")
        assert "2 vendors are linked." in press(bob, self.PAGE, data, follow=True).content.decode()
        assert PartnerLink.unscoped.filter(party_id="55001").count() == 2, "a vendor may have a client's id"


class TestSave:
    def test_several_are_linked_at_once(self, press, world, bob):
        PartnerFactory.create(tenant=world.tenant, code="delta")
        data = choice("55004", "delta", name="Delta Hardware") | choice("55006", "globex")
        page = press(bob, PAGE, data, follow=True).content.decode()
        assert "2 clients are linked." in page
        assert links() == {"55001": "globex", "55004": "delta", "55006": "globex"}
        assert PartnerLink.unscoped.get(party_id="55004").party_name == "Delta Hardware"

    def test_a_link_is_moved_or_removed(self, press, world, bob):
        PartnerFactory.create(tenant=world.tenant, code="delta")
        press(bob, PAGE, choice("55001", "delta", was="globex"))
        assert links() == {"55001": "delta"}
        press(bob, PAGE, choice("55001", "", was="delta"))
        assert links() == {}

    def test_what_somebody_else_linked_meanwhile_stays(self, press, world, bob):
        """The page was loaded while 55001 was linked to nobody; its row was not touched."""
        press(bob, PAGE, choice("55001", "", was="") | choice("55006", "globex"))
        assert links() == {"55001": "globex", "55006": "globex"}

    @pytest.mark.parametrize("party", ["", "x" * 41, "55/../1", "<b>"])
    def test_what_is_no_id_is_passed_over(self, press, world, bob, party):
        press(bob, PAGE, choice(party, "globex"))
        assert links() == {"55001": "globex"}

    def test_each_freshbooks_connection_has_links_of_its_own(self, press, world, bob):
        ConnectionFactory.create(tenant=world.tenant, key="second")
        press(bob, "links/second/", choice("55001", "globex"))
        assert PartnerLink.unscoped.filter(party_id="55001").count() == 2
