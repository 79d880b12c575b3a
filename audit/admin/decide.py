"""One confirm page for every decision, for one subject or for many: in words what will happen, then why."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IS_POPUP_VAR
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from audit.decisions import AT_MOST, Decision, Weighing, carry_out, weigh
from tenants.admin_base import SupportAdmin

SAMPLE = 10
Action = Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse]


class DecisionForm(forms.Form):
    why = forms.CharField(
        label="Why",
        max_length=500,
        widget=forms.Textarea({"rows": 3, "class": "vLargeTextField"}),
        help_text="Stands on the timeline of each document, with your name.",
    )
    force = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, decision: Decision, overrulable: int) -> None:
        super().__init__(data)
        if overrulable:
            self.fields["force"].label = f"{decision.force} ({overrulable})"
        else:
            del self.fields["force"]


class DecidingAdmin(SupportAdmin):
    """A list and page with decisions: as actions of the list, and as buttons of the page."""

    decisions: tuple[Decision, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_decide"
        view = self.admin_site.admin_view(self.decide_one)
        return [path("<int:pk>/decide/<slug:key>/", view, name=name), *super().get_urls()]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if IS_POPUP_VAR in request.GET:
            return {}
        return {
            decision.key: (_action(decision), decision.key, decision.title)
            for decision in self.decisions
            if request.user.has_perm(decision.permission)
        }

    def open_decisions(self, request: HttpRequest, subject: Any) -> list[dict[str, str]]:
        """The buttons of the subject's page: what this user may decide about it now."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_decide"
        return [
            {"title": decision.title, "url": reverse(name, args=[subject.pk, decision.key])}
            for decision in self.decisions
            if request.user.has_perm(decision.permission) and not decision.refuses(subject, force=True)
        ]

    def decide_one(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        decision = next((each for each in self.decisions if each.key == key), None)
        if decision is None:
            raise Http404
        subject = get_object_or_404(self.get_queryset(request), pk=pk)
        subjects = self.get_queryset(request).filter(pk=pk)
        return self.decide(request, decision, subjects, back=_page(subject))

    def decide(
        self,
        request: HttpRequest,
        decision: Decision,
        subjects: QuerySet[Any],
        *,
        back: str,
        hidden: Iterable[tuple[str, str]] = (),
    ) -> HttpResponse:
        """Show what the decision would do to `subjects`; do it once it comes back confirmed, with a reason.

        `hidden` are the form values that make the same request arrive here again; `back` is where it ends.
        """
        if not (request.user.has_perm(decision.permission) and self.has_view_permission(request)):
            raise PermissionDenied
        weighing = weigh(decision, subjects, force=False)
        overrulable = weighing.refused.get(decision.overruled, 0)
        confirmed = request.method == "POST" and "confirm" in request.POST
        form = DecisionForm(request.POST if confirmed else None, decision=decision, overrulable=overrulable)
        if confirmed and form.is_valid():
            force = form.cleaned_data.get("force", False)
            chosen = weigh(decision, subjects, force=force)
            done = self.carry_out(
                request, decision, chosen.applies, why=form.cleaned_data["why"], force=force
            )
            self._report(request, decision, done, chosen)
            return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "title": decision.title,
            "opts": self.opts,
            "media": self.media,
            "decision": decision,
            "weighing": weighing,
            "overrulable": overrulable,
            "what": self.opts.verbose_name_plural,
            "at_most": AT_MOST,
            "unsampled": len(weighing.applies[SAMPLE:]),
            "sample": [{"url": _page(subject), "subject": subject} for subject in weighing.applies[:SAMPLE]],
            "form": form,
            "hidden": hidden,
            "back": back,
        }
        return TemplateResponse(request, "admin/audit/decide.html", context)

    def carry_out(
        self, request: HttpRequest, decision: Decision, subjects: list[Any], *, why: str, force: bool
    ) -> Weighing:
        """Do it, one subject after the other; returns what was done, and what had changed meanwhile."""
        actor: Any = request.user
        return carry_out(decision, subjects, actor=actor, why=why, force=force)

    def _report(self, request: HttpRequest, decision: Decision, done: Weighing, chosen: Weighing) -> None:
        count = len(done.applies)
        what = self.opts.verbose_name if count == 1 else self.opts.verbose_name_plural
        level = messages.SUCCESS if count else messages.WARNING
        self.message_user(request, f"{count} {what} {decision.done}.", level)
        for refusal, number in (done.refused + chosen.refused).items():
            self.message_user(request, f"{number} left alone: {refusal}.", messages.WARNING)
        if chosen.more:
            self.message_user(request, f"There are more than {AT_MOST}: do the same again.", messages.WARNING)


def _action(decision: Decision) -> Action:
    def act(model_admin: DecidingAdmin, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        hidden = [
            ("action", decision.key),
            ("select_across", request.POST.get("select_across", "0")),
            *((ACTION_CHECKBOX_NAME, pk) for pk in chosen),
        ]
        return model_admin.decide(request, decision, queryset, back=request.get_full_path(), hidden=hidden)

    return act


def _page(subject: Model) -> str:
    opts = subject._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[subject.pk])
