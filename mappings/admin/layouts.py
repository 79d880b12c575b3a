"""File layouts and their versions."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest

from mappings.forms import LayoutField
from mappings.models import FileLayout, LayoutVersion
from tenants.admin_base import ReadOnlyAdmin, SupportAdmin, TenantFilter, tenant_filter


class FileLayoutForm(forms.ModelForm):
    layout = LayoutField(
        help_text="As docs/translation-files.md describes it. Saving a change makes a new version; what was sent or "
        "read keeps the version it had."
    )

    class Meta:
        model = FileLayout
        fields = ["tenant", "key", "name", "partner"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.latest:
            self.initial["layout"] = self.instance.version.data

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "layout" in cleaned:
            try:
                self.instance.check_version(cleaned["layout"])
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned


@admin.register(FileLayout)
class FileLayoutAdmin(SupportAdmin):
    form = FileLayoutForm
    list_display = ["name", "tenant", "partner", "kind", "format", "direction", "latest"]
    list_filter = [TenantFilter, "kind", "format"]
    list_select_related = ["tenant", "partner"]
    ordering = ["-pk"]
    search_fields = ["name"]
    search_help_text = "Name, short name, or the partner"
    autocomplete_fields = ["tenant", "partner"]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(key=text)
        yield Q(name__icontains=text)
        yield Q(partner__name__icontains=text)

    def get_readonly_fields(self, request: HttpRequest, obj: FileLayout | None = None) -> list[str]:
        return ["tenant", "key", "kind", "format", "direction", "latest"] if obj else []

    def save_model(self, request: HttpRequest, obj: FileLayout, form: Any, change: bool) -> None:
        obj.save_version(form.cleaned_data["layout"], request.user)


@admin.register(LayoutVersion)
class LayoutVersionAdmin(ReadOnlyAdmin):
    list_display = ["layout", "number", "made_at", "made_by"]
    list_filter = [tenant_filter("layout__tenant")]
    list_select_related = ["layout", "made_by"]
    ordering = ["-pk"]
    search_fields = ["layout__name"]
    search_help_text = "Name or short name of the layout"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(layout__key=text)
        yield Q(layout__name__icontains=text)
