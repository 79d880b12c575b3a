"""Partner links, GL and item mappings as lists and as sheets, delivery places, and control numbers."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import slugify

from mappings import sheets
from mappings.admin.forms import JoiningForm
from mappings.models import (
    BookingMapping,
    DeliveryPlace,
    GLMapping,
    ItemMapping,
    PartnerLink,
    TradingPartner,
)
from mappings.models.control_numbers import ControlNumber
from tenants.admin_base import ID, Chooser, ReadOnlyAdmin, SupportAdmin, TenantFilter
from tenants.models import Tenant


class SheetForm(forms.Form):
    tenant = forms.ModelChoiceField(queryset=Tenant.objects.all(), label="Organisation")
    file = forms.FileField(label="CSV file", required=False)
    content = forms.CharField(required=False, widget=forms.HiddenInput, strip=False)
    is_complete = forms.BooleanField(
        label="Remove the rows that are not in the file",
        required=False,
        help_text="Otherwise rows are added and changed, never removed.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        relation: Any = TradingPartner._meta.get_field("tenant")
        chooser: Any = self.fields["tenant"]
        chooser.widget = Chooser(relation)
        chooser.widget.choices = chooser.choices

    def clean(self) -> None:
        """The text comes from the file, or, when its difference is confirmed, from the page."""
        file = self.cleaned_data.get("file")
        if file:
            if file.size > sheets.MOST_CHARACTERS:
                raise forms.ValidationError("The file is too large; split it.")
            try:
                self.cleaned_data["content"] = file.read().decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise forms.ValidationError(
                    f"Byte {error.start + 1} is no UTF-8: save it as UTF-8."
                ) from None
        elif not self.cleaned_data.get("content"):
            self.add_error("file", "Choose a file.")


class JoiningAdmin(SupportAdmin):
    """Rows that join a connection and a partner of one organisation."""

    form = JoiningForm
    secrets = ("connection__credentials",)
    exclude = ["tenant"]
    autocomplete_fields = ["connection", "partner"]
    list_filter = [TenantFilter]
    list_select_related = ["tenant", "connection", "partner"]
    ordering = ["-pk"]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


class SheetAdmin(JoiningAdmin):
    """A table that also comes and goes as a CSV sheet."""

    sheet: ClassVar[sheets.Sheet]
    change_list_template = "admin/mappings/sheet_change_list.html"

    def get_urls(self) -> list[URLPattern]:
        prefix, wrap = f"mappings_{self.opts.model_name}", self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_view), name=f"{prefix}_import"),
            path("export/", wrap(self.export_view), name=f"{prefix}_export"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        prefix = f"admin:mappings_{self.opts.model_name}"
        urls = {"export_url": reverse(f"{prefix}_export")}
        if self._may_import(request):
            urls["import_url"] = reverse(f"{prefix}_import")
        return super().changelist_view(request, urls | (extra_context or {}))

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """The sheet of the organisation in `?tenant=`; without one, a form that asks for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = SheetForm(request.GET if "tenant" in request.GET else None)
        chosen = request.GET.get("tenant", "")
        tenant = Tenant.objects.filter(pk=chosen).first() if ID.fullmatch(chosen) else None
        if tenant is None:
            return self._page(request, form, "Export", "admin/mappings/sheet_export.html")
        name = f"{slugify(str(self.opts.verbose_name_plural))}-{tenant.slug}.csv"
        return HttpResponse(
            sheets.write(self.sheet, tenant).encode("utf-8-sig"),
            headers={
                "Content-Type": "text/csv; charset=utf-8",
                "Content-Disposition": f'attachment; filename="{name}"',
                "X-Content-Type-Options": "nosniff",
            },
        )

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """First the difference, which changes nothing; then, confirmed, the import."""
        if not self._may_import(request):
            raise PermissionDenied
        posted = request.method == "POST"
        form = SheetForm(request.POST, request.FILES) if posted else SheetForm()
        difference = None
        if posted and form.is_valid():
            said = form.cleaned_data
            difference = sheets.compare(
                self.sheet, said["tenant"], said["content"], is_complete=said["is_complete"]
            )
            if "confirm" in request.POST and not difference.problems:
                sheets.apply(self.sheet, said["tenant"], difference)
                what = f"Imported {self.opts.verbose_name_plural}: {difference}."
                self.log_change(request, said["tenant"], what)
                self.message_user(request, what, messages.SUCCESS)
                return redirect(f"admin:mappings_{self.opts.model_name}_changelist")
        return self._page(
            request,
            form,
            "Import",
            "admin/mappings/sheet_import.html",
            difference=difference,
            sheet=self.sheet,
        )

    def _may_import(self, request: HttpRequest) -> bool:
        allowed = self.has_add_permission(request) and self.has_change_permission(request)
        return allowed and self.has_delete_permission(request)

    def _page(
        self, request: HttpRequest, form: SheetForm, title: str, template: str, **more: Any
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"{title} {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "media": self.media + form.media,
            "form": form,
            **more,
        }
        return TemplateResponse(request, template, context)


@admin.register(PartnerLink)
class PartnerLinkAdmin(SheetAdmin):
    sheet = sheets.LINKS
    list_display = ["party_id", "party_name", "party_kind", "partner", "connection", "tenant"]
    list_filter = [TenantFilter, "party_kind"]
    search_fields = ["party_id"]
    search_help_text = "FreshBooks id or name of the party, or the partner"
    readonly_fields = ["party_name"]

    def find(self, text: str) -> Iterator[Q]:
        yield Q(party_id=text)
        yield Q(party_name__icontains=text)
        yield Q(partner__name__icontains=text)


@admin.register(GLMapping)
class GLMappingAdmin(SheetAdmin):
    sheet = sheets.GL_MAPPINGS
    list_display = ["source_key", "source_kind", "segment", "partner", "connection", "tenant"]
    list_filter = [TenantFilter, "source_kind"]
    search_fields = ["source_key"]
    search_help_text = "Item or account, segment, or the partner"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(source_key__icontains=text)
        yield Q(segment=text)
        yield Q(partner__name__icontains=text)


@admin.register(BookingMapping)
class BookingMappingAdmin(JoiningAdmin):
    list_display = ["source_key", "kind", "target_id", "target_name", "partner", "connection", "tenant"]
    list_filter = [TenantFilter, "kind"]
    search_fields = ["source_key"]
    search_help_text = "What the partner calls it, the FreshBooks id or name, or the partner"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(source_key__icontains=text)
        yield Q(target_id=text)
        yield Q(target_name__icontains=text)
        yield Q(partner__name__icontains=text)


@admin.register(ItemMapping)
class ItemMappingAdmin(SheetAdmin):
    sheet = sheets.ITEMS
    list_display = ["buyer_item", "item", "gtin", "unit", "partner", "connection", "tenant"]
    search_fields = ["buyer_item"]
    search_help_text = "Part number, item, GTIN, or the partner"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(buyer_item__icontains=text)
        yield Q(item__icontains=text)
        yield Q(gtin=text)
        yield Q(partner__name__icontains=text)


@admin.register(DeliveryPlace)
class DeliveryPlaceAdmin(JoiningAdmin):
    list_display = ["partner", "connection", "outbound", "inbound", "tenant"]
    search_fields = ["outbound"]
    search_help_text = "Mailbox or folder, or the partner"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(outbound__icontains=text)
        yield Q(inbound__icontains=text)
        yield Q(partner__name__icontains=text)


@admin.register(ControlNumber)
class ControlNumberAdmin(ReadOnlyAdmin):
    list_display = ["sender", "receiver", "kind", "last", "tenant"]
    list_filter = [TenantFilter]
    list_select_related = ["tenant"]
    ordering = ["-pk"]
    search_fields = ["sender"]
    search_help_text = "Our id or the partner's"

    def find(self, text: str) -> Iterator[Q]:
        yield Q(sender__icontains=text)
        yield Q(receiver__icontains=text)
