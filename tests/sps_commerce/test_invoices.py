"""FreshBooks invoices and bills go to retailers as RSX invoices and shipments, with what their orders said."""

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from audit.models import Delivery
from connections.models import Route
from connections.pipeline import intake
from connections.pipeline.prepare import recheck_tenant
from connections.pipeline.preview import look as preview
from connections.sandbox import sps_commerce as sandbox
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.freshbooks import FreshBooks
from connections.systems.registry import open_system
from connections.systems.sps_commerce import api
from tenants.models import Tenant, User
from tests.freshbooks.conftest import books, server
from tests.sps_commerce.conftest import calls
from tests.sps_commerce.world import ACME, World

__all__ = ["books", "server"]


@pytest.fixture
def world(transactional_db: None, tenant: Tenant, books: Books, server: Any, sps: sandbox.Running) -> World:
    made = World(tenant, books, sps)
    made.item("BRKT-8", "Shelf bracket", gtin="036000291452")
    return made


def line(name: str = "Shelf bracket", qty: str = "24", price: str = "2.50") -> dict[str, Any]:
    return {
        "name": name,
        "description": f"{name}, steel",
        "qty": qty,
        "unit_cost": {"amount": price, "code": "USD"},
    }


def book(world: World, *lines: Mapping[str, Any], **fields: Any) -> str:
    """A sent invoice of Acme's, taken in along the routes."""
    kept: dict[str, Any] = {
        name: fields.pop(name) for name in ("po_number", "fulfillment_date") if name in fields
    }
    row = world.books.bookkeeper.book_invoice(
        int(ACME), lines=[*lines] or [line()], po_number="77120", notify=False, **fields
    )
    world.books.tables["invoices"].rows[row["id"]].update(kept)
    return take_in(world, "invoice", row["id"])


def take_in(world: World, noun: str, number: int) -> str:
    with open_system(world.freshbooks) as system:
        assert isinstance(system, FreshBooks)
        found = system.fetch(noun, str(number))
        assert found is not None
        [record] = system.complete([found])
    intake.take_in(world.freshbooks, record, read_at=timezone.now(), via="poll")
    return str(number)


def received_order(world: World, **fields: Any) -> None:
    """The order came in before, and became a bill."""
    world.inbound()
    world.sps.sps.book_order(**{"number": "77120", "CustomerOrderNumber": "C-9", **fields})
    world.poll()


def sent(world: World) -> dict[str, Any]:
    """The only file in `in/`, which no retailer complains of."""
    [content] = world.sps.sps.files("in/").values()
    assert world.sps.sps.complaints() == []
    found: dict[str, Any] = json.loads(content)
    return found


def of(kind: str) -> Delivery:
    return Delivery.unscoped.get(kind=kind, arrived__isnull=True)


class TestInvoices:
    def test_an_invoice_for_an_order_carries_what_the_order_said(self, world: World) -> None:
        received_order(world)
        world.outbound()
        book(world)

        world.deliver()

        document = sent(world)
        header = document["Header"]["InvoiceHeader"]
        assert header["TradingPartnerId"] == "4X7ALLNORTHLINE"
        assert header["PurchaseOrderNumber"] == "77120"
        assert header["PurchaseOrderDate"] == "2026-02-20"
        assert (header["InvoiceTypeCode"], header["PrimaryPOTypeCode"], header["BuyersCurrency"]) == (
            "DR",
            "SA",
            "USD",
        )
        assert (header["Department"], header["Vendor"]) == ("041", "N4410")
        assert header["CustomerOrderNumber"] == "C-9"
        [ship_to] = [one for one in document["Header"]["Address"] if one["AddressTypeCode"] == "ST"]
        assert (ship_to["LocationCodeQualifier"], ship_to["AddressLocationNumber"]) == ("92", "0417")
        assert {one["AddressTypeCode"] for one in document["Header"]["Address"]} >= {"BY", "RI", "ST"}
        [invoiced] = [one["InvoiceLine"] for one in document["LineItem"]]
        assert (invoiced["LineSequenceNumber"], invoiced["BuyerPartNumber"]) == ("001", "BRKT-8")
        assert invoiced["ConsumerPackageCode"] == "036000291452"
        assert (invoiced["InvoiceQty"], invoiced["PurchasePrice"]) == (24, 2.5)
        assert document["Summary"]["TotalAmount"] == 60
        [terms] = document["Header"]["PaymentTerms"]
        assert terms["TermsNetDueDays"] == 30
        assert (terms["TermsType"], terms["TermsBasisDateCode"]) == ("01", "3")

    def test_xml_says_the_same(self, world: World) -> None:
        received_order(world)
        world.outbound(format="rsx_xml")
        book(world)

        world.deliver()

        [(path, content)] = world.sps.sps.files("in/").items()
        assert path.endswith(".xml")
        assert b"<PurchaseOrderDate>2026-02-20</PurchaseOrderDate>" in content
        assert world.sps.sps.complaints() == []

    def test_without_the_order_it_goes_with_what_freshbooks_knows(self, world: World) -> None:
        world.outbound()
        book(world)

        world.deliver()

        header = sent(world)["Header"]["InvoiceHeader"]
        assert header["PurchaseOrderNumber"] == "77120"
        assert "PurchaseOrderDate" not in header

    def test_without_a_po_number_it_is_held_and_says_so(self, world: World) -> None:
        world.outbound()
        book(world, po_number="")

        assert of("invoice").reason_code == "no_po_number"

    def test_what_the_retailer_insists_on_is_asked_for_by_name_until_the_order_comes(
        self, world: World
    ) -> None:
        world.retailer.rsx_overlay = {"required": ["Header.InvoiceHeader.PurchaseOrderDate"]}
        world.retailer.save()
        world.outbound()
        book(world)
        held = of("invoice")
        assert held.document == "held"
        assert "PurchaseOrderDate is missing" in held.reason

        received_order(world)
        recheck_tenant(world.tenant.pk)
        world.deliver()

        assert sent(world)["Header"]["InvoiceHeader"]["PurchaseOrderDate"] == "2026-02-20"

    def test_a_line_without_a_part_number_of_theirs_is_held_by_name(self, world: World) -> None:
        world.retailer.needs_part_numbers = True
        world.retailer.save()
        world.outbound()
        book(world, line(), line("Gasket"))
        held = of("invoice")
        assert held.reason_code == "no_part_number"
        assert "“Gasket”" in held.reason

        world.item("GSK-1", "Gasket")
        recheck_tenant(world.tenant.pk)
        world.deliver()

        assert [one["InvoiceLine"]["BuyerPartNumber"] for one in sent(world)["LineItem"]] == [
            "BRKT-8",
            "GSK-1",
        ]

    def test_the_order_of_another_partner_is_not_this_one(self, world: World) -> None:
        received_order(world, partner="SOMEBODYELSE")
        world.outbound()
        book(world)

        world.deliver()

        assert "PurchaseOrderDate" not in sent(world)["Header"]["InvoiceHeader"]

    def test_an_unchanged_invoice_is_never_uploaded_twice(self, world: World) -> None:
        world.outbound()
        number = book(world)
        world.deliver()
        take_in(world, "invoice", int(number))
        world.later()
        world.deliver()

        assert len(calls(world.sps, "POST", "/in/")) == 1

    @pytest.mark.parametrize("consumed", [False, True], ids=["still there", "taken by SPS"])
    def test_after_a_lost_answer_it_is_found_and_not_uploaded_again(
        self, world: World, consumed: bool
    ) -> None:
        world.outbound()
        book(world)
        world.sps.sps.faults.set("reply_lost", times=1, method="POST")
        if consumed:
            world.sps.sps.faults.set("consumed_at_once")

        world.deliver()
        assert of("invoice").transfer == "waiting"
        world.later()
        world.deliver()

        assert of("invoice").transfer == "delivered"
        assert len(world.sps.sps.store.history) == 1
        assert world.story(of("invoice"))[-1] == "delivered"

    def test_429_pauses_the_connection_and_not_the_worker(self, world: World) -> None:
        world.outbound()
        book(world)
        world.sps.sps.faults.set("rate_limited", times=1, retry_after=30)

        world.deliver()

        world.connection.refresh_from_db()
        assert world.connection.is_paused()
        world.later()
        world.deliver()
        assert of("invoice").transfer == "delivered"


def test_an_answer_that_is_too_large_is_tried_again_like_any_passing_trouble(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.outbound()
    book(world)
    monkeypatch.setattr(api, "LARGEST_FILE", 10)

    world.deliver()

    assert (of("invoice").transfer, of("invoice").reason_code) == ("waiting", "temporary")


class TestShipNotices:
    @pytest.mark.parametrize("wish", [{"kind": "payment"}, {"format": "x12"}, {"format": "csv"}])
    def test_they_are_of_invoices_and_bills_in_rsx(self, world: World, wish: dict[str, str]) -> None:
        route = world.outbound(as_ship_notice=True)
        assert route.message == "RSX shipment in JSON"
        route.kind, route.format = wish.get("kind", "bill"), wish.get("format", "rsx_xml")

        with pytest.raises(ValidationError, match="Ship notices are drafted"):
            route.full_clean()

    def test_one_is_drafted_from_an_invoice_where_the_route_asks_for_it(self, world: World) -> None:
        received_order(world)
        world.outbound(as_ship_notice=True)
        book(world, line(qty="20"), line("Freight", "1", "9.00"), fulfillment_date="2026-03-07")

        world.deliver()

        document = sent(world)
        header = document["Header"]["ShipmentHeader"]
        assert header["ShipDate"] == "2026-03-07"
        assert header["ASNStructureCode"] == "0004"
        [order] = document["OrderLevel"]
        assert order["OrderHeader"]["PurchaseOrderNumber"] == "77120"
        assert order["OrderHeader"]["PurchaseOrderDate"] == "2026-02-20"
        [shipped] = [one["ShipmentLine"] for one in order["ItemLevel"]]
        assert (shipped["BuyerPartNumber"], shipped["ShipQty"], shipped["OrderQty"]) == ("BRKT-8", 20, 24)
        assert {one["AddressTypeCode"] for one in document["Header"]["Address"]} == {"ST", "SF"}
        [path] = world.sps.sps.files("in/")
        assert path.startswith("in/SH")

    def test_one_is_drafted_from_the_bill_that_the_order_became(self, world: World) -> None:
        received_order(world)
        world.outbound("bill", as_ship_notice=True, starts_at=timezone.now() - dt.timedelta(hours=1))
        world.deliver()
        [bill] = world.new_bills()
        take_in(world, "bill", bill["id"])

        world.deliver()

        [order] = sent(world)["OrderLevel"]
        [shipped] = [one["ShipmentLine"] for one in order["ItemLevel"]]
        assert (shipped["LineSequenceNumber"], shipped["BuyerPartNumber"]) == ("001", "BRKT-8")

    def test_the_bill_itself_does_not_go_back_as_an_order(self, world: World) -> None:
        received_order(world)
        world.outbound("bill", starts_at=timezone.now() - dt.timedelta(hours=1))
        world.deliver()
        [bill] = world.new_bills()
        take_in(world, "bill", bill["id"])

        world.deliver()

        assert (of("bill").transfer, of("bill").reason_code) == ("skipped", "echo")
        assert world.sps.sps.files("in/") == {}

    def test_the_invoice_may_go_as_well_along_another_route(self, world: World) -> None:
        received_order(world)
        world.outbound(key="invoices")
        world.outbound(key="notices", as_ship_notice=True)
        book(world)

        world.deliver()

        names = sorted(path[:5] for path in world.sps.sps.files("in/"))
        assert names == ["in/IN", "in/SH"]

    def test_what_ships_nothing_is_held_by_name(self, world: World) -> None:
        world.outbound(as_ship_notice=True)
        book(world, po_number="")

        held = of("invoice")
        assert held.document == "held"
        assert "purchase_order" in held.reason


def test_the_preview_shows_the_document_that_would_go(world: World, client: Client, alice: User) -> None:
    received_order(world)
    route: Route = world.outbound()
    number = book(world)

    seen = preview(route, source_id=number).preview

    assert seen is not None
    assert seen.hindrances == []
    assert json.loads(seen.interchange)["Header"]["InvoiceHeader"]["PurchaseOrderDate"] == "2026-02-20"
    client.force_login(alice)
    page = client.get(
        f"/t/{world.tenant.slug}/routes/{route.key}/preview/?document={number}"
    ).content.decode()
    assert "PurchaseOrderDate" in page
    assert "In words" in page
    assert world.sps.sps.files("in/") == {}
