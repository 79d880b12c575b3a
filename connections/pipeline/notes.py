"""Notes: one line per acknowledgement in the notes of its FreshBooks invoice, where the route asks for it.

The line is decided in the transaction that records the acknowledgement, and written when FreshBooks can be
reached. It tells when it was, so it is one of a kind: a worker that died after writing it finds it there.
"""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from audit.leases import held
from audit.models import Event
from audit.services import close_notice, notify, record
from connections.models import Connection, DocumentKind, InvoiceNote, Slot, Work
from connections.pipeline.health import note_failure, note_success
from connections.pipeline.heartbeat import beat
from connections.systems.base import Misconfigured, Rejected, SystemFailure
from connections.systems.freshbooks import FreshBooks
from connections.systems.registry import open_system
from mappings.freshbooks.audit_lines import audit_line
from tenants.log_context import log_context
from tenants.redaction import redact

BUDGET = timedelta(seconds=60)
AFTER_REFUSAL = timedelta(hours=1)
RETRY_AFTER = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6)]

log = logging.getLogger(__name__)


def plan(event: Event) -> None:
    """Have an acknowledgement noted, if its route says so; inside the transaction that recorded it."""
    delivery = event.delivery
    if delivery is None or delivery.kind != DocumentKind.INVOICE:
        return
    if not delivery.route.notes_acknowledgements:
        return
    status = str(event.data.get("status", "unknown")).replace("_", " ")
    how = str(event.data.get("form", "")).upper() or event.data.get("words", "")
    local = event.at.astimezone(event.tenant.zone)
    who = delivery.partner or delivery.target
    said = f"{local:%Y-%m-%d %H:%M:%S %Z} {who}: {status}{f' ({how})' if how else ''}"
    InvoiceNote.objects.create(
        tenant_id=event.tenant_id,
        connection=delivery.route.source,
        delivery=delivery,
        event=event,
        invoice_id=delivery.source_id,
        line=audit_line(redact(said))[:300],
    )


def write_notes(connection_id: int) -> int:
    """Write the lines that are due for the FreshBooks connection; returns how many were tried."""
    connection = Connection.unscoped.select_related("tenant").get(pk=connection_id)
    tried, stop_at = 0, timezone.now() + BUDGET
    with (
        log_context(tenant=connection.tenant.slug, connection=connection.key),
        held(Slot.of(connection, Work.NOTE), on_renew=beat) as token,
    ):
        if not token or not connection.is_usable or connection.is_paused():
            return 0
        with open_system(connection) as system:
            assert isinstance(system, FreshBooks)  # noqa: S101 - notes are made for FreshBooks alone
            while timezone.now() < stop_at and (note := _next_due(connection)):
                tried += 1
                note.attempts_made += 1
                note.save(update_fields=["attempts_made"])
                try:
                    system.books.add_invoice_note(note.invoice_id, note.line)
                except Misconfigured as failure:
                    _put_off(connection, failure)
                    return tried
                except SystemFailure as failure:
                    _try_again(note, failure)
                    note_failure(connection, failure)
                    if not isinstance(failure, Rejected):
                        return tried
                else:
                    _written(note)
                    note_success(connection)
    return tried


def _next_due(connection: Connection) -> InvoiceNote | None:
    due = InvoiceNote.unscoped.filter(connection=connection, next_attempt_at__lte=timezone.now())
    return due.select_related("delivery").order_by("next_attempt_at", "id").first()


@transaction.atomic
def _written(note: InvoiceNote) -> None:
    note.written_at, note.next_attempt_at, note.failure = timezone.now(), None, ""
    note.save(update_fields=["written_at", "next_attempt_at", "failure"])
    text = f"Noted on the invoice in FreshBooks: {note.line}"
    record(note.delivery, "noted", text, data={"freshbooks_id": note.invoice_id})
    close_notice(tenant_id=note.tenant_id, key=f"notes-{note.connection_id}")


def _try_again(note: InvoiceNote, failure: SystemFailure) -> None:
    """After the last try it is given up: the timeline here has the acknowledgement all the same."""
    note.failure = redact(f"{failure} {failure.remedy}".strip())
    rest = RETRY_AFTER[min(note.attempts_made, len(RETRY_AFTER)) - 1]
    gives_up = isinstance(failure, Rejected) and note.attempts_made >= len(RETRY_AFTER)
    note.next_attempt_at = None if gives_up else timezone.now() + rest
    note.save(update_fields=["failure", "next_attempt_at"])
    if gives_up:
        record(note.delivery, "not_noted", f"Not noted on the invoice in FreshBooks: {note.failure}")


def _put_off(connection: Connection, failure: SystemFailure) -> None:
    """We may not write invoices: a matter for a person, and no reason to stop reading them."""
    log.warning("notes cannot be written: %s", failure)
    due = InvoiceNote.unscoped.filter(connection=connection, next_attempt_at__lte=timezone.now())
    due.update(next_attempt_at=timezone.now() + AFTER_REFUSAL, failure=redact(str(failure)))
    notify(
        tenant=connection.tenant,
        key=f"notes-{connection.pk}",
        title=f"Acknowledgements cannot be noted on the invoices of {connection}",
        text=f"{failure} A route asks for it, so sign in to FreshBooks again: it then asks whether we may change "
        "invoices. Or switch it off in the route. Everything else goes on.",
        url=connection.get_absolute_url(),
    )
