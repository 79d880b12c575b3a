"""Forms for what comes into FreshBooks: routes from a partner, and choices where nothing is certain."""

from typing import Any

from django import forms

from audit.models import Delivery
from connections.models import Connection, DocumentKind, Route, SystemKind
from connections.models.route import INBOUND_KINDS
from tenants.models import Tenant


class InboundRouteForm(forms.ModelForm):
    """What partners leave at one connection, and in which FreshBooks it is booked."""

    class Meta:
        model = Route
        fields = ["name", "kind", "source", "target", "books_by_itself", "dry_run"]
        labels = {
            "source": "From",
            "target": "Into",
            "books_by_itself": "Book supplier invoices without asking",
            "dry_run": "Dry run",
        }
        help_texts = {
            "name": "What you and your colleagues call it, such as “Remittances from SFTP”.",
            "kind": "The format is told by the content: X12, EDIFACT, RSX, or a file with a layout.",
            "books_by_itself": "For supplier invoices only. Otherwise each waits until one of you creates the bill.",
            "dry_run": "Do everything but the booking. Look at the result under Documents.",
        }

    def __init__(self, *args: Any, tenant: Tenant, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.tenant = tenant
        self.fields["kind"].choices = [  # type: ignore[attr-defined]
            (kind.value, kind.label) for kind in DocumentKind if kind in INBOUND_KINDS
        ]
        connections = Connection.objects.for_tenant(tenant).defer("credentials").order_by("name")
        books = connections.filter(system=SystemKind.FRESHBOOKS)
        others = connections.exclude(system=SystemKind.FRESHBOOKS)
        for name, choices in (("source", others), ("target", books)):
            self.fields[name].queryset = choices  # type: ignore[attr-defined]
            if not self.instance.pk and choices.count() == 1:
                self.initial[name] = choices[0]
                self.fields[name].empty_label = None  # type: ignore[attr-defined]
        if self.instance.pk and self.instance.deliveries.exists():
            for name in ("kind", "source", "target"):
                self.fields[name].disabled = True
                self.fields[
                    name
                ].help_text = "Documents have come this way. For another way add another route."


CHOOSE_NEW = "new"
LEAVE_IT = "leave"
"""FreshBooks is right: what the file says is not booked."""


class ChoiceForm(forms.Form):
    """Which of the candidates a held delivery belongs to; a payment also by an invoice's number."""

    record = forms.ChoiceField(label="It belongs to", required=False, widget=forms.RadioSelect)
    number = forms.CharField(
        label="Or another invoice, by its number",
        required=False,
        max_length=60,
        help_text="As FreshBooks has it.",
    )
    may_overpay = forms.BooleanField(
        label="Book all of it, even if less is open",
        required=False,
        help_text="FreshBooks keeps what is more as a credit of the client.",
    )

    def __init__(self, data: Any, *, delivery: Delivery) -> None:
        super().__init__(data)
        self.is_payment = delivery.kind == "payment"
        candidates = delivery.matching.get("candidates", [])
        choices = [(str(one["id"]), _candidate(one)) for one in candidates]
        self.is_conflict = bool(delivery.matching.get("conflicts"))
        if self.is_payment:
            self.fields["record"].label = "It pays invoice"
        else:
            del self.fields["number"], self.fields["may_overpay"]
            self.fields["record"].required = True
            if self.is_conflict:
                self.fields["record"].label = "Right is"
                choices = [(record, f"the file: {named} becomes as it says") for record, named in choices]
                choices.append(
                    (LEAVE_IT, "FreshBooks: it stays as it is, and what the file says is dismissed")
                )
            else:
                choices.append((CHOOSE_NEW, "none of them: create a new one"))
        self.fields["record"].choices = choices  # type: ignore[attr-defined]
        if not choices:
            del self.fields["record"]
            self.fields["number"].label = "It pays the invoice with the number"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned.setdefault("record", "")
        if not self.errors and bool(cleaned["record"]) == bool(cleaned.get("number")):
            raise forms.ValidationError(
                "Choose one of them, or enter a number, not both."
                if self.is_payment
                else "Choose one of them."
            )
        return cleaned

    def said(self) -> str:
        """The choice in words, after the person's name."""
        chosen = self.cleaned_data["record"]
        named = dict(self.fields["record"].choices).get(chosen, "") if chosen else ""  # type: ignore[attr-defined]
        what = named or f"invoice {self.cleaned_data.get('number')}"
        more = " All of it is booked." if self.cleaned_data.get("may_overpay") else ""
        return f"chose: {what}.{more}"


def _candidate(one: dict[str, Any]) -> str:
    """An invoice, or a vendor or client, in one line."""
    if "number" not in one:
        return ", ".join(filter(None, [one.get("name"), one.get("email"), one["id"]]))
    order = f", order {one['purchase_order']}" if one.get("purchase_order") else ""
    money = f"{one['outstanding']} of {one['total']} {one['currency']} open"
    return f"{one['number']} of {one['client']}{order}: {money}"
