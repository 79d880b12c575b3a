"""Replay a span of time: what failed, was rejected or was delivered over a connection between two moments."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from audit.decisions import REPLAY
from audit.models import Delivery, Event
from audit.standing import STANDINGS
from audit.states import Transfer
from tenants.admin_base import Chooser

if TYPE_CHECKING:
    from audit.admin.deliveries import DeliveryAdmin

WHAT = {
    "failed": "failed",
    "rejected": "was rejected by the partner",
    "overdue": "should have been acknowledged, but was not",
    "delivered": "was delivered (the partner gets it a second time)",
}


class Moment(forms.DateTimeField):
    widget = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class SpanForm(forms.Form):
    what = forms.ChoiceField(label="Everything that", choices=list(WHAT.items()))
    target: Any = forms.ModelChoiceField(queryset=None, label="On connection")
    since = Moment(label="From", help_text="UTC")
    until = Moment(label="To", help_text="UTC, not included")
    route: Any = forms.ModelChoiceField(queryset=None, label="Only on route", required=False)
    reason_code = forms.SlugField(
        label="Only with reason", required=False, help_text="The code beside the reason on a delivery's page."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("target", "route"):
            relation: Any = Delivery._meta.get_field(name)
            chooser: Any = self.fields[name]
            chooser.queryset = relation.related_model.unscoped.all()
            chooser.widget = Chooser(relation)
            chooser.widget.choices = chooser.choices

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("since") and said.get("until") and said["since"] >= said["until"]:
            self.add_error("until", "The end is not after the beginning.")

    def deliveries(self) -> QuerySet[Delivery]:
        """What the form describes, found by connection and standing."""
        said = self.cleaned_data
        chosen = Delivery.unscoped.filter(_happened(said["what"], said["since"], said["until"]))
        chosen = chosen.filter(target=said["target"])
        if said["route"]:
            chosen = chosen.filter(route=said["route"])
        if said["reason_code"]:
            chosen = chosen.filter(reason_code=said["reason_code"])
        return chosen


def _happened(what: str, since: Any, until: Any) -> Q:
    """The condition that it stands so now, and came to it in the span."""
    if what == "failed":
        failed = Event.unscoped.filter(
            delivery=OuterRef("pk"), kind=Transfer.FAILED, at__gte=since, at__lt=until
        )
        return STANDINGS["failed"][1] & Q(Exists(failed))
    column = {"rejected": "acknowledged_at", "overdue": "acknowledgement_due_at", "delivered": "delivered_at"}
    span = Q(**{f"{column[what]}__gte": since, f"{column[what]}__lt": until})
    if what == "delivered":
        return Q(transfer=Transfer.DELIVERED) & span
    return STANDINGS[what][1] & span


def span_view(model_admin: "DeliveryAdmin", request: HttpRequest) -> HttpResponse:
    """First the form, by GET; then the count and the confirm page, whose POST keeps the same query string."""
    if not (request.user.has_perm(REPLAY.permission) and model_admin.has_view_permission(request)):
        raise PermissionDenied
    form = SpanForm(request.GET if "what" in request.GET else None, initial=request.GET.dict())
    if form.is_valid():
        return model_admin.decide(request, REPLAY, form.deliveries(), back=request.get_full_path())
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Replay a span of time",
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "form": form,
    }
    return TemplateResponse(request, "admin/audit/span.html", context)
