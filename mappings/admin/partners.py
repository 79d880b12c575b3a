"""Trading partners with where they are served, who they are in FreshBooks, and their GL mappings."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString

from mappings.admin.forms import JoiningForm
from mappings.forms import EdifactOverlayField, OverlayField, RsxOverlayField
from mappings.models import DeliveryPlace, GLMapping, PartnerLink, TradingPartner
from tenants.admin_base import SupportAdmin, TenantFilter, link

# A formset of more rows is slow to fill in, and more fields than one request may carry.
MOST_ROWS_INLINE = 40


class OfPartner(admin.TabularInline):
    """Rows of the partner at hand; their connection is one of its organisation's."""

    form = JoiningForm
    extra = 0
    exclude = ["tenant"]
    show_change_link = True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        formset.form.owner = obj
        connection = formset.form.base_fields.get("connection")
        if connection is not None and obj is not None:
            own = connection.queryset.model.objects.for_tenant(obj.tenant_id)
            connection.queryset = own.defer("credentials")
        return formset


class PlaceInline(OfPartner):
    model = DeliveryPlace


class LinkInline(OfPartner):
    model = PartnerLink
    readonly_fields = ["party_name"]


class GLMappingInline(OfPartner):
    model = GLMapping


OVERLAYS = {"overlay": OverlayField, "edifact_overlay": EdifactOverlayField, "rsx_overlay": RsxOverlayField}


@admin.register(TradingPartner)
class TradingPartnerAdmin(SupportAdmin):
    list_display = [
        "name",
        "tenant",
        "code",
        "receiver_qualifier",
        "receiver_id",
        "x12_version",
        "acknowledges",
        "acknowledges_within_hours",
        "documents",
    ]
    list_filter = [TenantFilter, "x12_version", "acknowledges"]
    list_select_related = ["tenant"]
    ordering = ["-pk"]
    search_fields = ["name"]
    search_help_text = "Name, code, an EDI id, the vendor number, or the organisation"
    autocomplete_fields = ["tenant"]
    inlines = [PlaceInline, LinkInline, GLMappingInline]
    fieldsets = [
        (None, {"fields": ["tenant", "name", "code"]}),
        (
            "X12",
            {
                "fields": [
                    ("sender_qualifier", "sender_id", "sender_group_id"),
                    ("receiver_qualifier", "receiver_id", "receiver_group_id"),
                    "x12_version",
                    "overlay",
                ]
            },
        ),
        (
            "EDIFACT",
            {
                "fields": [
                    ("edifact_sender_qualifier", "edifact_sender_id"),
                    ("edifact_receiver_qualifier", "edifact_receiver_id"),
                    ("edifact_version", "edifact_syntax"),
                    "edifact_overlay",
                ]
            },
        ),
        ("SPS Commerce", {"fields": ["rsx_partner_id", "rsx_overlay"]}),
        (
            "What it asks for",
            {
                "fields": [
                    "vendor_number",
                    "needs_po_number",
                    "needs_part_numbers",
                    "needs_gl_segment",
                    "gl_segment_in_heading",
                ]
            },
        ),
        ("Acknowledgements", {"fields": ["acknowledges", "acknowledges_within_hours", "answers_with"]}),
        ("How we book what it sends", {"fields": ["books_currency", "bill_due_days", "payment_type"]}),
    ]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Deviations are checked against the standard that they are about."""
        field = OVERLAYS.get(db_field.name)
        return super().formfield_for_dbfield(
            db_field, request, **({"form_class": field} if field else {}), **kwargs
        )

    def find(self, text: str) -> Iterator[Q]:
        yield Q(name__icontains=text)
        yield Q(code=text.lower())
        yield Q(receiver_id=text) | Q(receiver_group_id=text) | Q(sender_id=text) | Q(vendor_number=text)
        yield Q(edifact_receiver_id=text) | Q(edifact_sender_id=text) | Q(rsx_partner_id=text)
        yield Q(tenant__name__icontains=text)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A partner never moves to another organisation; its code names files and stays."""
        return ["tenant", "code"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Any) -> list[type[admin.options.InlineModelAdmin]]:
        """None before the organisation is known; long tables are changed on their own pages or as sheets."""
        if obj is None:
            return []
        return [inline for inline in self.inlines if _fits(inline, obj)]

    @admin.display(description="documents")
    def documents(self, partner: TradingPartner) -> SafeString:
        url = reverse("admin:audit_delivery_changelist")
        return link(f"{url}?partner__id__exact={partner.pk}", "show")


def _fits(inline: Any, partner: TradingPartner) -> bool:
    rows = inline.model.objects.for_tenant(partner.tenant_id).filter(partner=partner)
    return len(rows.values_list("pk", flat=True)[: MOST_ROWS_INLINE + 1]) <= MOST_ROWS_INLINE
