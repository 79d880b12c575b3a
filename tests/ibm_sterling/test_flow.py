"""The whole way through IBM Sterling: out, back, and finished, whatever happens on the way."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Arrival, Delivery, Notice
from connections.models import DocumentKind, Format
from connections.sandbox.edi import Verdict
from connections.sandbox.ibm_sterling import Site
from connections.systems.ibm_sterling.system import Sterling
from mappings.models import TradingPartner
from mappings.models.partners import PartyKind
from tests.factories import DeliveryPlaceFactory, PartnerFactory, PartnerLinkFactory
from tests.ibm_sterling.conftest import messages_in
from tests.ibm_sterling.flow import Flow, books, flow, server

__all__ = ["books", "flow", "server"]

OUTBOUND, ACK, ARCHIVE = "/acme/outbound", "/acme/ack", "/acme/archive"
NORTHWIND = 1561
SENT_AS: dict[str, dict[str, str]] = {
    DocumentKind.INVOICE: {Format.X12: "810", Format.EDIFACT: "INVOIC"},
    DocumentKind.BILL: {Format.X12: "850", Format.EDIFACT: "ORDERS"},
    DocumentKind.PAYMENT: {Format.X12: "820", Format.EDIFACT: "REMADV"},
    DocumentKind.BILL_PAYMENT: {Format.X12: "820", Format.EDIFACT: "REMADV"},
}
STEPS = [
    ("two_step", "*/documents/"),
    ("two_step", "*/mailboxmessages/"),
    ("batch", "*/messagebatches/"),
]


@pytest.mark.parametrize(("mode", "path"), STEPS)
@pytest.mark.parametrize("fault", ["reply_lost", "connection_closed", "server_error"])
def test_trouble_in_any_step_of_an_upload_leaves_exactly_one_message(
    flow: Flow, mode: str, path: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connections.pipeline.deliver.TIME_TO_APPEAR", timedelta(0))
    flow.set(upload_mode=mode)
    flow.installation.sterling.faults.set(fault, times=1, method="POST", path=path)
    invoice = flow.book()
    for _ in range(4):
        flow.later()

    assert flow.delivery(invoice).transfer == "delivered"
    [message] = messages_in(flow.installation, OUTBOUND)
    assert flow.delivery(invoice).remote_id == str(message["id"])
    flow.tick()
    flow.run()
    assert flow.delivery(invoice).acknowledgement == "accepted"
    assert flow.installation.sterling.complaints() == []


@pytest.mark.parametrize("mode", ["two_step", "batch"])
def test_each_partner_has_a_mailbox_of_its_own(flow: Flow, mode: str) -> None:
    flow.set(upload_mode=mode)
    bluebell = PartnerFactory.create(tenant=flow.tenant, code="bluebell")
    DeliveryPlaceFactory.create(
        partner=bluebell, connection=flow.sterling, outbound="/bluebell/outbound", inbound="/bluebell/ack"
    )
    PartnerLinkFactory.create(partner=bluebell, connection=flow.freshbooks, party_id="55002")
    site = Site("bluebell")
    flow.installation.sterling.sites["bluebell"] = site
    for path in site.boxes:
        flow.installation.sterling.store.add_mailbox(path)

    acmes, bluebells = flow.book(), flow.book("55002")
    flow.run()
    assert len(messages_in(flow.installation, OUTBOUND)) == 1
    assert len(messages_in(flow.installation, "/bluebell/outbound")) == 1
    flow.tick()
    flow.run()
    for invoice in (acmes, bluebells):
        assert flow.delivery(invoice).acknowledgement == "accepted"
    assert set(Arrival.unscoped.values_list("place", flat=True)) == {ACK, "/bluebell/ack"}


@pytest.mark.parametrize("action", ["none", "move", "extract", "hide", "delete"])
def test_an_acknowledgement_is_finished_as_set_and_only_when_it_is_safe(
    flow: Flow, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []
    finish = Sterling.settle

    def watched(self: Sterling, collected: Any, outcome: Any) -> None:
        seen.append(Arrival.unscoped.filter(key=collected.key, payload__isnull=False).exists())
        finish(self, collected, outcome)

    monkeypatch.setattr(Sterling, "settle", watched)
    flow.set(finish_action=action)
    invoice = flow.book()
    flow.run()
    flow.tick()
    flow.run()
    flow.run()

    assert seen == [True]
    assert flow.delivery(invoice).acknowledgement == "accepted"
    assert Arrival.unscoped.count() == 1
    left, archived = messages_in(flow.installation, ACK), messages_in(flow.installation, ARCHIVE)
    assert len(left) == (1 if action in ("none", "extract", "hide") else 0)
    assert len(archived) == (1 if action == "move" else 0)
    if left:
        assert left[0]["extractable"] == (action == "none")


@pytest.mark.parametrize("wire_format", [Format.X12, Format.EDIFACT])
@pytest.mark.parametrize(
    "kind", [DocumentKind.INVOICE, DocumentKind.BILL, DocumentKind.PAYMENT, DocumentKind.BILL_PAYMENT]
)
def test_every_kind_reaches_the_mailbox_and_is_acknowledged(flow: Flow, kind: str, wire_format: str) -> None:
    keeper = flow.books.bookkeeper
    TradingPartner.unscoped.filter(pk=flow.acme.pk).update(
        acknowledges="contrl" if wire_format == Format.EDIFACT else "997",
        edifact_sender_id="BYRON",
        edifact_receiver_id="ACME",
    )
    PartnerLinkFactory.create(
        partner=flow.acme,
        connection=flow.freshbooks,
        party_kind=PartyKind.VENDOR,
        party_id=str(NORTHWIND),
    )
    flow.route.kind, flow.route.format = kind, wire_format
    flow.route.save()
    invoice, bill = flow.book(), keeper.add_bill(NORTHWIND, notify=False)
    keeper.pay_invoice(invoice["id"])
    keeper.pay_bill(bill["id"])

    flow.run()
    flow.tick()
    flow.run()

    delivery = Delivery.unscoped.get(route=flow.route)
    assert (delivery.kind, delivery.reason) == (kind, "")
    assert delivery.acknowledgement == "accepted"
    company = flow.installation.sterling.sites["acme"].company
    assert company.complaints == []
    assert [document["kind"] for document in company.documents] == [SENT_AS[kind][wire_format]]


def test_overdue_after_the_partners_own_time_is_told(flow: Flow) -> None:
    flow.installation.sterling.sites["acme"].company.verdict = Verdict.NEVER
    flow.acme.acknowledges_within_hours = 2
    flow.acme.save()
    invoice = flow.book()
    flow.run()
    delivery = flow.delivery(invoice)
    assert delivery.delivered_at is not None
    assert delivery.acknowledgement_due_at == delivery.delivered_at + timedelta(hours=2)
    Delivery.unscoped.update(acknowledgement_due_at=timezone.now() - timedelta(minutes=1))
    flow.run()
    assert flow.delivery(invoice).acknowledgement == "overdue"
    assert Notice.unscoped.filter(key=f"overdue-{delivery.pk}").exists()


def test_a_rejection_is_shown_to_the_element_in_words(flow: Flow) -> None:
    flow.installation.sterling.sites["acme"].company.verdict = Verdict.REJECT
    invoice = flow.book()
    flow.run()
    flow.tick()
    flow.run()
    delivery = flow.delivery(invoice)
    assert delivery.acknowledgement == "rejected"
    assert "segment" in delivery.reason
    assert "element" in delivery.reason
