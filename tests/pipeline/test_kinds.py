"""Every kind of document from the books to the partner: what it is sent as, what changes it, what holds it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Delivery, Notice
from audit.services import replay
from connections.models import Backfill, DocumentKind, Format, Hint, Poll, PollKind, Route
from connections.pipeline.fetch import fetch_hinted
from mappings.codecs import edifact, x12
from mappings.models import GLMapping, PartnerLink, TradingPartner
from mappings.models.partners import PartyKind
from tenants.models import User
from tests.factories import FileLayoutFactory, PartnerLinkFactory, RouteFactory
from tests.pipeline.conftest import World

NORTHWIND = 1561


@pytest.fixture
def suppliers(world: World) -> World:
    """The world with a vendor of ours linked to Acme, and no route for invoices."""
    world.route.is_on = False
    world.route.save()
    PartnerLinkFactory.create(
        partner=world.acme,
        connection=world.freshbooks,
        party_kind=PartyKind.VENDOR,
        party_id=str(NORTHWIND),
    )
    return world


def way(world: World, kind: str, wire_format: str = Format.X12, **options: Any) -> Route:
    """A route for documents of a kind."""
    return RouteFactory.create(
        tenant=world.tenant,
        source=world.freshbooks,
        target=world.sftp,
        kind=kind,
        format=wire_format,
        starts_at=timezone.now() - timedelta(minutes=1),
        **options,
    )


def sent(route: Route, **wanted: Any) -> Delivery:
    return Delivery.unscoped.get(route=route, **wanted)


def content(delivery: Delivery) -> bytes:
    assert delivery.interchange is not None
    return bytes(delivery.interchange.content)


def document_in(delivery: Delivery) -> Any:
    """The document as a partner reads it."""
    reader = x12 if content(delivery).startswith(b"ISA") else edifact
    found = [item for item in reader.read(content(delivery)) if isinstance(item, reader.Message)]
    assert len(found) == 1
    assert found[0].document is not None, list(found[0].report)
    return found[0].document


class TestBills:
    def test_a_bill_is_sent_to_its_vendor_as_an_order(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL)
        bill = suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.run()
        delivery = sent(route)
        order = document_in(delivery)
        assert delivery.is_delivered
        assert (delivery.number, delivery.amount) == (bill["bill_number"], order.total)
        assert order.number == bill["bill_number"]
        assert order.party_as("buyer").name == "Byron Supply"
        assert order.party_as("vendor").name == delivery.party_name
        assert [line.quantity for line in order.lines] == [2]
        assert b"65771" not in content(delivery), "the account we book it to is no business of the vendor's"
        assert suppliers.received() == [bill["bill_number"]]
        assert suppliers.complaints() == []

    def test_the_997_to_an_850_is_matched(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL)
        suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.run()
        suppliers.received()
        suppliers.run()
        assert sent(route).acknowledgement == "accepted"

    def test_its_accounts_become_the_partner_s_segments(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL)
        TradingPartner.unscoped.filter(pk=suppliers.acme.pk).update(
            needs_gl_segment=True,
            gl_segment_in_heading=True,
            overlay={"codes": {"reference": {"gl_segment": "11"}}},
        )
        suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.run()
        assert "GL segment" in sent(route).reason
        GLMapping.objects.create(
            tenant=suppliers.tenant,
            connection=suppliers.freshbooks,
            source_kind="account",
            source_key="65771",
            segment="4711",
        )
        suppliers.later()
        assert content(sent(route)).count(b"REF*11*4711~") == 2

    def test_an_unlinked_vendor_holds_it_and_its_link_releases_it(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL)
        PartnerLink.unscoped.filter(party_kind=PartyKind.VENDOR).delete()
        suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.run()
        assert "the FreshBooks vendor Northwind Paper" in sent(route).reason
        PartnerLinkFactory.create(
            partner=suppliers.acme,
            connection=suppliers.freshbooks,
            party_kind=PartyKind.VENDOR,
            party_id=str(NORTHWIND),
        )
        suppliers.later()
        assert sent(route).is_delivered

    def test_a_changed_bill_replaces_the_order_and_a_changed_vendor_does_not(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL)
        keeper = suppliers.books.bookkeeper
        bill = keeper.add_bill(NORTHWIND, notify=False)
        suppliers.run()
        keeper.edit_vendor(NORTHWIND, street="2 Quay", notify=False)
        keeper.pay_bill(bill["id"], "10.00")
        suppliers.run()
        assert Delivery.unscoped.filter(route=route).count() == 1
        keeper.edit_bill(bill["id"], due_offset_days=60, notify=False)
        suppliers.run()
        replacement = sent(route, revision=2)
        assert replacement.is_replacement
        assert document_in(replacement).purpose == "replace"

    def test_a_deleted_bill_does_not_go(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL, every_minutes=60)
        bill = suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.run()
        suppliers.books.bookkeeper.delete_bill(bill["id"], notify=False)
        suppliers.run()
        assert (sent(route).transfer, sent(route).reason_code) == ("skipped", "deleted")


class TestPayments:
    def test_a_client_s_payment_is_an_820_with_all_that_it_pays(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.PAYMENT)
        invoice = suppliers.book(po_number="PO-7781")
        payment = suppliers.books.bookkeeper.pay_invoice(invoice["id"], "1.00", notify=False, note="REM-5")
        suppliers.run()
        delivery = sent(route)
        advice = document_in(delivery)
        (line,) = advice.lines
        assert delivery.is_delivered
        assert (advice.number, advice.amount) == (str(payment["id"]), 1)
        assert (line.document.value, line.action) == (invoice["invoice_number"], "partial")
        assert line.gross == Decimal(invoice["amount"]["amount"])
        assert line.references[0].value == "PO-7781"
        assert advice.party_as("payee").name == "Byron Supply"
        assert advice.party_as("payer").name == delivery.party_name
        assert suppliers.complaints() == []

    def test_the_997_to_an_820_is_matched(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.PAYMENT)
        suppliers.books.bookkeeper.pay_invoice(suppliers.book()["id"], notify=False)
        suppliers.run()
        suppliers.received()
        suppliers.run()
        assert sent(route).acknowledgement == "accepted"

    def test_a_payment_that_was_entered_late_is_not_lost(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.PAYMENT)
        invoice = suppliers.book()
        suppliers.books.bookkeeper.pay_invoice(invoice["id"], notify=False, date="2026-01-02")
        suppliers.run()
        assert sent(route).is_delivered

    def test_a_webhook_s_payment_is_looked_up_with_its_invoice(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.PAYMENT)
        payment = suppliers.books.bookkeeper.pay_invoice(suppliers.book()["id"], notify=False)
        Hint.objects.create(connection=suppliers.freshbooks, noun="payment", object_id=str(payment["id"]))
        assert fetch_hinted(suppliers.freshbooks.pk) == 1
        assert sent(route).number == str(payment["id"])


class TestBillPayments:
    def test_a_bill_payment_is_an_820_to_the_vendor(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL_PAYMENT)
        bill = suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.books.bookkeeper.pay_bill(bill["id"])
        suppliers.run()
        advice = document_in(sent(route))
        (line,) = advice.lines
        assert (line.document.value, line.paid, line.action) == (bill["bill_number"], line.gross, "")
        assert advice.party_as("payee").name == sent(route).party_name
        assert advice.party_as("payer").name == "Byron Supply"
        assert suppliers.complaints() == []

    def test_a_bill_s_webhook_brings_its_payments(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL_PAYMENT)
        bill = suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.books.bookkeeper.pay_bill(bill["id"])
        Hint.objects.create(connection=suppliers.freshbooks, noun="bill", object_id=str(bill["id"]))
        fetch_hinted(suppliers.freshbooks.pk)
        assert sent(route)

    def test_one_dated_before_the_start_goes_if_it_was_entered_after_it(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL_PAYMENT)
        keeper = suppliers.books.bookkeeper
        bill = keeper.add_bill(NORTHWIND, notify=False)
        keeper.pay_bill(bill["id"], "1.00", paid_date="2026-01-02")
        suppliers.run()
        assert not Delivery.unscoped.filter(route=route).exists()
        late = keeper.pay_bill(bill["id"], "2.00", paid_date="2026-01-03")
        suppliers.run()
        assert sent(route).source_id == str(late["id"])

    def test_one_that_was_deleted_does_not_go(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.BILL_PAYMENT, every_minutes=60)
        keeper = suppliers.books.bookkeeper
        payment = keeper.pay_bill(keeper.add_bill(NORTHWIND, notify=False)["id"])
        suppliers.run()
        suppliers.books.bill_payments.change(payment["id"], {"vis_state": 1}, None)
        suppliers.run()
        assert (sent(route).transfer, sent(route).reason_code) == ("skipped", "deleted")
        before = len(suppliers.books.calls)
        suppliers.run()
        calls = list(suppliers.books.calls)[before:]
        asked = [call for call in calls if f"/{payment['id']}" in call["path"]]
        assert asked == [], "what is known to be deleted is not asked for again"


class TestEdifact:
    @pytest.mark.parametrize(
        ("kind", "message"),
        [
            (DocumentKind.INVOICE, b"INVOIC:D:96A:UN"),
            (DocumentKind.BILL, b"ORDERS:D:96A:UN"),
            (DocumentKind.PAYMENT, b"REMADV:D:96A:UN"),
            (DocumentKind.BILL_PAYMENT, b"REMADV:D:96A:UN"),
        ],
    )
    def test_every_kind_has_its_message(self, suppliers: World, kind: str, message: bytes) -> None:
        route = way(suppliers, kind, Format.EDIFACT)
        TradingPartner.unscoped.filter(pk=suppliers.acme.pk).update(
            edifact_sender_id="4012345000009",
            edifact_sender_qualifier="14",
            edifact_receiver_id="4098765000000",
            edifact_receiver_qualifier="14",
            acknowledges="contrl",
        )
        keeper = suppliers.books.bookkeeper
        keeper.pay_invoice(suppliers.book()["id"], "5.00", notify=False)
        keeper.pay_bill(keeper.add_bill(NORTHWIND, notify=False)["id"], payment_type="Cash")
        suppliers.run()
        delivery = sent(route)
        assert (delivery.transfer, delivery.acknowledgement) == ("delivered", "waiting")
        assert message in content(delivery)
        assert b"UNB+UNOC:3+4012345000009:14+4098765000000:14+" in content(delivery)
        assert document_in(delivery)
        suppliers.received()
        assert suppliers.complaints() == []
        suppliers.run()
        assert sent(route).acknowledgement == "accepted", "the CONTRL is matched"

    def test_without_ids_it_waits_for_them(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.INVOICE, Format.EDIFACT)
        TradingPartner.unscoped.filter(pk=suppliers.acme.pk).update(receiver_id="")
        suppliers.book()
        suppliers.run()
        assert "EDIFACT ids" in sent(route).reason


class TestOtherFormats:
    def test_an_invoice_and_a_bill_go_as_rsx(self, suppliers: World) -> None:
        routes = [
            way(suppliers, DocumentKind.INVOICE, Format.RSX_JSON),
            way(suppliers, DocumentKind.BILL, Format.RSX_XML),
        ]
        GLMapping.objects.create(
            tenant=suppliers.tenant,
            connection=suppliers.freshbooks,
            source_kind="account",
            source_key="65771",
            segment="4711",
        )
        suppliers.book()
        suppliers.books.bookkeeper.add_bill(NORTHWIND, notify=False)
        suppliers.run()
        assert "RSX trading partner id" in sent(routes[0]).reason
        TradingPartner.unscoped.filter(pk=suppliers.acme.pk).update(rsx_partner_id="4X7ALLNORTHLINE")
        suppliers.later()
        assert b'"TradingPartnerId":"4X7ALLNORTHLINE"' in content(sent(routes[0])).replace(b" ", b"")
        assert b"<TradingPartnerId>4X7ALLNORTHLINE</TradingPartnerId>" in content(sent(routes[1]))
        assert sent(routes[1]).acknowledgement == "none"

    def test_vendors_and_customers_go_to_one_partner_as_files(self, suppliers: World) -> None:
        columns = [{"name": "Name", "field": "party.name"}, {"name": "Number", "field": "number"}]
        for kind in ("vendor", "customer"):
            data = {"document": kind, "format": "csv", "direction": "write", "columns": columns}
            FileLayoutFactory.create(tenant=suppliers.tenant, data=data)
        routes = [
            way(suppliers, kind, Format.CSV, partner=suppliers.acme)
            for kind in (DocumentKind.VENDOR, DocumentKind.CUSTOMER)
        ]
        suppliers.books.bookkeeper.add_vendor("Ink Mill", notify=False)
        suppliers.books.bookkeeper.add_client("Quill & Co", notify=False)
        suppliers.run()
        assert [b"Ink Mill" in content(sent(routes[0])), b"Quill & Co" in content(sent(routes[1]))] == [
            True
        ] * 2
        assert sent(routes[0]).layout_version is not None
        suppliers.books.bookkeeper.edit_vendor("Ink Mill", vendor_name="Ink Works", notify=False)
        suppliers.run()
        assert b"Ink Works" in content(sent(routes[0], revision=2))

    def test_without_a_layout_a_file_is_held(self, suppliers: World) -> None:
        route = way(suppliers, DocumentKind.INVOICE, Format.CSV)
        suppliers.book()
        suppliers.run()
        assert sent(route).reason_code == "no_layout"


def test_a_replay_sends_an_820_anew(suppliers: World, alice: User) -> None:
    route = way(suppliers, DocumentKind.PAYMENT)
    suppliers.books.bookkeeper.pay_invoice(suppliers.book()["id"], notify=False)
    suppliers.run()
    before = sent(route)
    replay(before, actor=alice)
    suppliers.later()
    after = sent(route)
    assert after.is_delivered
    assert after.group_control != before.group_control
    assert after.interchange_name != before.interchange_name


@pytest.mark.parametrize(
    ("kind", "paid_on"), [(DocumentKind.PAYMENT, "date"), (DocumentKind.BILL_PAYMENT, "paid_date")]
)
def test_a_backfill_sends_payments_of_a_date_range(suppliers: World, kind: str, paid_on: str) -> None:
    route = way(suppliers, kind)
    keeper = suppliers.books.bookkeeper
    bill = keeper.add_bill(NORTHWIND, notify=False)
    invoice = suppliers.book()
    for day in ("2025-12-01", "2025-12-20"):
        if kind == DocumentKind.PAYMENT:
            keeper.pay_invoice(invoice["id"], "1.00", notify=False, date=day)
        else:
            keeper.pay_bill(bill["id"], "1.00", paid_date=day)
    Route.unscoped.filter(pk=route.pk).update(starts_at=timezone.now() + timedelta(days=1))
    suppliers.run()
    Backfill.objects.create(
        tenant=suppliers.tenant,
        route=route,
        date_from="2025-12-01",
        date_to="2025-12-10",
        requested_by="Ada",
    )
    suppliers.run()
    assert [str(one.document_date) for one in Delivery.unscoped.filter(route=route)] == ["2025-12-01"]


def test_a_plan_without_bills_stops_nothing_else(suppliers: World) -> None:
    way(suppliers, DocumentKind.BILL)
    route = way(suppliers, DocumentKind.PAYMENT)
    suppliers.books.faults.set("feature_gate", resource="bills")
    suppliers.books.bookkeeper.pay_invoice(suppliers.book()["id"], notify=False)
    suppliers.run()
    assert sent(route).is_delivered
    assert suppliers.is_active(suppliers.freshbooks)
    notice = Notice.unscoped.get()
    assert "does not include bills" in notice.text
    suppliers.books.faults.clear("feature_gate")
    suppliers.run()
    notice.refresh_from_db()
    assert notice.closed_at


def test_webhooks_are_asked_for_as_the_routes_need_them(suppliers: World) -> None:
    way(suppliers, DocumentKind.BILL_PAYMENT)
    way(suppliers, DocumentKind.PAYMENT)
    Poll.objects.filter(kind=PollKind.UPKEEP).update(next_at=timezone.now())
    suppliers.run()
    assert set(suppliers.freshbooks.callbacks.values_list("event", flat=True)) == {
        "invoice",
        "bill",
        "payment",
    }
