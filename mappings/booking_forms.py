"""The form for booking mappings."""

from typing import Any

from django import forms

from mappings.models import BookingMapping, TradingPartner
from mappings.models.booking import BookingKind

SOURCES = {
    BookingKind.CATEGORY: ("Their item", "A part number as it stands in their orders; empty: every item."),
    BookingKind.ACCOUNT: ("Their GL code", "As it stands in the journal file."),
    BookingKind.TAX: ("Their tax", "As they call it, such as GST or state_sales."),
}
TARGETS = {
    BookingKind.CATEGORY: "Expense category in FreshBooks",
    BookingKind.ACCOUNT: "Account in FreshBooks",
    BookingKind.TAX: "Tax in FreshBooks",
}


class BookingMappingForm(forms.ModelForm):
    """`listed`: what FreshBooks has, names by id; empty if it cannot be asked now, then the id is typed."""

    class Meta:
        model = BookingMapping
        fields = ["source_key", "target_id", "target_name", "partner"]

    def __init__(self, *args: Any, listed: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listed = listed
        kind = BookingKind(self.instance.kind)
        self.fields["source_key"].label, self.fields["source_key"].help_text = SOURCES[kind]
        self.fields["source_key"].required = kind != BookingKind.CATEGORY
        chooser: Any = self.fields["partner"]
        chooser.queryset = TradingPartner.objects.for_tenant(self.instance.tenant)
        chooser.empty_label = "every partner"
        # A tax is known by its name, everything else by its id.
        shown, hidden = (
            ("target_name", "target_id") if kind == BookingKind.TAX else ("target_id", "target_name")
        )
        del self.fields[hidden]
        if listed:
            self.fields[shown] = forms.ChoiceField(choices=[("", "choose"), *self._known(shown)])
        self.fields[shown].label, self.fields[shown].required = TARGETS[kind], True
        self.order_fields(["source_key", shown, "partner"])

    def _known(self, shown: str) -> list[tuple[str, str]]:
        """What FreshBooks has, by name, and what is chosen now even if it is not there any more."""
        current = getattr(self.instance, shown)
        known = sorted(self.listed.items(), key=lambda one: one[1].casefold())
        if current and current not in self.listed:
            known.append((current, f"{self.instance.target_name or current} (not there any more)"))
        return known

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        same = BookingMapping.objects.for_tenant(self.instance.tenant).filter(
            connection=self.instance.connection,
            kind=self.instance.kind,
            partner=cleaned.get("partner"),
            source_key=cleaned.get("source_key", ""),
        )
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("source_key", "It is mapped already. Edit that one.")
        if chosen := cleaned.get("target_id"):
            self.instance.target_name = self.listed.get(chosen, self.instance.target_name)[:120]
        return cleaned
