"""Documents that came in: one of them with what became of it, and what a person decides about it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from audit.models import ArrivedDocument, Delivery
from audit.models.documents import DocumentState
from audit.pages.deciding import DecisionForm
from audit.pages.documents import business_of
from audit.services import choose as keep_choice
from audit.services import dismiss as dismiss_delivery
from audit.states import IllegalStep
from connections.inbound_forms import CHOOSE_NEW, LEAVE_IT, ChoiceForm
from connections.pipeline.inbound.kinds import PAYMENT
from connections.pipeline.inbound.reversing import reverse
from connections.pipeline.inbound.take import dismiss, take
from connections.systems.base import SystemFailure
from connections.systems.freshbooks import FreshBooks
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.registry import open_system
from mappings.freshbooks.values import identifier
from tenants.access import TenantRequest, tenant_required
from tenants.doorbell import ring
from tenants.models import Role

DELIVERIES_SHOWN = 500


@tenant_required()
def arrived_document(request: TenantRequest, public_id: str) -> HttpResponse:
    """What it says, where it lay, and what was made of it in FreshBooks."""
    row = _row(request, public_id)
    deliveries = Delivery.objects.for_tenant(request.tenant).filter(arrived=row)
    context = {
        "row": row,
        "business": business_of(row),
        "deliveries": deliveries.select_related("tenant", "partner").order_by("pk")[:DELIVERIES_SHOWN],
        "can_take": row.state == DocumentState.OPEN,
        "can_dismiss": row.state in (DocumentState.OPEN, DocumentState.INVALID),
        "creates_bill": row.kind in ("invoice", "bill"),
    }
    return render(request, "documents/arrived.html", context)


@tenant_required(Role.EDITOR)
def take_document(request: TenantRequest, public_id: str) -> HttpResponse:
    """Let the routes that are switched on now take it."""
    row = _row(request, public_id)
    if row.state != DocumentState.OPEN:
        return redirect(row)
    if request.method == "POST":
        row = take(row, actor=request.user)
        if row.state == DocumentState.OPEN:
            messages.error(request, row.reason)
        else:
            messages.success(request, f"{str(row).capitalize()}: {row.get_state_display()}.")
            for target in row.deliveries.values_list("target", flat=True).distinct():
                ring("connections.tasks.deliver", target)
        return redirect(row)
    context = {
        "question": f"Take {row} now?",
        "consequence": "The routes that are switched on now take it, and what they make of it is booked in "
        "FreshBooks, once.",
        "action": "Create as bill" if row.kind in ("invoice", "bill") else "Take it",
        "back": row.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@tenant_required(Role.EDITOR)
def dismiss_document(request: TenantRequest, public_id: str) -> HttpResponse:
    row = _row(request, public_id)
    form = DecisionForm(request.POST if request.method == "POST" else None, force="")
    if request.method == "POST" and form.is_valid():
        dismiss(row, actor=request.user, why=form.cleaned_data["why"])
        messages.success(request, f"{str(row).capitalize()} is dismissed.")
        return redirect(row)
    context = {
        "question": f"Dismiss {row}?",
        "consequence": "Nothing is made of it, and nobody is reminded of it. Its arrival keeps it.",
        "action": "Dismiss",
        "back": row.get_absolute_url(),
        "form": form,
    }
    return render(request, "confirm.html", context)


@tenant_required(Role.EDITOR)
def reverse_entry(request: TenantRequest, public_id: str) -> HttpResponse:
    """Book the opposite of a journal entry that was booked wrongly."""
    rows = Delivery.objects.for_tenant(request.tenant).select_related("tenant", "partner", "target", "route")
    delivery = get_object_or_404(rows, public_id=public_id)
    if not delivery.can_be_reversed:
        raise Http404
    if request.method == "POST":
        made = reverse(delivery, actor=request.user)
        ring("connections.tasks.deliver", made.target_id)
        messages.success(request, f"{str(made).capitalize()} is booked now.")
        return redirect(made)
    context = {
        "question": f"Reverse {delivery}?",
        "consequence": "It is booked once more in FreshBooks, dated today, with debit and credit exchanged. Both "
        "entries stay in the ledger, for FreshBooks can neither change nor delete one.",
        "action": "Reverse",
        "back": delivery.get_absolute_url(),
    }
    return render(request, "confirm.html", context)


@tenant_required(Role.EDITOR)
def choose(request: TenantRequest, public_id: str) -> HttpResponse:
    """A payment, vendor or customer of which nobody is certain: a person says what it belongs to."""
    delivery = _held(request, public_id)
    form = ChoiceForm(request.POST if request.method == "POST" else None, delivery=delivery)
    if request.method == "POST" and form.is_valid() and (choice := _choice(delivery, form)):
        try:
            _carry_out(request, delivery, choice, form)
        except IllegalStep:
            messages.error(request, "Something changed meanwhile. It was left alone.")
        return redirect(delivery)
    context = {"delivery": delivery, "form": form, "conflicts": delivery.matching.get("conflicts", [])}
    return render(request, "documents/choose.html", context)


def _carry_out(request: TenantRequest, delivery: Delivery, choice: dict[str, Any], form: ChoiceForm) -> None:
    if choice.get("record") == LEAVE_IT:
        dismiss_delivery(delivery, actor=request.user, why="FreshBooks is right.")
        messages.success(request, "FreshBooks stays as it is.")
        return
    keep_choice(delivery, choice, actor=request.user, text=form.said())
    ring("connections.tasks.deliver", delivery.target_id)
    messages.success(request, "Your choice is kept; it is booked now.")


def _choice(delivery: Delivery, form: ChoiceForm) -> dict[str, Any] | None:
    """What is kept of the choice; None, with the form's error, if there is no such invoice."""
    chosen = form.cleaned_data["record"]
    if delivery.kind != PAYMENT:
        return {"record": chosen, "overwrite": chosen != CHOOSE_NEW}
    number = form.cleaned_data["number"]
    try:
        invoice = _invoice_id(delivery, number) if number else chosen
    except SystemFailure as failure:
        form.add_error("number", str(failure))
        return None
    if not invoice:
        form.add_error("number", f"FreshBooks has no invoice with the number {number}.")
        return None
    return {"invoice": invoice, "may_overpay": form.cleaned_data["may_overpay"]}


def _invoice_id(delivery: Delivery, number: str) -> str:
    with open_system(delivery.target) as system:
        assert isinstance(system, FreshBooks)  # noqa: S101 - payments go nowhere else
        rows = system.client.page(RESOURCES["invoices"], {"invoice_number": number}, per_page=2).rows
    return identifier(rows[0], "id", "invoiceid") if len(rows) == 1 else ""


def _row(request: TenantRequest, public_id: str) -> ArrivedDocument:
    rows = ArrivedDocument.objects.for_tenant(request.tenant)
    related = rows.select_related("tenant", "partner", "arrival__connection", "canonical")
    return get_object_or_404(related.defer("arrival__connection__credentials"), public_id=public_id)


def _held(request: TenantRequest, public_id: str) -> Delivery:
    rows = Delivery.objects.for_tenant(request.tenant).select_related("tenant", "partner", "target", "route")
    delivery = get_object_or_404(rows, public_id=public_id)
    if not delivery.waits_for_a_choice:
        raise Http404
    return delivery
