"""Forms for what customers set up: connections, routes, backfills."""

from datetime import date, time, timedelta
from typing import Any

from django import forms

from connections.models import Backfill, Connection, DocumentKind, Route, SystemKind
from connections.models.route import OUTBOUND_KINDS
from mappings.models import FileLayout, TradingPartner
from tenants.models import Tenant
from tenants.templatetags.look import day

MINUTE, HOUR = 60, 3600
LOOKS = {
    MINUTE: "every minute",
    2 * MINUTE: "every 2 minutes",
    5 * MINUTE: "every 5 minutes",
    10 * MINUTE: "every 10 minutes",
    15 * MINUTE: "every 15 minutes",
    30 * MINUTE: "every 30 minutes",
    HOUR: "every hour",
    4 * HOUR: "every 4 hours",
    24 * HOUR: "once a day",
}
SENDS = {
    0: "at once",
    5: "every 5 minutes",
    15: "every 15 minutes",
    30: "every 30 minutes",
    60: "every hour",
    240: "every 4 hours",
}


LONGEST_BACKFILL = timedelta(days=3660)


class ChoiceOfNumber(forms.TypedChoiceField):
    """One of a few usual numbers, each with its words; a stored one that is none of them can be kept."""

    def __init__(self, usual: dict[int, str], unit: str, **kwargs: Any) -> None:
        super().__init__(coerce=int, choices=list(usual.items()), **kwargs)
        self.usual, self.unit = usual, unit

    def keep(self, stored: int) -> None:
        if stored not in self.usual:
            self.choices = [*self.usual.items(), (stored, f"every {stored} {self.unit}")]


class ConnectionForm(forms.ModelForm):
    """What every connection has; its system's own settings are a second form beside it."""

    poll_seconds = ChoiceOfNumber(LOOKS, "seconds", label="Look for news", initial=5 * MINUTE)

    class Meta:
        model = Connection
        fields = ["name", "poll_seconds"]
        help_texts = {"name": "What you and your colleagues call it."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["poll_seconds"].keep(self.instance.poll_seconds)  # type: ignore[attr-defined]
        if self.instance.system == SystemKind.FRESHBOOKS:
            self.fields["poll_seconds"].help_text = (
                "FreshBooks mostly tells us of changes within seconds or minutes. This is how often we look "
                "ourselves, so that none is missed."
            )
        else:
            self.fields["poll_seconds"].help_text = "How often we look for what your partners left for you."


class RouteForm(forms.ModelForm):
    every_minutes = ChoiceOfNumber(SENDS, "minutes", label="Send", initial=0)
    times_of_day = forms.CharField(
        label="Or only at these times",
        required=False,
        help_text="Such as 08:00, 17:30, in your organisation's time zone.",
    )

    file_name = forms.CharField(
        label="Names of the files",
        required=False,
        max_length=80,
        help_text="Empty: as the system names them. In braces: <code>{kind}</code>, <code>{number}</code> of the "
        "(first) document, "
        "<code>{partner}</code>, <code>{date}</code>, <code>{time}</code>, <code>{sequence}</code> (counts the "
        "files to this system), <code>{id}</code>. Without the last two the id is added, so that no two files "
        "have one name.",
    )

    class Meta:
        model = Route
        fields = [
            "name",
            "kind",
            "format",
            "as_ship_notice",
            "source",
            "target",
            "layout",
            "partner",
            "starts_at",
            "on_update",
            "every_minutes",
            "times_of_day",
            "batch",
            "file_name",
            "is_test",
            "dry_run",
            "notes_acknowledgements",
        ]
        labels = {
            "source": "From",
            "target": "To",
            "as_ship_notice": "Send a ship notice of it",
            "layout": "Layout of the files",
            "partner": "All to one partner",
            "starts_at": "Documents from",
            "batch": "One file for all that is due",
            "is_test": "Mark them as test data",
            "dry_run": "Dry run",
            "notes_acknowledgements": "Note acknowledgements on the invoice",
        }
        help_texts = {
            "name": "What you and your colleagues call it, such as “Invoices to Sterling”.",
            "format": "Invoices go as 810, INVOIC or RSX invoice; bills as 850, ORDERS or RSX order; payments as 820 "
            "or REMADV. Everything can go in CSV, XML or fixed-width files.",
            "as_ship_notice": "Instead of the document itself: a draft of what was shipped of its order, in RSX.",
            "layout": "For files only. Empty: the partner's own, else the one for everybody.",
            "partner": "Empty: each document goes to the partner that its client or vendor is linked to. Lists of "
            "vendors and customers need one.",
            "starts_at": "Documents that are booked or dated before are left alone. A backfill can send them.",
            "batch": "What is due for a partner at the same time goes in one file, not each document in its own.",
            "is_test": "The partner's system then checks them without booking them (ISA15 is T).",
            "dry_run": "Do everything but the sending. Look at the result under Documents.",
        }
        widgets = {
            "starts_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        }

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.tenant = tenant
        connections = Connection.objects.for_tenant(tenant).defer("credentials").order_by("name")
        books = connections.filter(system=SystemKind.FRESHBOOKS)
        others = connections.exclude(system=SystemKind.FRESHBOOKS)
        for name, choices in (("source", books), ("target", others)):
            self.fields[name].queryset = choices  # type: ignore[attr-defined]
            if not self.instance.pk and choices.count() == 1:
                self.initial[name] = choices[0]
                self.fields[name].empty_label = None  # type: ignore[attr-defined]
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, kind.label) for kind in DocumentKind if kind in OUTBOUND_KINDS
        ]
        self.fields["partner"].queryset = TradingPartner.objects.for_tenant(tenant)  # type: ignore[attr-defined]
        self.fields["partner"].empty_label = "whoever its client or vendor is"  # type: ignore[attr-defined]
        self.fields["layout"].empty_label = "the partner's own"  # type: ignore[attr-defined]
        layouts = FileLayout.objects.for_tenant(tenant).filter(latest__gt=0).exclude(direction="read")
        self.fields["layout"].queryset = layouts  # type: ignore[attr-defined]
        self.fields["every_minutes"].keep(self.instance.every_minutes)  # type: ignore[attr-defined]
        self.initial["times_of_day"] = ", ".join(self.instance.times_of_day)
        if self.instance.pk and self.instance.deliveries.exists():
            self._keep("kind", "source", "target", "format", "as_ship_notice")

    def _keep(self, *names: str) -> None:
        """What documents have gone along cannot be changed: they are told apart by it."""
        for name in names:
            self.fields[name].disabled = True
            self.fields[name].help_text = "Documents have gone this way. For another way add another route."

    def clean_times_of_day(self) -> list[str]:
        """The times as HH:MM, in order, each once."""
        times = {_time(part) for part in self.cleaned_data["times_of_day"].replace(";", ",").split(",")}
        return sorted(f"{at:%H:%M}" for at in times if at)


def _time(text: str) -> time | None:
    """8:00 or 17:30 as a time; None for nothing. Raises `ValidationError`."""
    hours, _, minutes = text.strip().partition(":")
    if not hours and not minutes:
        return None
    try:
        return time(int(hours), int(minutes))
    except ValueError:
        raise forms.ValidationError(f"“{text.strip()}” is no time of the day. Write it like 08:00.") from None


class SwitchOnForm(forms.Form):
    """Whether to fetch what the route's start covers and polling alone would not find."""

    catch_up = forms.BooleanField(required=False, initial=True)

    def __init__(self, *args: Any, since: date, until: date, what: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["catch_up"]
        field.label = f"Also fetch the {what} dated {day(since)} to {day(until)}"
        field.help_text = "What was sent already is not sent again."


class BackfillForm(forms.ModelForm):
    class Meta:
        model = Backfill
        fields = ["date_from", "date_to"]
        labels = {"date_from": "Dated from", "date_to": "to"}
        widgets = {name: forms.DateInput(attrs={"type": "date"}) for name in ("date_from", "date_to")}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("date_from"), cleaned.get("date_to")
        if first and last and last - first > LONGEST_BACKFILL:
            self.add_error("date_to", "Ask for ten years at most.")
        return cleaned
