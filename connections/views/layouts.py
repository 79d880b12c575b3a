"""A tenant's file layouts: begun from a sample, changed beside their own rows, saved in versions."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from audit.models import Arrival, Delivery
from connections.views.keys import free_key
from mappings.canonical import Document, InvalidDocument, from_json
from mappings.codecs.files import shown
from mappings.layout_editing import sheet, written
from mappings.layout_editor import Editor
from mappings.layout_forms import MOST_SAMPLE, NewLayoutForm, SampleForm
from mappings.layout_rows import Data, records_of, without_kind
from mappings.models import FileLayout, LayoutVersion
from mappings.models.layouts import problems_of
from tenants.access import TenantRequest, get_or_404, require, tenant_required
from tenants.models import Role

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
        given=(arrival.name, arrival.payload.open().read(MOST_SAMPLE)) if arrival else None,
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
    data, place = editor.after()
    found.draft = data
    found.save(update_fields=["draft"])
    here = reverse("edit_layout", args=[request.tenant.slug, key])
    verb, _, at = editor.act.partition(":")
    if verb == "save":
        return _save(request, found, data, here)
    if verb == "remove_kind" and at.isdecimal() and at.isascii():
        return redirect("remove_kind_of_row", request.tenant.slug, key, int(at[:4]))
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


@tenant_required()
def remove_kind_of_row(request: TenantRequest, key: str, number: int) -> HttpResponse:
    """Take a kind of row, counted from 0, out of the draft, with its columns."""
    found = _of_editor(request, key)
    data: Data = found.draft if found.draft is not None else found.version.data
    kinds = records_of(data)
    if number >= len(kinds) or len(kinds) < 2:
        raise Http404
    title, columns = kinds[number]
    here = reverse("edit_layout", args=[request.tenant.slug, key])
    if request.method == "POST":
        if request.POST.get("title") != title:
            messages.error(request, "The layout was changed meanwhile. Nothing is removed.")
            return redirect(here)
        found.draft = without_kind(data, number)
        found.save(update_fields=["draft"])
        messages.success(request, f"Rows “{title}” are taken out.")
        return redirect(here)
    return render(
        request,
        "layouts/remove_kind.html",
        {
            "question": f"Remove the rows “{title}”?",
            "consequence": f"{len(columns)} column{'' if len(columns) == 1 else 's'} and what is set for them go with "
            "the rows. Files are read and written as before until you save the layout; earlier versions stay.",
            "action": "Remove",
            "back": here,
            "title": title,
        },
    )


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
