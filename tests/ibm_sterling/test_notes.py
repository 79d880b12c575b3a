"""The audit trail back to FreshBooks: a line per acknowledgement in the invoice's notes, where a route asks for it."""

from typing import Any

import pytest
from django.utils import timezone

from audit.models import Delivery, Notice
from connections.models import ConnectionState, InvoiceNote
from connections.pipeline import notes
from connections.sandbox.edi import Verdict
from connections.systems.freshbooks import oauth
from mappings.freshbooks.audit_lines import MARK, without_audit_lines
from tests.freshbooks.conftest import sign_in
from tests.ibm_sterling.flow import Flow, books, flow, server

__all__ = ["books", "flow", "server"]


@pytest.fixture
def noting(flow: Flow) -> Flow:
    """The route asks for notes, and we may change invoices."""
    flow.route.notes_acknowledgements = True
    flow.route.save()
    flow.books.oauth.app.scopes = (*flow.books.oauth.app.scopes, oauth.WRITE_INVOICES)
    sign_in(flow.freshbooks, flow.books)
    return flow


def acknowledged(flow: Flow, **invoice: Any) -> dict[str, Any]:
    booked = flow.book(**invoice)
    flow.run()
    flow.tick()
    flow.run()
    return booked


def lines(flow: Flow, invoice: dict[str, Any]) -> list[str]:
    stored = flow.books.invoices.table.rows[int(invoice["id"])]
    return str(stored["notes"] or "").splitlines()


def test_it_is_off_by_default(flow: Flow) -> None:
    invoice = acknowledged(flow)
    assert flow.delivery(invoice).acknowledgement == "accepted"
    assert not InvoiceNote.unscoped.exists()


def test_an_acknowledgement_is_noted_once_and_nothing_else_in_the_invoice_changes(noting: Flow) -> None:
    flow = noting
    invoice = flow.book(notes="Thank you.\nPay soon.")
    before = dict(flow.books.invoices.table.rows[int(invoice["id"])])
    flow.run()
    flow.tick()
    flow.run()
    flow.later()

    assert lines(flow, invoice)[:2] == ["Thank you.", "Pay soon."]
    [line] = lines(flow, invoice)[2:]
    assert line.startswith(f"{MARK} ")
    assert line.endswith("Acme Retail: accepted (997)")
    after = dict(flow.books.invoices.table.rows[int(invoice["id"])])
    assert {key for key in before if before[key] != after[key]} <= {"notes", "updated", "version"}
    assert "noted" in flow.story(flow.delivery(invoice))


def test_our_own_line_is_no_change_that_would_be_sent_again(noting: Flow) -> None:
    invoice = acknowledged(noting)
    for _ in range(3):
        noting.later()
    assert Delivery.unscoped.filter(source_id=str(invoice["id"])).count() == 1
    assert len(lines(noting, invoice)) == 1


def test_a_lost_reply_or_a_dead_worker_leaves_one_line(noting: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = noting
    invoice = flow.book()
    flow.run()
    flow.tick()
    flow.books.faults.set("reply_lost", times=1, method="PUT")
    flow.run()
    assert InvoiceNote.unscoped.get().written_at is None

    def die(_note: InvoiceNote) -> None:
        raise SystemExit

    monkeypatch.setattr(notes, "_written", die)
    past = timezone.now()
    InvoiceNote.unscoped.update(next_attempt_at=past)
    flow.freshbooks.__class__.unscoped.update(paused_until=None)
    with pytest.raises(SystemExit):
        notes.write_notes(flow.freshbooks.pk)
    monkeypatch.undo()
    InvoiceNote.unscoped.update(next_attempt_at=past)
    flow.later()

    assert len(lines(flow, invoice)) == 1
    assert InvoiceNote.unscoped.get().written_at is not None


def test_an_invoice_that_is_gone_is_given_up_and_said(noting: Flow) -> None:
    flow = noting
    invoice = flow.book()
    flow.run()
    flow.tick()
    del flow.books.invoices.table.rows[int(invoice["id"])]
    for _ in range(6):
        flow.later()
        InvoiceNote.unscoped.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
    note = InvoiceNote.unscoped.get()
    assert (note.written_at, note.next_attempt_at) == (None, None)
    assert "not in FreshBooks any more" in note.failure
    assert "not_noted" in flow.story(note.delivery)


def test_without_the_right_to_change_invoices_a_person_is_told_and_all_else_goes_on(flow: Flow) -> None:
    flow.route.notes_acknowledgements = True
    flow.route.save()
    invoice = acknowledged(flow)
    assert lines(flow, invoice) == []
    assert flow.is_active(flow.freshbooks)
    assert Notice.unscoped.filter(key=f"notes-{flow.freshbooks.pk}", closed_at__isnull=True).exists()
    another = flow.book()
    flow.later()
    assert flow.delivery(another).transfer == "delivered"
    assert flow.freshbooks.state == ConnectionState.ACTIVE


@pytest.mark.parametrize("status", ["rejected", "accepted_with_errors"])
def test_whatever_the_partner_says_is_noted(noting: Flow, status: str) -> None:
    verdicts = {"rejected": Verdict.REJECT, "accepted_with_errors": Verdict.ACCEPT_WITH_ERRORS}
    noting.installation.sterling.sites["acme"].company.instruct(verdicts[status], {})
    invoice = acknowledged(noting)
    assert lines(noting, invoice)[-1].endswith(f": {status.replace('_', ' ')} (997)")


@pytest.mark.parametrize(
    ("notes", "kept"),
    [
        ("", ""),
        ("Pay soon.", "Pay soon."),
        (f"{MARK} x", ""),
        (f"a\r\nb\n{MARK} x", "a\r\nb"),
        (f"a\n{MARK} x\nb", "a\nb"),
        (f"not {MARK} here", f"not {MARK} here"),
    ],
)
def test_our_lines_are_no_part_of_what_people_wrote(notes: str, kept: str) -> None:
    assert without_audit_lines(notes) == kept
