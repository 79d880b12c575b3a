"""Reports: the files in which Stampli says what became of bills and payments, kept row by row and linked.

Rows are events. They are stored a few at a time, each batch committed, and a row that is known already is passed
over: so a file that is read twice, a worker that dies in the middle and a file that repeats another do no harm.
"""

import hashlib
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Arrival, Delivery, StatusReport
from audit.models.arrivals import ArrivalState
from audit.models.reports import About, PartnerStatus
from audit.services import close_notice, lock, may_be_there, notify, record
from audit.states import ACKNOWLEDGEMENT_STEPS, Acknowledgement
from connections.models import DocumentKind, SystemKind
from connections.pipeline.acknowledge import MAY_BE_THERE, prove_delivered
from connections.systems.base import Misconfigured
from connections.systems.stampli.settings import Settings
from mappings.stampli import Export, ExportRow, read_export
from mappings.stampli_files import NUMBER_PREFIX
from tenants.redaction import redact

log = logging.getLogger(__name__)

BATCH = 100
LINK_BATCH = 200
LOOK_AGAIN, LONGEST_REST = timedelta(minutes=15), timedelta(days=1)
MOST_DIGITS, MOST_DECIMALS = 15, 3
PROBLEMS_SAID = 20
# Nobody takes over a file whose reader gave a sign of life within this.
STILL_READING = timedelta(seconds=60)
WHAT = {About.BILL.value: "invoice confirmations", About.PAYMENT.value: "payments"}

# What Stampli says of an invoice that it did not take in.
NOT_TAKEN = (PartnerStatus.FAILED, PartnerStatus.DUPLICATE)
# What people want to hear of, although nothing went wrong on the way.
TOLD = (*NOT_TAKEN, PartnerStatus.REJECTED, PartnerStatus.CANCELLED)

# The systems whose files are status reports.
SYSTEMS = (SystemKind.STAMPLI,)


def read_reports(arrival: Arrival) -> None:
    """Read the rows of a file, keep the new ones, and link each to what it is about. Commits by itself."""
    try:
        settings = Settings.of(arrival.connection.settings)
        words, dates = settings.words, settings.export_dates
    except Misconfigured as failure:
        export = Export(kind="", problems=(f"{failure} {failure.remedy}",))
    else:
        content = bytes(arrival.payload.content)
        export = read_export(arrival.name, content, words=words, date=dates)
    problems, new, linked = list(export.problems), 0, 0
    rows = iter(export.rows)
    while batch := list(islice(rows, BATCH)):
        with transaction.atomic():
            for report in _new(arrival, export.kind, batch, problems):
                new += 1
                linked += link(report)
        Arrival.unscoped.filter(pk=arrival.pk).update(next_attempt_at=timezone.now() + STILL_READING)
    _conclude(arrival, export, problems, new=new, linked=linked)


def _new(
    arrival: Arrival, kind: str, rows: Sequence[ExportRow], problems: list[str]
) -> Iterator[StatusReport]:
    """The rows that are not known yet, stored; what cannot be kept goes to `problems`."""
    by_identity = {identity_of(kind, row): row for row in reversed(rows)}
    known = StatusReport.unscoped.filter(connection=arrival.connection, identity__in=by_identity)
    for identity in known.values_list("identity", flat=True):
        del by_identity[identity]
    for identity, row in reversed(by_identity.items()):
        if not _can_be_kept(row.report.amount):
            problems.append(f"line {row.line}: the amount {row.report.amount} is no amount of money.")
            continue
        report = _report(arrival, kind, row, identity)
        try:
            with transaction.atomic():
                report.save()
        except IntegrityError:
            continue  # another file brought it in this moment
        yield report


def identity_of(kind: str, row: ExportRow) -> str:
    """What tells an event from others: whose, which word, which day; of payments also how much."""
    said = row.report
    parts = [kind, said.remote_id, (said.stated or said.status).casefold(), str(said.date or "")]
    if kind == About.PAYMENT:
        parts += [f"{(said.amount or Decimal(0)).normalize():f}", said.currency]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _can_be_kept(amount: Decimal | None) -> bool:
    if amount is None:
        return True
    exponent = amount.normalize().as_tuple().exponent
    return isinstance(exponent, int) and -exponent <= MOST_DECIMALS and amount.adjusted() < MOST_DIGITS


def _report(arrival: Arrival, kind: str, row: ExportRow, identity: str) -> StatusReport:
    said = row.report
    return StatusReport(
        tenant=arrival.tenant,
        connection=arrival.connection,
        arrival=arrival,
        line=row.line,
        identity=identity,
        about=kind,
        status=said.status,
        stated=redact(said.stated or said.status)[:100],
        remote_id=said.remote_id[:100],
        source_id=said.source_id[:40],
        number=said.number[:60],
        vendor_id=said.vendor_number[:60],
        dated=said.date or arrival.arrived_at.date(),
        amount=said.amount,
        currency=said.currency,
        method=said.method[:60],
        reference=redact(said.reference)[:100],
        account=said.account[:60],
        message=redact(said.message),
        extra={name: redact(text) for name, text in row.extra.items()},
    )


def _conclude(arrival: Arrival, export: Export, problems: list[str], *, new: int, linked: int) -> None:
    """What became of the file as a whole, on its timeline."""
    count = len(export.rows)
    summary = f"{count} {WHAT[export.kind]}, {new} new" if export.kind else "no file as Stampli writes them"
    unlinked = f" {new - linked} of the new rows are linked to nothing yet." if new > linked else ""
    with transaction.atomic():
        arrival.format, arrival.summary, arrival.read_at = "stampli", summary, timezone.now()
        arrival.reason = redact("\n".join(problems))
        arrival.state = _state(export, problems)
        if arrival.settled_at:
            arrival.next_attempt_at = None
        arrival.save()
        text = " ".join([f"Read: {summary}.{unlinked}", *problems[:PROBLEMS_SAID]])
        record(arrival, arrival.state, text, data={"rows": count, "new": new})
        if problems:
            notify(
                tenant=arrival.tenant,
                key=f"arrival-{arrival.pk}",
                title=f"{arrival.name} from {arrival.connection} cannot be read in full",
                text=arrival.reason,
                url=arrival.get_absolute_url(),
            )


def _state(export: Export, problems: list[str]) -> str:
    if not problems:
        return ArrivalState.READ
    return ArrivalState.PARTLY_FAILED if export.rows else ArrivalState.FAILED


def link_waiting() -> int:
    """Look again for what unlinked rows are about, those whose time has come; returns how many were linked."""
    waiting = StatusReport.unscoped.filter(look_again_at__lte=timezone.now()).order_by("look_again_at")
    linked = 0
    waiting = waiting.select_related("tenant", "connection", "arrival__payload")
    for report in list(waiting.defer("arrival__payload__content")[:LINK_BATCH]):
        try:
            with transaction.atomic():
                linked += link(report)
        except Exception:
            log.exception("status report %s could not be linked", report.pk)
            StatusReport.unscoped.filter(pk=report.pk).update(look_again_at=timezone.now() + LOOK_AGAIN)
    return linked


def link(report: StatusReport) -> bool:
    """Link the row to the bill's delivery and say so on its timeline; or say why not, and when to look again."""
    try:
        delivery = _bill_of(report)
    except LookupError as error:
        rest = min(LOOK_AGAIN * 2 ** min(report.looks, 10), LONGEST_REST)
        report.trouble, report.looks, report.look_again_at = (
            str(error),
            report.looks + 1,
            timezone.now() + rest,
        )
        report.save(update_fields=["trouble", "looks", "look_again_at"])
        return False
    report.delivery, report.trouble, report.look_again_at = delivery, "", None
    report.save(update_fields=["delivery", "trouble", "look_again_at"])
    _say(report, lock(delivery))
    return True


def _bill_of(report: StatusReport) -> Delivery:
    """The delivery of the bill that the row names. Raises `LookupError` with the reason it is none."""
    sent = Delivery.objects.for_tenant(report.tenant).filter(
        target=report.connection, kind=DocumentKind.BILL, transfer__in=MAY_BE_THERE
    )
    if report.source_id:
        named, what = sent.filter(source_id=report.source_id), f"the FreshBooks id {report.source_id}"
    else:
        named, what = _by_number(sent, report), f"number {report.number} of vendor {report.vendor_id}"
    found = [one for one in named.order_by("-revision", "-id")[:50] if one.is_delivered or may_be_there(one)]
    if not found:
        raise LookupError(f"No bill with {what} was sent.")
    if len({one.source_id for one in found}) > 1:
        raise LookupError(f"Several bills with {what} were sent.")
    amount = report.amount
    if (
        not report.source_id
        and report.about == About.BILL
        and amount is not None
        and amount != found[0].amount
    ):
        raise LookupError(f"The bill with {what} has another amount.")
    return found[0]


def _by_number(sent: Any, report: StatusReport) -> Any:
    of_vendor = sent.filter(party_id=report.vendor_id)
    if report.number.startswith(NUMBER_PREFIX):
        # The number that we made up for a bill without one.
        return of_vendor.filter(source_id=report.number.removeprefix(NUMBER_PREFIX))
    return of_vendor.filter(number=report.number)


def _say(report: StatusReport, delivery: Delivery) -> None:
    """What the row means for the delivery, on its timeline."""
    if report.about == About.BILL:
        _acknowledge(report, delivery)
    record(
        delivery,
        "status_report",
        sentence_of(report),
        data={
            "status": report.status,
            "about": report.about,
            "stated": report.stated,
            "dated": report.dated.isoformat(),
            "remote_id": report.remote_id,
            "freshbooks_id": delivery.source_id,
            "arrival": report.arrival.public_id,
            "line": report.line,
        },
        payload=report.arrival.payload,
    )


def sentence_of(report: StatusReport) -> str:
    """The row as people read it on a timeline."""
    word = report.stated
    if report.status == PartnerStatus.UNKNOWN:
        word += " (a word that is not in the connection's table)"
    elif report.stated.casefold() != report.get_status_display().casefold():
        word += f" ({report.get_status_display()})"
    message = f" {report.message}" if report.message else ""
    on = _day(report.dated)
    if report.about == About.PAYMENT:
        amount = f"{report.amount} {report.currency}".strip()
        return f"Stampli reports payment {report.remote_id} of {amount} on {on}: {word}.{message}"
    return f"Stampli says of {report.remote_id} on {on}: {word}.{message}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _acknowledge(report: StatusReport, delivery: Delivery) -> None:
    """Whoever speaks of it has it. What Stampli did not take in is rejected; any known word else accepts it."""
    prove_delivered(delivery)
    not_taken = report.status in NOT_TAKEN
    state = Acknowledgement.REJECTED if not_taken else Acknowledgement.ACCEPTED
    if report.status != PartnerStatus.UNKNOWN and state in ACKNOWLEDGEMENT_STEPS[delivery.acknowledgement]:
        delivery.acknowledge(state, timezone.now())
        if not_taken:
            delivery.reason_code = "acknowledgement"
            delivery.reason = report.message or f"Stampli says “{report.stated}”."
            delivery.remedy = "Correct it and replay it, or tell Stampli."
        delivery.save()
        close_notice(tenant_id=delivery.tenant_id, key=f"overdue-{delivery.pk}")
    if report.status in TOLD:
        notify(
            tenant=delivery.tenant,
            key=f"rejected-{delivery.pk}",
            title=f"Stampli: {delivery} is {report.get_status_display()}",
            text=sentence_of(report),
            url=delivery.get_absolute_url(),
        )


def current(reports: Iterable[StatusReport]) -> dict[str, StatusReport]:
    """By the partner's id, the report that says how things stand now: of the latest day, not of the latest file."""
    latest: dict[str, StatusReport] = {}
    for report in reports:
        known = latest.get(report.remote_id)
        if known is None or report.rank > known.rank:
            latest[report.remote_id] = report
    return latest
