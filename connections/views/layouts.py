"""A tenant's file layouts: begun from a sample, changed beside their own rows, saved in versions."""

import copy
import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from audit.models import Arrival, Delivery
from connections.views.keys import free_key
from mappings.canonical import Document, InvalidDocument, from_json
from mappings.codecs.files import shown
from mappings.layout_editing import Data, records_of, sheet, with_columns, written
from mappings.layout_forms import ColumnForm, FileForm, MoreForm, NewLayoutForm, OfData, SampleForm
from mappings.models import FileLayout, LayoutVersion
from mappings.models.layouts import problems_of
from tenants.access import TenantRequest, get_or_404, require, tenant_required
from tenants.models import Role

MOST_COLUMNS = 150
"""More of them are more fields than one request may carry."""
LOOKED_THROUGH = 500
OFFERED = 20


def _may_edit(request: TenantRequest) -> bool:
    """Editors and owners, and support staff who may change layouts at their desk."""
    return request.membership.can_edit or request.user.has_perm("mappings.change_filelayout")


def _of_editor(request: TenantRequest, key: str) -> FileLayout:
    if not _may_edit(request):
        require(request, Role.EDITOR)
    return get_or_404(request, FileLayout, key=key)


@require_GET
@tenant_required()
def layouts(request: TenantRequest) -> HttpResponse:
    rows = FileLayout.objects.for_tenant(request.tenant).select_related("tenant", "partner").defer("sample")
    context = {"layouts": rows.order_by("name"), "may_edit": _may_edit(request)}
    return render(request, "layouts/list.html", context)


@tenant_required()
def add_layout(request: TenantRequest) -> HttpResponse:
    if not _may_edit(request):
        require(request, Role.EDITOR)
    layout = FileLayout(tenant=request.tenant)
    arrival = _sample_of(request)
    form = NewLayoutForm(
        request.POST or None,
        request.FILES or None,
        instance=layout,
        given=(arrival.name, bytes(arrival.payload.content)) if arrival else None,
    )
    if request.method == "POST" and form.is_valid():
        taken = FileLayout.objects.for_tenant(request.tenant).values_list("key", flat=True)
        layout.key = free_key(layout.name, "layout", taken)
        form.save()
        for question in form.questions:
            messages.warning(request, question)
        return redirect("edit_layout", request.tenant.slug, layout.key)
    return render(request, "layouts/add.html", {"form": form, "arrival": arrival})


def _sample_of(request: TenantRequest) -> Arrival | None:
    """The arrival that the layout is to be made from, if the address names one."""
    chosen = request.GET.get("arrival", "")
    return get_or_404(request, Arrival, public_id=chosen) if chosen else None


@require_GET
@tenant_required()
def layout(request: TenantRequest, key: str) -> HttpResponse:
    found = get_or_404(request, FileLayout, key=key)
    data = found.version.data if found.latest else found.draft or {}
    context = {
        "layout": found,
        "records": records_of(data),
        "versions": found.versions.select_related("made_by").order_by("-number"),
        "may_edit": _may_edit(request),
    }
    return render(request, "layouts/detail.html", context)


@require_GET
@tenant_required()
def layout_version(request: TenantRequest, key: str, number: int) -> HttpResponse:
    """One version as the data that it is."""
    rows = LayoutVersion.objects.for_tenant(request.tenant).select_related("layout__tenant", "made_by")
    found = get_object_or_404(rows, layout__key=key, number=number)
    text = json.dumps(found.data, indent=2, ensure_ascii=False)
    context = {"version": found, "layout": found.layout, "text": text, "may_edit": _may_edit(request)}
    return render(request, "layouts/version.html", context)


@require_POST
@tenant_required()
def take_up_version(request: TenantRequest, key: str, number: int) -> HttpResponse:
    """Work on with an earlier version, in place of what was being worked on."""
    found = _of_editor(request, key)
    found.draft = get_object_or_404(found.versions, number=number).data
    found.save(update_fields=["draft"])
    messages.success(request, f"This is version {number}. Save it, and it is used from then on.")
    return redirect("edit_layout", request.tenant.slug, key)


@tenant_required()
def edit_layout(request: TenantRequest, key: str) -> HttpResponse:
    """The editor. What is posted becomes the draft; then the button that was pressed acts on it."""
    found = _of_editor(request, key)
    editor = Editor(found, request.GET.get("column", ""), request.POST or None)
    if request.method != "POST":
        return render(request, "layouts/edit.html", _context(request, found, editor))
    if not editor.is_valid():
        return render(request, "layouts/edit.html", _context(request, found, editor))
    data, place = editor.after(request.POST.get("do", ""))
    found.draft = data
    found.save(update_fields=["draft"])
    here = reverse("edit_layout", args=[request.tenant.slug, key])
    if request.POST.get("do") == "save":
        return _save(request, found, data, here)
    chosen = request.POST.get("document", "")
    query = f"?column={place}&document={chosen}" if chosen.isalnum() else f"?column={place}"
    return redirect(f"{here}{query}#{'c' + place if place else 'columns'}")


def _save(request: TenantRequest, found: FileLayout, data: Data, here: str) -> HttpResponse:
    try:
        version = found.save_version(data, request.user)
    except ValidationError:
        messages.error(request, "It is not saved as a version yet: see what is still wrong with it.")
        return redirect(here)
    messages.success(request, f"Version {version.number} is saved, and used from now on.")
    return redirect(found)


class Editor:
    """The forms over a layout's data: one for the file, one for each column, and one for the column that is open.

    `opened` and the places in the buttons are `record-column`, both counted from 0.
    """

    def __init__(self, found: FileLayout, opened: str, posted: Any = None) -> None:
        self.data: Data = copy.deepcopy(found.draft if found.draft is not None else found.version.data)
        self.opened = posted.get("opened", "") if posted is not None else opened
        self.file = FileForm(posted, data_of=self.data, prefix="file")
        self.records: list[tuple[int, str, list[tuple[str, ColumnForm]]]] = []
        self.more: MoreForm | None = None
        for number, (title, columns) in enumerate(records_of(self.data)):
            forms = []
            for index, column in enumerate(columns[:MOST_COLUMNS]):
                place = f"{number}-{index}"
                options: dict[str, Any] = {"data_of": column, "file_format": found.format}
                forms.append((place, ColumnForm(posted, prefix=f"c{place}", kind=found.kind, **options)))
                if place == self.opened:
                    self.more = MoreForm(posted, prefix="more", **options)
            self.records.append((number, title, forms))

    @property
    def is_too_large(self) -> bool:
        return sum(len(columns) for _, columns in records_of(self.data)) > MOST_COLUMNS

    @property
    def forms(self) -> list[OfData]:
        columns = [form for _, _, row in self.records for _, form in row]
        return [self.file, *columns, *([self.more] if self.more else [])]

    def is_valid(self) -> bool:
        return not self.is_too_large and all(form.is_valid() for form in self.forms)

    @property
    def mistakes(self) -> list[str]:
        """What was entered and cannot be taken, in sentences."""
        return [
            f"{form.fields[name].label}: {message}" if name in form.fields else str(message)
            for form in self.forms
            for name, messages in form.errors.items()
            for message in messages
        ]

    def after(self, act: str) -> tuple[Data, str]:
        """The data with what was entered, after the act of a button; and the place to open then."""
        data = self.file.edited()
        verb, _, place = act.partition(":")
        for number, _, forms in self.records:
            columns = [form.edited() for _, form in forms]
            if self.more and self.opened.startswith(f"{number}-"):
                index = int(self.opened.partition("-")[2])
                self.more.data_of = columns[index]
                columns[index] = self.more.edited()
            if place.partition("-")[0] == str(number):
                _act(columns, verb, place.partition("-")[2])
            data = with_columns(data, number, columns)
        opens = place if verb == "more" else "" if verb in ("close", "remove", "up", "down") else self.opened
        return data, opens


def _act(columns: list[Data], verb: str, index: str) -> None:
    """Add, remove or move a column."""
    if verb == "add":
        columns.append({"name": f"Column {len(columns) + 1}"})
    at = int(index) if index.isdecimal() and index.isascii() and len(index) < 5 else len(columns)
    if at >= len(columns):
        return
    if verb == "remove":
        columns.pop(at)
    elif verb in ("up", "down"):
        to = at + (1 if verb == "down" else -1)
        if 0 <= to < len(columns):
            columns[at], columns[to] = columns[to], columns[at]


def _context(request: TenantRequest, found: FileLayout, editor: Editor) -> dict[str, Any]:
    sample = bytes(found.sample)
    return {
        "layout": found,
        "editor": editor,
        "sheet": sheet(editor.data, sample),
        "has_sample": bool(sample),
        "sample_form": SampleForm(),
        **_as_written(request, found, editor.data),
    }


def _as_written(request: TenantRequest, found: FileLayout, data: Data) -> dict[str, Any]:
    """A real document as the layout would write it, and those that can be chosen instead."""
    if data.get("direction") == "read" or problems_of(data):
        return {}
    latest = Delivery.objects.for_tenant(request.tenant).order_by("-id").defer("progress")[:LOOKED_THROUGH]
    choices = [one for one in latest if one.kind == found.kind and one.canonical_id][:OFFERED]
    wanted = request.GET.get("document") or request.POST.get("document")
    chosen = next((one for one in choices if one.public_id == wanted), choices[0] if choices else None)
    document = _document(chosen) if chosen else None
    lines, problems = written(data, document) if document else ([], [])
    return {"writes": True, "choices": choices, "chosen": chosen, "lines": lines, "troubles": problems}


def _document(delivery: Delivery) -> Document | None:
    try:
        return from_json(bytes(delivery.canonical.content).decode()) if delivery.canonical else None
    except (InvalidDocument, UnicodeDecodeError):
        return None


@require_POST
@tenant_required()
def replace_sample(request: TenantRequest, key: str) -> HttpResponse:
    """Try the layout with another file."""
    found = _of_editor(request, key)
    form = SampleForm(request.POST, request.FILES)
    if form.is_valid():
        name, found.sample = form.cleaned_data["sample"]
        found.sample_name = shown(name)
        found.save(update_fields=["sample", "sample_name"])
    else:
        messages.error(request, "Choose a file that is not empty.")
    return redirect("edit_layout", request.tenant.slug, key)


@tenant_required()
def discard_draft(request: TenantRequest, key: str) -> HttpResponse:
    """Forget what was not saved as a version; a layout without a version goes with it."""
    found = _of_editor(request, key)
    if request.method == "POST":
        if not found.latest:
            found.delete()
            messages.success(request, f"{found} is deleted.")
            return redirect("layouts", request.tenant.slug)
        found.draft = None
        found.save(update_fields=["draft"])
        messages.success(request, f"Version {found.latest} is as it was.")
        return redirect(found)
    context = {
        "question": f"Discard the changes to {found}?" if found.latest else f"Delete {found}?",
        "consequence": f"Version {found.latest} stays, and is used as before."
        if found.latest
        else "Nothing was ever sent or read with it.",
        "action": "Discard" if found.latest else "Delete",
        "back": reverse("edit_layout", args=[request.tenant.slug, key]),
    }
    return render(request, "confirm.html", context)
