"""connections.views.previews: a document as it would be sent now, or why it would be held; nothing is kept."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Delivery, Event, Payload
from connections.management.commands.run_pending import run_pending
from connections.models import Poll, SourceRecord
from mappings.models import PartnerLink, TradingPartner
from mappings.models.control_numbers import ControlNumber
from tests.factories import FileLayoutFactory
from tests.pages import freshbooks

books, server, connected = freshbooks.books, freshbooks.server, freshbooks.connected

PAGE = "routes/invoices-to-globex/preview/"


@pytest.fixture(autouse=True)
def _early(world):
    world.route.starts_at = timezone.now() - timedelta(days=3)
    world.route.save()


def book(connected, client=55001, **fields):
    return connected.bookkeeper.book_invoice(client, notify=False, **fields)


class TestWho:
    def test_it_checks_ownership(self, browse, world, charlie):
        browse(charlie, PAGE, status=404)

    def test_a_viewer_does_not_ask_freshbooks(self, browse, world, viewer):
        browse(viewer, PAGE, status=403)

    def test_it_is_only_looked_at(self, press, world, alice):
        assert press(alice, PAGE).status_code == 405


class TestPreview:
    def test_the_latest_is_shown_as_it_would_be_sent(self, browse, world, connected, bob):
        book(connected, po_number="PO-OLD", create_date="2026-01-01")
        book(connected, po_number="PO-NEW")
        page = browse(bob, PAGE)
        assert "*PO-NEW" in page
        assert "ISA*00*          *00*          *ZZ*BYRON          *ZZ*GLOBEX         *" in page
        assert "Globex on Globex server" in page
        assert "It would be held" not in page
        assert "What it says" in page

    def test_one_that_could_be_sent_comes_before_later_ones_of_strangers(self, browse, world, connected, bob):
        book(connected, po_number="PO-OURS")
        book(connected, client=55004, po_number="PO-STRANGER")
        page = browse(bob, PAGE)
        assert "*PO-OURS" in page
        PartnerLink.unscoped.all().delete()
        assert "It would be held" in browse(bob, PAGE)

    def test_nothing_is_kept_and_no_control_number_is_used_up(self, browse, world, connected, bob):
        book(connected)
        for _ in range(2):
            assert "*000000001*" in browse(bob, PAGE)
        assert not ControlNumber.objects.exists()
        assert not SourceRecord.objects.exists()
        assert not Delivery.unscoped.exists()
        assert not Event.unscoped.exists()
        assert not Payload.unscoped.exists()

    def test_it_is_byte_for_byte_what_goes_then(self, browse, world, connected, bob):
        book(connected)
        shown = re.search(r'<pre class="bytes"[^>]*>(.*?)</pre>', browse(bob, PAGE), re.DOTALL)
        assert shown
        Poll.objects.update(next_at=timezone.now())
        run_pending()
        interchange = Delivery.unscoped.get().interchange
        assert interchange
        sent = bytes(interchange.content).decode()
        # But for the time of day, to the minute in ISA10 and GS05.
        clock = re.compile(r"\*\d{4}(\d\d)?(?=\*)")
        assert clock.sub("*", shown[1].replace("\n", "").replace("&gt;", ">")) == clock.sub("*", sent)

    def test_another_one_is_chosen_from_the_list_or_by_its_number(self, browse, world, connected, bob):
        first = book(connected, po_number="PO-FIRST")
        book(connected, po_number="PO-SECOND")
        assert "*PO-FIRST" in browse(bob, PAGE, document=str(first["id"]))
        assert "*PO-FIRST" in browse(bob, PAGE, number=first["invoice_number"])
        page = browse(bob, PAGE, number="no-such-number")
        assert "FreshBooks has no document with this number." in page

    def test_gl_segments_stand_in_it(self, browse, world, connected, bob):
        line = {"name": "Widget, blue", "qty": "2", "unit_cost": {"amount": "10.00", "code": "USD"}}
        book(connected, lines=[line])
        assert "GL segment 4000-10" in browse(bob, PAGE)

    @pytest.mark.parametrize("hostile", ["../../etc", "<script>", "1;2", " "])
    def test_nonsense_in_the_address_asks_for_nothing_strange(self, browse, world, connected, bob, hostile):
        book(connected, po_number="PO-1")
        assert "*PO-1" in browse(bob, PAGE, document=hostile)


class TestOtherKinds:
    @pytest.mark.parametrize(
        ("kind", "wire_format", "texts"),
        [
            ("bill", "x12", ["*850*", "BEG*00*SA*INV-", "Buyer"]),
            ("bill", "edifact", ["ORDERS:D:96A:UN"]),
            ("bill", "rsx_xml", ["&lt;Order", "TradingPartnerId"]),
            ("payment", "x12", ["*820*", "RMR*IV*", "Paid in all"]),
            ("bill_payment", "edifact", ["REMADV:D:96A:UN", "Paid in all"]),
            ("vendor", "csv", ["Northwind Paper", "Vendor"]),
        ],
    )
    def test_every_kind_is_shown_as_it_would_be_sent(
        self, browse, world, connected, bob, kind, wire_format, texts
    ):
        PartnerLink.unscoped.create(
            tenant=world.tenant,
            connection=world.books,
            party_kind="vendor",
            party_id="1561",
            partner=world.partner,
        )
        TradingPartner.unscoped.filter(pk=world.partner.pk).update(rsx_partner_id="4X7ALLGLOBEX")
        columns = [{"name": "Name", "field": "party.name"}]
        data = {"document": "vendor", "format": "csv", "direction": "write", "columns": columns}
        FileLayoutFactory.create(tenant=world.tenant, data=data)
        route = world.route
        route.kind, route.format, route.partner = (
            kind,
            wire_format,
            world.partner if kind == "vendor" else None,
        )
        route.batch = True
        route.save()
        keeper = connected.bookkeeper
        keeper.pay_invoice(book(connected)["id"], notify=False)
        keeper.pay_bill(keeper.add_bill(1561, notify=False)["id"], "10.00")
        page = browse(bob, PAGE)
        assert "It would be held" not in page, re.findall(r"It would be held.*", page)
        for text in texts:
            assert text in page
        assert not Delivery.unscoped.exists()

    def test_a_bill_is_found_by_its_number(self, browse, world, connected, bob):
        world.route.kind = "bill"
        world.route.save()
        bill = connected.bookkeeper.add_bill(1561, notify=False)
        page = browse(bob, PAGE, number=bill["bill_number"])
        assert "the FreshBooks vendor Northwind Paper is not linked to a trading partner." in page
        assert 'href="/t/acme-trading/links/freshbooks/vendors/">Link vendors' in page


class TestHindrances:
    def test_an_unlinked_client(self, browse, world, connected, bob):
        invoice = book(connected, client=55006)
        page = browse(bob, PAGE, number=invoice["invoice_number"])
        assert "the FreshBooks client Foxglove Florist is not linked to a trading partner." in page
        assert 'href="/t/acme-trading/links/freshbooks/">Link clients' in page
        assert "<pre" not in page
        assert "What it says" in page

    def test_what_else_is_missing_is_said_at_once(self, browse, world, connected, bob):
        world.partner.places.all().delete()
        world.partner.needs_gl_segment = True
        world.partner.save()
        book(
            connected, lines=[{"name": "Gasket", "qty": "1", "unit_cost": {"amount": "3.20", "code": "USD"}}]
        )
        page = browse(bob, PAGE)
        assert page.count("It would be held") == 2
        assert "Add a delivery place" in page
        assert "“Gasket” has none." in page

    def test_a_document_that_cannot_be_read(self, browse, world, connected, bob):
        row = book(connected)
        connected.invoices.table.rows[row["id"]]["amount"] = {"amount": "1.00", "code": "USD"}
        page = browse(bob, PAGE)
        assert "It would be held" in page
        assert "Correct it in FreshBooks." in page


class TestNotes:
    def test_a_draft_goes_once_it_is_sent(self, browse, world, connected, bob):
        connected.invoices.table.clear()
        draft = book(connected, status=1)
        assert "There are only drafts" in browse(bob, PAGE)
        page = browse(bob, PAGE, document=str(draft["id"]))
        assert "It is a draft in FreshBooks." in page
        assert "<pre" in page

    def test_what_was_booked_before_the_routes_start(self, browse, world, connected, bob):
        book(connected)
        world.route.starts_at = timezone.now() + timedelta(days=2)
        world.route.save()
        assert "It was booked before the start of this route" in browse(bob, PAGE)

    def test_what_was_taken_in_before_leads_there(self, browse, world, connected, bob):
        book(connected)
        Poll.objects.update(next_at=timezone.now())
        run_pending()
        assert Delivery.unscoped.get().get_absolute_url() in browse(bob, PAGE)

    def test_a_dry_run_is_shown_all_the_same(self, browse, world, connected, bob):
        world.route.dry_run = True
        world.route.save()
        book(connected)
        page = browse(bob, PAGE)
        assert "(dry run: it would not be sent)" in page
        assert "<pre" in page


class TestTrouble:
    def test_empty_books_say_so(self, browse, world, connected, bob):
        connected.invoices.table.clear()
        assert "FreshBooks has no such document." in browse(bob, PAGE)

    def test_freshbooks_that_does_not_answer_is_named_with_what_to_do(self, browse, world, bob, settings):
        settings.OUTBOUND_ALLOW_LOOPBACK = True
        world.books.settings = {}
        world.books.save()
        page = browse(bob, PAGE)
        assert "No FreshBooks business is chosen yet." in page
        assert "Try again" in page


def test_links_are_looked_up_for_the_routes_own_connection(browse, world, connected, bob):
    PartnerLink.unscoped.all().delete()
    book(connected)
    assert "is not linked to a trading partner" in browse(bob, PAGE)
