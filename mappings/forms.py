"""Forms for trading partners, their places and the GL mappings."""

import json
from typing import Any

from django import forms

from mappings.models import DeliveryPlace, GLMapping, TradingPartner


class PartnerForm(forms.ModelForm):
    class Meta:
        model = TradingPartner
        fields = [
            "name",
            "code",
            "sender_qualifier",
            "sender_id",
            "sender_group_id",
            "receiver_qualifier",
            "receiver_id",
            "receiver_group_id",
            "x12_version",
            "vendor_number",
            "needs_po_number",
            "needs_gl_segment",
            "acknowledges",
            "acknowledges_within_hours",
            "overlay",
        ]
        widgets = {"overlay": forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial["overlay"] = json.dumps(self.instance.overlay, indent=1)
        if self.instance.pk:
            # Files and folders are named by it.
            self.fields["code"].disabled = True


class DeliveryPlaceForm(forms.ModelForm):
    class Meta:
        model = DeliveryPlace
        fields = ["connection", "outbound", "inbound"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connections = self.fields["connection"].queryset.model  # type: ignore[attr-defined]
        own = connections.objects.for_tenant(self.instance.tenant).exclude(system="freshbooks")
        self.fields["connection"].queryset = own.order_by("name")  # type: ignore[attr-defined]


class GLMappingForm(forms.ModelForm):
    class Meta:
        model = GLMapping
        fields = ["connection", "partner", "source_kind", "source_key", "segment"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tenant = self.instance.tenant
        partners = TradingPartner.objects.for_tenant(tenant).order_by("name")
        self.fields["partner"].queryset = partners  # type: ignore[attr-defined]
        connections = self.fields["connection"].queryset.model  # type: ignore[attr-defined]
        own = connections.objects.for_tenant(tenant).filter(system="freshbooks")
        self.fields["connection"].queryset = own.order_by("name")  # type: ignore[attr-defined]
