"""Reconciliation as people see it: a period's payments with both sides, and the same as a file."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django import forms
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from audit.reconciliation import LABELS, Verdict
from connections.models import Connection
from connections.pipeline.reports import SYSTEMS
from connections.reconciliation import COLUMNS, Line, Reconciled, cells, reconcile_period
from mappings.sheets import guarded
from tenants.access import TenantRequest, get_or_404, tenant_required

LONGEST = timedelta(days=366)
LINES_SHOWN = 300
DIFFERENCES, EVERYTHING = "differences", "everything"
TONES = {
    Verdict.MATCHED: "ok",
    Verdict.AMOUNT_DIFFERS: "failed",
    Verdict.MISSING_HERE: "attention",
    Verdict.MISSING_THERE: "attention",
}


class PeriodForm(forms.Form):
    """From one day to another, both included; the current month unless somebody says otherwise."""

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, date]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", "The last day is before the first.")
        elif first and last and last - first > LONGEST:
            self.add_error("last", "Ask for a year at most.")
        return cleaned


@dataclass(frozen=True, slots=True)
class Period:
    title: str
    first: date
    last: date


def periods(today: date) -> Iterator[Period]:
    """What people ask for most: this month and quarter, and those before."""
    month = today.replace(day=1)
    quarter = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    for title, first, months in (("month", month, 1), ("quarter", quarter, 3)):
        yield Period(f"This {title}", first, _months_after(first, months) - timedelta(days=1))
        yield Period(f"Last {title}", _months_after(first, -months), first - timedelta(days=1))


def _months_after(first: date, months: int) -> date:
    whole = first.year * 12 + first.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


@tenant_required()
def reconciliation(request: TenantRequest, key: str) -> HttpResponse:
    """Each payment with both sides: the differences first, or all."""
    found = _connection(request, key)
    usual = list(periods(timezone.localdate()))
    form = PeriodForm(
        request.GET if "first" in request.GET else {"first": usual[0].first, "last": usual[0].last}
    )
    context = {"connection": found, "form": form, "periods": usual, "labels": LABELS}
    if form.is_valid():
        reconciled = reconcile_period(found, form.cleaned_data["first"], form.cleaned_data["last"])
        shown = request.GET.get("show", DIFFERENCES)
        lines = _chosen(reconciled, shown)
        context |= {
            "first": form.cleaned_data["first"],
            "last": form.cleaned_data["last"],
            "show": shown,
            "tiles": [(one, one.label, len(reconciled.of(one)), TONES[one]) for one in Verdict],
            "total": len(reconciled.lines),
            "lines": [(line, TONES[line.row.verdict]) for line in lines[:LINES_SHOWN]],
            "left_out": max(0, len(lines) - LINES_SHOWN),
        }
    return render(request, "connections/reconciliation.html", context)


@tenant_required()
def reconciliation_file(request: TenantRequest, key: str) -> HttpResponse | StreamingHttpResponse:
    """All rows of the period as CSV, for people and their spreadsheets."""
    found = _connection(request, key)
    form = PeriodForm(request.GET)
    if not form.is_valid():
        page = reverse("reconciliation", args=[request.tenant.slug, found.key])
        return redirect(f"{page}?{request.GET.urlencode()}")
    first, last = form.cleaned_data["first"], form.cleaned_data["last"]
    lines = reconcile_period(found, first, last).lines
    answer = StreamingHttpResponse(_written(lines), content_type="text/csv; charset=utf-8")
    name = f"reconciliation-{found.key}-{first.isoformat()}-{last.isoformat()}.csv"
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


class _Echo:
    """What the csv module writes a row to, so that it can be sent at once."""

    def write(self, text: str) -> str:
        return text


def _written(lines: list[Line]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield "\N{BYTE ORDER MARK}"  # else spreadsheets take it for another encoding
    yield writer.writerow(COLUMNS)
    for line in lines:
        row = cells(line)
        yield writer.writerow([_cell(row.get(column, "")) for column in COLUMNS])


def _cell(value: object) -> str:
    """Texts are guarded, numbers and dates are what they are."""
    return (
        guarded(value)
        if isinstance(value, str)
        else f"{value:f}"
        if hasattr(value, "as_tuple")
        else str(value)
    )


def _chosen(reconciled: Reconciled, show: str) -> list[Line]:
    if show in set(Verdict):
        return reconciled.of(show)
    return reconciled.lines if show == EVERYTHING else reconciled.differences


def _connection(request: TenantRequest, key: str) -> Connection:
    return get_or_404(request, Connection, key=key, system__in=SYSTEMS)
