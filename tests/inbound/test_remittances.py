"""Remittances become payments on the right invoices, to the cent, and each once."""

from decimal import Decimal
from typing import Any

import pytest

from audit import services
from audit.models import Delivery, Notice
from audit.pages.finding import documents_like
from audit.services import choose
from connections.management.commands.run_pending import run_pending
from connections.pipeline.prepare import recheck_tenant
from mappings.canonical import Adjustment, Reference, RemittanceLine
from mappings.models import PartnerLink
from mappings.models.partners import PartyKind
from tenants.models import User
from tests.inbound.conftest import BLUEBELL, REMITTANCE, World, remittance


@pytest.fixture
def paying(world: World) -> World:
    world.route(REMITTANCE)
    return world


def paid(world: World) -> list[tuple[int, str, str]]:
    """(invoice, amount, type) of every payment that FreshBooks has of ours."""
    rows = [row for row in world.booked("payments") if "ref " in (row["note"] or "")]
    return [(row["invoiceid"], row["amount"]["amount"], row["type"]) for row in rows]


def open_of(world: World, invoice: dict[str, Any]) -> str:
    return str(world.books.tables["invoices"].rows[invoice["id"]]["outstanding"]["amount"])


def test_one_remittance_pays_several_invoices(paying: World) -> None:
    first, second = paying.invoice("100.00"), paying.invoice("250.50")
    advice = remittance("REM-1", (first["invoice_number"], "100.00"), (second["invoice_number"], "200.00"))
    paying.send(advice)
    paying.deliver()
    assert paid(paying) == [(first["id"], "100.00", "ACH"), (second["id"], "200.00", "ACH")]
    assert (open_of(paying, first), open_of(paying, second)) == ("0.00", "50.50")
    full, part = paying.deliveries()
    assert (full.transfer, part.transfer) == ("delivered", "delivered")
    assert full.freshbooks_id
    matched = part.events.get(kind="matched")
    assert "50.50 stay open" in matched.text


def test_an_invoice_named_twice_is_paid_twice_but_never_over(paying: World) -> None:
    bill = paying.invoice("100.00")
    number = bill["invoice_number"]
    paying.send(remittance("REM-1", (number, "60.00"), (number, "60.00")))
    paying.deliver()
    assert paid(paying) == [(bill["id"], "60.00", "ACH")]
    held = paying.only(document="held")
    assert (held.reason_code, "only 40.00" in held.reason) == ("match_overpaid", True)


def test_what_is_on_its_way_counts_as_paid(paying: World) -> None:
    bill = paying.invoice("100.00")
    number = bill["invoice_number"]
    paying.books.faults.set("rate_limited", times=1, path="*/payments/payments", method="POST")
    paying.send(remittance("REM-1", (number, "100.00")))
    paying.send(remittance("REM-2", (number, "100.00")))
    paying.settle_all()
    assert paid(paying) == [(bill["id"], "100.00", "ACH")]
    assert paying.only(document="held").reason_code == "match_paid_already"


def test_an_overpayment_waits_and_a_person_books_it(paying: World, alice: User) -> None:
    bill = paying.invoice("100.00")
    paying.send(remittance("REM-1", (bill["invoice_number"], "130.00")))
    paying.deliver()
    held = paying.only()
    assert held.waits_for_a_choice
    assert held.matching["candidates"][0]["number"] == bill["invoice_number"]
    choose(held, {"invoice": str(bill["id"]), "may_overpay": True}, actor=alice, text="chose it.")
    paying.deliver()
    assert paid(paying) == [(bill["id"], "130.00", "ACH")]
    assert "chosen" in paying.story(held)


def test_an_unknown_invoice_is_held_and_goes_by_itself_once_it_is_there(paying: World) -> None:
    paying.send(remittance("REM-1", ("0000999", "77.00")))
    paying.deliver()
    held = paying.only()
    assert (held.document, held.reason_code) == ("held", "match_unknown")
    assert Notice.unscoped.filter(key="held-match_unknown", closed_at__isnull=True).exists()
    bill = paying.invoice("77.00", invoice_number="0000999")
    paying.settle_all()
    assert paid(paying) == [(bill["id"], "77.00", "ACH")]
    assert paying.story(held).count("held") == 1


def test_order_amount_and_client_stand_in_for_the_number(paying: World) -> None:
    bill = paying.invoice("77.00", po_number="PO-55")
    line = RemittanceLine(
        document=Reference(kind="invoice", value="THEIRS-1"),
        paid=Decimal("77.00"),
        references=(Reference(kind="purchase_order", value="PO-55"),),
    )
    paying.send_json(remittance("REM-1", lines=(line,), amount=Decimal("77.00")))
    paying.deliver()
    assert paid(paying) == [(bill["id"], "77.00", "ACH")]
    assert paying.only().number == bill["invoice_number"]


def test_another_clients_invoice_is_never_paid_by_itself(paying: World) -> None:
    other = paying.invoice("100.00", BLUEBELL)
    paying.send(remittance("REM-1", (other["invoice_number"], "100.00")))
    paying.deliver()
    assert paid(paying) == []
    assert paying.only().reason_code == "match_wrong_client"
    paying.link(BLUEBELL, PartyKind.CLIENT)
    recheck_tenant(paying.tenant.pk)
    paying.deliver()
    assert paid(paying) == [(other["id"], "100.00", "ACH")]


def test_without_a_linked_client_it_waits_for_the_link(paying: World) -> None:
    PartnerLink.unscoped.filter(party_kind=PartyKind.CLIENT).delete()
    bill = paying.invoice("100.00")
    paying.send(remittance("REM-1", (bill["invoice_number"], "100.00")))
    paying.deliver()
    assert paying.only().reason_code == "unmapped_party"


def test_a_deduction_is_booked_as_what_was_paid_and_said(paying: World) -> None:
    bill = paying.invoice("100.00")
    line = RemittanceLine(
        document=Reference(kind="invoice", value=bill["invoice_number"]),
        gross=Decimal("100.00"),
        discount=Decimal("2.00"),
        adjustments=(Adjustment(amount=Decimal("-8.00"), reason="damage"),),
        paid=Decimal("90.00"),
    )
    paying.send_json(remittance("REM-1", lines=(line,), amount=Decimal("90.00")))
    paying.deliver()
    assert open_of(paying, bill) == "10.00"
    (row,) = [row for row in paying.booked("payments") if "ref " in (row["note"] or "")]
    assert row["note"].startswith("REM-1 ref ")
    assert "less discount 2.00, damage -8.00" in row["note"]


def test_a_correction_without_invoice_waits_and_books_nothing(paying: World, alice: User) -> None:
    bill = paying.invoice("100.00")
    advice = remittance(
        "REM-1",
        (bill["invoice_number"], "100.00"),
        amount=Decimal("75.00"),
        adjustments=(Adjustment(amount=Decimal("-25.00"), reason="pricing", note="May"),),
    )
    paying.send_json(advice)
    paying.deliver()
    assert paid(paying) == [(bill["id"], "100.00", "ACH")]
    held = paying.only(document="held")
    assert (held.amount, held.reason_code) == (Decimal("-25.00"), "needs_a_person")
    services.release(held, actor=alice)
    paying.deliver()
    assert len(paid(paying)) == 1


def test_another_currency_waits(paying: World) -> None:
    bill = paying.invoice("100.00")
    paying.send_json(remittance("REM-1", (bill["invoice_number"], "100.00"), currency="CAD"))
    paying.deliver()
    assert paying.only().reason_code == "match_other_currency"


def test_the_partners_payment_type_wins(paying: World) -> None:
    paying.acme.payment_type = "Check"
    paying.acme.save()
    bill = paying.invoice("100.00")
    paying.send(remittance("REM-1", (bill["invoice_number"], "100.00")))
    paying.deliver()
    assert paid(paying) == [(bill["id"], "100.00", "Check")]


def test_a_resend_pays_nothing_again_and_a_changed_one_waits(paying: World) -> None:
    bill = paying.invoice("100.00")
    number = bill["invoice_number"]
    paying.send(remittance("REM-1", (number, "60.00")))
    paying.deliver()
    assert paying.send(remittance("REM-1", (number, "60.00"))).documents.get().state == "duplicate"
    paying.send(remittance("REM-1", (number, "40.00")))
    paying.deliver()
    assert paid(paying) == [(bill["id"], "60.00", "ACH")]
    assert paying.only(revision=2).reason_code == "changed"


def test_a_lost_reply_pays_once(paying: World) -> None:
    bill = paying.invoice("100.00")
    paying.send(remittance("REM-1", (bill["invoice_number"], "100.00")))
    paying.books.faults.set("reply_lost", times=1, path="*/payments/payments", method="POST")
    paying.settle_all()
    assert paid(paying) == [(bill["id"], "100.00", "ACH")]
    assert paying.only().is_delivered


def test_two_equal_payments_are_told_apart_after_a_lost_reply(paying: World) -> None:
    bill = paying.invoice("100.00")
    number = bill["invoice_number"]
    paying.send(remittance("REM-1", (number, "50.00"), (number, "50.00")))
    paying.books.faults.set("reply_lost", times=1, skip=1, path="*/payments/payments", method="POST")
    paying.settle_all()
    assert paid(paying) == [(bill["id"], "50.00", "ACH")] * 2
    assert len({delivery.remote_id for delivery in paying.deliveries()}) == 2


def test_the_sweep_finds_what_has_to_be_looked_up(paying: World) -> None:
    bill = paying.invoice("100.00")
    paying.send(remittance("REM-1", (bill["invoice_number"], "100.00")))
    run_pending()
    assert Delivery.unscoped.get().is_delivered


def test_a_payment_is_found_by_its_remittance_and_by_its_freshbooks_id(paying: World) -> None:
    bill = paying.invoice("100.00")
    paying.send(remittance("REM-77", (bill["invoice_number"], "100.00")))
    paying.deliver()
    delivery = paying.only()
    for text in ("REM-77", delivery.freshbooks_id, bill["invoice_number"]):
        assert documents_like(paying.tenant, text) == [delivery.pk]
