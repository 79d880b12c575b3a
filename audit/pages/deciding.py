"""A person's decision about one document or arrival: asked first, in words, then done and put on record."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from audit.decisions import Decision, carry_out
from audit.models import Delivery
from audit.services import Subject
from tenants.access import TenantRequest


class DecisionForm(forms.Form):
    why = forms.CharField(
        label="Why?",
        required=False,
        max_length=500,
        help_text="Stands on the timeline of the document, with your name.",
    )
    force = forms.BooleanField()

    def __init__(self, data: Any, *, force: str) -> None:
        """`force`: what a person ticks to overrule a refusal; without it there is nothing to overrule."""
        super().__init__(data)
        if force:
            self.fields["force"].label = force
        else:
            del self.fields["force"]


def open_decisions(decisions: Iterable[Decision], subject: Subject) -> list[Decision]:
    """Those that may be taken now; to dismiss comes last."""
    found = [decision for decision in decisions if not decision.refuses(subject, force=True)]
    return sorted(found, key=lambda decision: decision.key == "dismiss")


def decide(request: TenantRequest, decisions: Iterable[Decision], subject: Any, key: str) -> HttpResponse:
    """Ask about the decision called `key`; on POST carry it out."""
    decision = next((one for one in decisions if one.key == key), None)
    if decision is None:
        raise Http404
    if refusal := decision.refuses(subject, force=True):
        messages.error(request, f"{decision.title} is not possible now: {refusal}.")
        return redirect(subject)
    overrules = bool(decision.refuses(subject, force=False))
    form = DecisionForm(
        request.POST if request.method == "POST" else None, force=decision.force if overrules else ""
    )
    if request.method == "POST" and form.is_valid():
        weighing = carry_out(
            decision, [subject], actor=request.user, why=form.cleaned_data["why"], force=overrules
        )
        for refusal in weighing.refused:
            messages.error(request, f"Something changed meanwhile. It was left alone: {refusal}.")
        if weighing.applies:
            messages.success(request, f"{_named(subject)} is {decision.done}.")
        return redirect(subject)
    context = {
        "question": f"{decision.title}: {_named(subject)}",
        "consequence": decision.effect,
        "warning": _warning(decision, subject),
        "action": decision.title,
        "back": subject.get_absolute_url(),
        "form": form,
    }
    return render(request, "confirm.html", context)


def _named(subject: Subject) -> str:
    name = str(subject)
    return name[:1].upper() + name[1:] if isinstance(subject, Delivery) else name


def _warning(decision: Decision, subject: Subject) -> str:
    if decision.key == "replay" and isinstance(subject, Delivery) and subject.is_delivered:
        return "It has been delivered already: the partner gets it a second time."
    return ""
