"""Reconciliation of a connection's payments: the bill payments that FreshBooks has against those that were reported.

A period takes in every payment of the bills that have one within it, pairs them, and then shows the rows of which
one side lies within: so a payment that was booked on the last day and reported on the next is no difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Q

from audit.models import Delivery, StatusReport
from audit.models.reports import NO_MONEY_MOVED, About
from audit.reconciliation import Payment, Row, Verdict, reconcile
from connections.models import Connection, SourceRecord
from connections.pipeline.reports import current

BILL_PAYMENT = "bill_payment"
RESOURCE = "bill_payments"
# So many values are asked for in one query.
CHUNK = 500
T = TypeVar("T")
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Line:
    """A row with what stands behind its two sides."""

    row: Row
    delivery: Delivery | None
    report: StatusReport | None

    @property
    def number(self) -> str:
        """The bill's number, as far as somebody states it; else its FreshBooks id."""
        linked = self.report.delivery.number if self.report and self.report.delivery else ""
        stated = self.report.number if self.report else ""
        known = self.row.here or self.row.there
        return stated or linked or (f"Bill {known.bill}" if known and known.bill else "")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All lines of a period, those that need somebody first."""

    lines: list[Line]

    def of(self, verdict: str) -> list[Line]:
        return [line for line in self.lines if line.row.verdict == verdict]

    @property
    def differences(self) -> list[Line]:
        return [line for line in self.lines if line.row.verdict != Verdict.MATCHED]


def reconcile_period(connection: Connection, first: date, last: date) -> Reconciled:
    """Both sides of `connection` from `first` to `last`, both included."""
    within = Q(document_date__range=(first, last))
    reported_within = Q(dated__range=(first, last))
    bills = {delivery.pays_id for delivery in _booked(connection, within)}
    bills |= {_bill_of(report) for report in _reported(connection, reported_within)}
    bills.discard("")
    here: dict[str, Delivery] = {}
    there: dict[str, StatusReport] = {}
    for some in _chunks(sorted(bills)):
        here |= {one.source_id: one for one in _booked(connection, Q(pays_id__in=some))}
        about = Q(source_id__in=some) | Q(delivery__source_id__in=some)
        there |= {one.remote_id: one for one in _reported(connection, about)}
    # Those that pay nothing that anybody knows belong to no bill.
    there |= {one.remote_id: one for one in _reported(connection, reported_within & Q(delivery__isnull=True))}
    rows = reconcile(map(_as_booked, here.values()), map(_as_reported, there.values()))
    lines = [
        Line(row, here.get(row.here.id) if row.here else None, there.get(row.there.id) if row.there else None)
        for row in rows
        if any(first <= day <= last for day in row.days)
    ]
    return Reconciled(sorted(lines, key=lambda line: ORDER[line.row.verdict]))


ORDER = {
    Verdict.AMOUNT_DIFFERS: 0,
    Verdict.MISSING_HERE: 1,
    Verdict.MISSING_THERE: 2,
    Verdict.MATCHED: 3,
}


def _booked(connection: Connection, which: Q) -> list[Delivery]:
    """The bill payments that FreshBooks has, each in its last revision."""
    rows = Delivery.objects.for_tenant(connection.tenant).filter(which, target=connection, kind=BILL_PAYMENT)
    latest = {one.source_id: one for one in rows.select_related("tenant", "route").order_by("revision", "id")}
    gone = set(_deleted(list(latest.values())))
    return [one for one in latest.values() if one.source_id not in gone and one.amount is not None]


def _deleted(payments: Sequence[Delivery]) -> Iterator[str]:
    """The FreshBooks ids of those that are not there any more."""
    for some in _chunks(payments):
        books = {payment.route.source_id for payment in some}
        ids = {payment.source_id for payment in some}
        known = SourceRecord.objects.filter(connection__in=books, resource=RESOURCE, source_id__in=ids)
        yield from known.filter(is_deleted=True).values_list("source_id", flat=True)


def _reported(connection: Connection, which: Q) -> list[StatusReport]:
    """The payments that the partner says it has made, each as it stands now."""
    rows = StatusReport.objects.for_tenant(connection.tenant).filter(
        which, connection=connection, about=About.PAYMENT
    )
    ids = sorted(set(rows.values_list("remote_id", flat=True)))
    stories: list[StatusReport] = []
    for some in _chunks(ids):
        told = StatusReport.objects.for_tenant(connection.tenant).filter(
            connection=connection, about=About.PAYMENT, remote_id__in=some
        )
        stories += told.select_related("tenant", "delivery__tenant", "arrival__tenant")
    return [
        report
        for report in current(stories).values()
        if report.status not in NO_MONEY_MOVED and report.amount is not None
    ]


def _bill_of(report: StatusReport) -> str:
    return report.delivery.source_id if report.delivery else report.source_id


def _as_booked(payment: Delivery) -> Payment:
    return Payment(
        id=payment.source_id,
        bill=payment.pays_id,
        amount=payment.amount or Decimal(0),
        currency=payment.currency,
        on=payment.document_date or payment.created_at.date(),
    )


def _as_reported(report: StatusReport) -> Payment:
    """A report without a currency is taken for one in the bill's."""
    currency = report.currency or (report.delivery.currency if report.delivery else "")
    return Payment(
        id=report.remote_id,
        bill=_bill_of(report),
        amount=report.amount or Decimal(0),
        currency=currency,
        on=report.dated,
    )


def _chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[at : at + CHUNK] for at in range(0, len(values), CHUNK))


COLUMNS = (
    "Result",
    "Difference",
    "Bill",
    "Bill number",
    "FreshBooks payment",
    "FreshBooks date",
    "FreshBooks amount",
    "FreshBooks currency",
    "Vendor",
    "Partner's payment",
    "Partner's date",
    "Partner's amount",
    "Partner's currency",
    "Partner's status",
    "Partner's reference",
    "File",
    "Line",
)


def cells(line: Line) -> Mapping[str, Any]:
    """The row as it stands in the exported file, by `COLUMNS`; what a side does not have is empty."""
    row, delivery, report = line.row, line.delivery, line.report
    known = row.here or row.there
    found: dict[str, Any] = {
        "Result": row.verdict.label,
        "Difference": "" if row.difference is None else money(row.difference),
        "Bill": known.bill if known else "",
        "Bill number": line.number,
    }
    if row.here and delivery:
        found |= {
            "FreshBooks payment": row.here.id,
            "FreshBooks date": row.here.on,
            "FreshBooks amount": money(row.here.amount),
            "FreshBooks currency": row.here.currency,
            "Vendor": delivery.party_name,
        }
    if row.there and report:
        found |= {
            "Partner's payment": row.there.id,
            "Partner's date": row.there.on,
            "Partner's amount": money(row.there.amount),
            "Partner's currency": row.there.currency,
            "Partner's status": report.stated,
            "Partner's reference": report.reference,
            "File": report.arrival.name,
            "Line": report.line,
        }
    return found


def money(amount: Decimal) -> Decimal:
    """With two decimals, more only where they say something."""
    return max(amount.normalize(), amount.quantize(CENT), key=lambda one: -int(one.as_tuple().exponent))
