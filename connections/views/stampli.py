"""Setting Stampli up in one step: its layouts and routes, to be looked at, edited and switched on."""

from datetime import datetime, time

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from connections.forms import SENDS, ChoiceOfNumber
from connections.models import Connection, Format, Route, SystemKind
from connections.stampli_setup import set_up
from tenants.access import TenantRequest, get_or_404, tenant_required
from tenants.models import Role, Tenant


class StampliRoutesForm(forms.Form):
    """From which books, since when, how often and in which format."""

    source = forms.ModelChoiceField(label="From", queryset=Connection.unscoped.none())
    since = forms.DateField(
        label="Bills from",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Bills and payments that are booked or dated before are left alone. A backfill can send them. "
        "The vendors of all bills that are sent go before them.",
    )
    every_minutes = ChoiceOfNumber(
        SENDS,
        "minutes",
        label="Write files",
        help_text="At once: one file for each document. Otherwise one for all of a kind that came up meanwhile.",
    )
    file_format = forms.ChoiceField(
        label="Format",
        choices=[(Format.CSV, "CSV"), (Format.XML, "XML")],
        help_text="As Stampli agreed with you. The columns can be edited afterwards, beside your own bills.",
    )

    def __init__(self, *args: object, tenant: Tenant, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        books = Connection.objects.for_tenant(tenant).filter(system=SystemKind.FRESHBOOKS)
        field = self.fields["source"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - as declared above
        field.queryset = books.defer("credentials").order_by("name")
        if books.count() == 1:
            field.initial, field.empty_label = books.first(), None


@tenant_required(Role.EDITOR)
def set_up_stampli(request: TenantRequest, key: str) -> HttpResponse:
    """Make the routes that are missing, and lead to them."""
    found = get_or_404(request, Connection, key=key, system=SystemKind.STAMPLI)
    form = StampliRoutesForm(
        request.POST if request.method == "POST" else None,
        tenant=request.tenant,
        initial={"since": timezone.localdate(), "every_minutes": 0},
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        set_up(
            found,
            given["source"],
            starts_at=datetime.combine(given["since"], time(), tzinfo=request.tenant.zone),
            every_minutes=given["every_minutes"],
            file_format=given["file_format"],
        )
        messages.success(
            request, "The routes are made. Preview each of them, then switch it on: vendors first."
        )
        return redirect(reverse("routes", args=[request.tenant.slug]))
    return render(request, "connections/set_up_stampli.html", {"connection": found, "form": form})


def is_set_up(connection: Connection) -> bool:
    """Whether any route leads to it."""
    return Route.objects.for_tenant(connection.tenant).filter(target=connection).exists()
