"""Forms for what customers set up: connections, routes, backfills."""

from typing import Any

from django import forms

from connections.models import Backfill, Connection, Route
from tenants.models import Tenant


class ConnectionForm(forms.ModelForm):
    """What every connection has; its system's own settings are a second form beside it."""

    class Meta:
        model = Connection
        fields = ["name", "poll_seconds"]
        help_texts = {"name": "How you and your colleagues call it."}


class RouteForm(forms.ModelForm):
    times_of_day = forms.CharField(
        label="Only at these times",
        required=False,
        help_text="Such as 08:00, 17:30, in your organisation's time zone. Empty: see the interval.",
    )

    class Meta:
        model = Route
        fields = [
            "name",
            "kind",
            "source",
            "target",
            "format",
            "starts_at",
            "on_update",
            "every_minutes",
            "times_of_day",
            "is_test",
            "dry_run",
        ]
        labels = {"source": "From", "target": "To"}
        widgets = {"starts_at": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.tenant = tenant
        connections = Connection.objects.for_tenant(tenant).order_by("name")
        self.fields["source"].queryset = connections.filter(system="freshbooks")  # type: ignore[attr-defined]
        self.fields["target"].queryset = connections.exclude(system="freshbooks")  # type: ignore[attr-defined]
        self.initial["times_of_day"] = ", ".join(self.instance.times_of_day)

    def clean_times_of_day(self) -> list[str]:
        return [part.strip() for part in self.cleaned_data["times_of_day"].split(",") if part.strip()]


class BackfillForm(forms.ModelForm):
    class Meta:
        model = Backfill
        fields = ["date_from", "date_to"]
        labels = {"date_from": "Dated from", "date_to": "to"}
        widgets = {name: forms.DateInput(attrs={"type": "date"}) for name in ("date_from", "date_to")}
