"""connections.views.arrived: a document that came in, what is made of it, and choices where nothing is certain."""

import pytest

from audit.models import ArrivedDocument, Delivery
from connections.models import DocumentKind, Route
from mappings.canonical import to_json
from mappings.models import TradingPartner
from tests.factories import ArrivalFactory, DeliveryFactory, PayloadFactory, RouteFactory
from tests.inbound.conftest import order


@pytest.fixture
def inbound(world):
    return RouteFactory.create(
        tenant=world.tenant,
        kind=DocumentKind.PURCHASE_ORDER,
        source=world.server,
        target=world.books,
        key="orders",
        is_on=False,
    )


@pytest.fixture
def row(world):
    arrival = ArrivalFactory.create(tenant=world.tenant, connection=world.server)
    content = to_json(order()).encode()
    return ArrivedDocument.unscoped.create(
        tenant=world.tenant,
        arrival=arrival,
        position=1,
        kind="purchase_order",
        number="PO-1",
        partner=TradingPartner.unscoped.filter(tenant=world.tenant).first(),
        canonical=PayloadFactory.create(tenant=world.tenant, content=content),
        reason="No route takes it.",
    )


@pytest.fixture
def held(world, inbound, row):
    return DeliveryFactory.create(
        tenant=world.tenant,
        route=inbound,
        arrival=row.arrival,
        arrived=row,
        kind="payment",
        number="0000042",
        amount="130.00",
        currency="USD",
        document="held",
        reason_code="match_overpaid",
        reason="it pays 130.00, but only 100.00 are open.",
        interchange=None,
        matching={
            "candidates": [
                {
                    "id": "90001",
                    "number": "0000042",
                    "client": "Acme Retail",
                    "purchase_order": "",
                    "outstanding": "100.00",
                    "total": "100.00",
                    "currency": "USD",
                }
            ]
        },
    )


class TestWho:
    def test_it_checks_ownership(self, browse, press, world, row, held, charlie):
        paths = (
            f"arrived/{row.public_id}/",
            f"arrived/{row.public_id}/take/",
            f"documents/{held.public_id}/choose/",
        )
        for path in paths:
            browse(charlie, path, status=404)
        assert press(charlie, paths[1], {}).status_code == 404
        assert press(charlie, paths[2], {"record": "90001"}).status_code == 404

    def test_a_viewer_reads_and_decides_nothing(self, browse, press, world, row, held, viewer):
        assert "PO-1" in browse(viewer, f"arrived/{row.public_id}/")
        browse(viewer, f"arrived/{row.public_id}/take/", status=403)
        browse(viewer, f"documents/{held.public_id}/choose/", status=403)


class TestDocuments:
    def test_it_shows_what_it_says_and_why_nothing_was_made_of_it(self, browse, world, row, bob):
        page = browse(bob, f"arrived/{row.public_id}/")
        assert "No route takes it." in page
        assert "Paper A4" in page

    def test_its_arrival_lists_it(self, browse, world, row, bob):
        assert f"/arrived/{row.public_id}/" in browse(bob, f"arrivals/{row.arrival.public_id}/")

    def test_what_waits_is_found_among_the_arrivals(self, browse, world, row, bob):
        ArrivalFactory.create(tenant=world.tenant, connection=world.server, name="decided.edi")
        page = browse(bob, "arrivals/?standing=open")
        assert row.arrival.public_id in page
        assert "decided.edi" not in page

    def test_it_is_taken_once_a_route_is_on(self, press, world, row, inbound, bob):
        press(bob, f"arrived/{row.public_id}/take/", {})
        row.refresh_from_db()
        assert row.state == "open"
        Route.unscoped.filter(pk=inbound.pk).update(is_on=True)
        press(bob, f"arrived/{row.public_id}/take/", {})
        row.refresh_from_db()
        assert row.state == "taken"
        assert Delivery.unscoped.get(arrived=row).kind == "bill"

    def test_it_is_dismissed_with_the_reason(self, press, world, row, bob):
        press(bob, f"arrived/{row.public_id}/dismiss/", {"why": "A test of theirs."})
        row.refresh_from_db()
        assert row.state == "dismissed"
        assert "A test of theirs." in row.arrival.events.latest("pk").text


class TestChoices:
    def test_the_candidates_are_offered(self, browse, world, held, bob):
        page = browse(bob, f"documents/{held.public_id}/choose/")
        assert "0000042 of Acme Retail: 100.00 of 100.00 USD open" in page
        assert "choose/" in browse(bob, f"documents/{held.public_id}/")

    def test_a_choice_is_kept_and_lets_it_go(self, press, world, held, bob):
        press(bob, f"documents/{held.public_id}/choose/", {"record": "90001", "may_overpay": "on"})
        held.refresh_from_db()
        assert held.matching["chosen"] == {"invoice": "90001", "may_overpay": True}
        assert held.document == "valid"
        assert "bob@example.org chose: 0000042" in held.events.latest("pk").text

    def test_nothing_or_a_strangers_invoice_cannot_be_chosen(self, press, world, held, bob):
        for choice in ({}, {"record": "4711"}):
            page = press(bob, f"documents/{held.public_id}/choose/", choice)
            assert page.status_code == 200
        held.refresh_from_db()
        assert held.document == "held"

    def test_what_is_certain_offers_no_choice(self, browse, world, held, bob):
        Delivery.unscoped.filter(pk=held.pk).update(matching={})
        browse(bob, f"documents/{held.public_id}/choose/", status=404)


class TestRoutes:
    def test_a_route_into_freshbooks_is_added(self, browse, press, world, bob):
        assert "supplier invoices" in browse(bob, "routes/add-inbound/")
        form = {
            "name": "Remittances",
            "kind": "remittance",
            "source": world.server.pk,
            "target": world.books.pk,
        }
        press(bob, "routes/add-inbound/", form)
        added = Route.unscoped.get(name="Remittances")
        assert added.is_inbound
        assert "into FreshBooks" in browse(bob, "routes/")
        page = browse(bob, f"routes/{added.key}/")
        assert "Backfill" not in page
        browse(bob, f"routes/{added.key}/preview/", status=404)
        browse(bob, f"routes/{added.key}/edit/")

    def test_invoices_do_not_come_in(self, press, world, bob):
        form = {"name": "Wrong", "kind": "invoice", "source": world.server.pk, "target": world.books.pk}
        press(bob, "routes/add-inbound/", form)
        assert not Route.unscoped.filter(name="Wrong").exists()
