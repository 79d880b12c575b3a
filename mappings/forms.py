"""Forms for trading partners, their places and the GL mappings."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

from mappings import rsx_overlay
from mappings.codecs import edifact, x12
from mappings.models import DeliveryPlace, GLMapping, ItemMapping, TradingPartner
from mappings.models.gl import GLSource
from mappings.models.layouts import problems_of
from mappings.models.partners import X12Qualifier

# What an id looks like under its qualifier, for partners' papers are often copied with a slip.
SHAPES = {
    X12Qualifier.DUNS: (r"\d{9}", "a DUNS number has nine digits"),
    X12Qualifier.SCAC: (r"[A-Z]{2,4}", "a SCAC has two to four capital letters"),
    X12Qualifier.GLN: (r"\d{13}", "a GLN has thirteen digits"),
    X12Qualifier.UCC: (r"\d{6,13}", "a UCC communications id has digits only"),
    X12Qualifier.PHONE: (r"\d{10,15}", "a telephone number has ten digits or more, and nothing else"),
    X12Qualifier.DUNS_SUFFIX: (r"\d{9}\w{1,6}", "a DUNS number with suffix has nine digits and then some"),
    X12Qualifier.DUNS_4: (r"\d{9}\w{4}", "DUNS+4 is nine digits and four more characters"),
    X12Qualifier.TAX_ID: (r"\d{2}-?\d{7}", "a US federal tax id has nine digits"),
    X12Qualifier.FEIN: (r"\d{2}-?\d{7}", "a FEIN has nine digits"),
}

# An address of ours.
RESERVED = "add"


class JSONTextField(forms.JSONField):
    """JSON over several lines; what is wrong is named by its line, or as `problems` says."""

    widget = forms.Textarea(attrs={"rows": 5, "class": "mono", "spellcheck": "false"})

    def problems(self, value: Any) -> list[str]:
        """What is wrong with it beyond not being JSON."""
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return {}
        try:
            given = json.loads(value)
        except json.JSONDecodeError as error:
            where = f"Line {error.lineno}, column {error.colno}"
            raise ValidationError(f"{where}: this is not JSON ({error.msg}).") from None
        except (ValueError, RecursionError):
            raise ValidationError("This is not JSON that can be read.") from None
        if problems := self.problems(given):
            raise ValidationError(problems)
        return given

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value, indent=1, ensure_ascii=False) if value else ""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(initial or {}, data or "{}")


class OverlayField(JSONTextField):
    """A partner's deviations from X12."""

    overlay: type[x12.Overlay | edifact.Overlay] = x12.Overlay

    def problems(self, value: Any) -> list[str]:
        return [str(problem) for problem in self.overlay.problems(value)]


class EdifactOverlayField(OverlayField):
    """A partner's deviations from EDIFACT."""

    overlay = edifact.Overlay


class RsxOverlayField(JSONTextField):
    """A partner's deviations from RSX."""

    def problems(self, value: Any) -> list[str]:
        return rsx_overlay.problems(value)


class LayoutField(JSONTextField):
    """A file layout as docs/translation-files.md describes it."""

    widget = forms.Textarea(attrs={"rows": 24, "class": "mono", "spellcheck": "false"})

    def problems(self, value: Any) -> list[str]:
        return problems_of(value)


class PartnerForm(forms.ModelForm):
    """One company: `groups` says under which headings its fields are shown."""

    groups = (
        ("The company", ("name", "code")),
        ("X12: how they address you", ("sender_qualifier", "sender_id", "sender_group_id")),
        ("X12: how you address them", ("receiver_qualifier", "receiver_id", "receiver_group_id")),
        ("X12: what they understand", ("x12_version", "overlay")),
        (
            "EDIFACT: the addresses",
            (
                "edifact_sender_qualifier",
                "edifact_sender_id",
                "edifact_receiver_qualifier",
                "edifact_receiver_id",
            ),
        ),
        ("EDIFACT: what they understand", ("edifact_version", "edifact_syntax", "edifact_overlay")),
        ("SPS Commerce", ("rsx_partner_id", "rsx_overlay")),
        (
            "What they ask for",
            (
                "vendor_number",
                "needs_po_number",
                "needs_part_numbers",
                "needs_gl_segment",
                "gl_segment_in_heading",
            ),
        ),
        ("Acknowledgements", ("acknowledges", "acknowledges_within_hours", "answers_with")),
        ("How you book what they send", ("books_currency", "bill_due_days", "payment_type")),
    )

    overlay = OverlayField(
        label="Deviations",
        required=False,
        help_text="Mostly empty. Where their guide departs from the standard, as JSON: other codes, further "
        "references, other delimiters. For example <code>{&quot;codes&quot;: {&quot;item&quot;: "
        "{&quot;seller_item&quot;: &quot;VN&quot;}}}</code>. Our support staff can write it for you.",
    )

    edifact_overlay = EdifactOverlayField(
        label="EDIFACT deviations",
        required=False,
        help_text="Mostly empty. For example <code>{&quot;versions&quot;: {&quot;INVOIC&quot;: "
        "&quot;D:96A:UN:EAN008&quot;}}</code> for the EANCOM subset.",
    )

    rsx_overlay = RsxOverlayField(
        label="What they insist on",
        required=False,
        help_text="Mostly empty. Fields that their guide demands beyond the standard, as JSON, such as "
        "<code>{&quot;required&quot;: [&quot;Header.InvoiceHeader.ShipDate&quot;]}</code>. A document without one is "
        "held and names it.",
    )

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
            "edifact_sender_qualifier",
            "edifact_sender_id",
            "edifact_receiver_qualifier",
            "edifact_receiver_id",
            "edifact_version",
            "edifact_syntax",
            "edifact_overlay",
            "rsx_partner_id",
            "rsx_overlay",
            "vendor_number",
            "needs_po_number",
            "needs_part_numbers",
            "needs_gl_segment",
            "gl_segment_in_heading",
            "acknowledges",
            "acknowledges_within_hours",
            "answers_with",
            "books_currency",
            "bill_due_days",
            "payment_type",
            "overlay",
        ]
        labels = {
            "code": "Short name",
            "sender_qualifier": "Your qualifier",
            "sender_id": "Your id",
            "sender_group_id": "Your application code",
            "edifact_sender_qualifier": "Your EDIFACT qualifier",
            "edifact_sender_id": "Your EDIFACT id",
            "edifact_receiver_qualifier": "Their EDIFACT qualifier",
            "edifact_receiver_id": "Their EDIFACT id",
            "edifact_version": "EDIFACT version",
            "edifact_syntax": "EDIFACT characters",
            "rsx_partner_id": "Trading partner id",
            "vendor_number": "Your vendor number",
            "acknowledges": "They acknowledge with",
            "acknowledges_within_hours": "Within so many hours",
            "answers_with": "You acknowledge what they send",
            "books_currency": "Their currency",
            "bill_due_days": "Their bills are due after (days)",
            "payment_type": "Their payments are booked as",
        }
        help_texts = {
            "code": "For files and addresses, such as <code>acme</code>. Empty: made from the name.",
            "sender_qualifier": "What kind of id it is. Their guide says it: 01 is a DUNS number, 12 a telephone "
            "number, ZZ whatever you have agreed on.",
            "sender_id": "Up to 15 letters and digits. It stands in ISA06, and you agree on it with them.",
            "sender_group_id": "GS02, if they ask for another than your id.",
            "receiver_qualifier": "What kind of id theirs is.",
            "receiver_id": "As their guide writes it, often with a T at its end for tests. It stands in ISA08.",
            "receiver_group_id": "GS03, if it is another than their id.",
            "x12_version": "The version that their guide describes, mostly 004010.",
            "edifact_sender_id": "It stands in UNB. Empty: as for X12. Leave all of this alone if they use X12.",
            "edifact_receiver_id": "Empty: as for X12.",
            "edifact_version": "The directory that their guide describes, mostly D.96A.",
            "edifact_syntax": "Which characters they can read; their guide names it in UNB.",
            "rsx_partner_id": "How SPS Commerce names your relation to them. Empty if they are not reached by SPS.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("code", "edifact_version", "edifact_syntax"):
            self.fields[name].required = False
        if self.instance.pk:
            self.fields["code"].disabled = True
            self.fields["code"].help_text = "Files and addresses are named by it, so it stays."
        ids = ("sender_id", "sender_group_id", "receiver_id", "receiver_group_id")
        for name in (*ids, "edifact_sender_id", "edifact_receiver_id", "rsx_partner_id", "code"):
            self.fields[name].widget.attrs |= {
                "class": "mono",
                "spellcheck": "false",
                "autocapitalize": "off",
            }

    def grouped(self) -> Iterator[tuple[str, list[BoundField]]]:
        """(heading, fields) in the order in which they are shown."""
        for heading, names in self.groups:
            yield heading, [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.instance.pk:
            self._clean_code(cleaned)
        us, them = (
            (cleaned.get(f"{side}_qualifier"), cleaned.get(f"{side}_id")) for side in ("sender", "receiver")
        )
        if all(us) and us == them:
            self.add_error("receiver_id", "This is your own id. Their answers could not be told from yours.")
        return cleaned

    def _clean_code(self, cleaned: dict[str, Any]) -> None:
        if self.errors.get("code"):
            return
        code = cleaned.get("code") or slugify(cleaned.get("name") or "")[:40].strip("-")
        others = TradingPartner.objects.for_tenant(self.instance.tenant)
        if code == RESERVED or (not code and cleaned.get("name")):
            self.add_error("code", "Enter a short name of letters and digits.")
        elif code and others.filter(code=code).exists():
            self.add_error("code", f"Another partner has the short name “{code}”.")
        cleaned["code"] = code

    def doubts(self) -> Iterator[str]:
        """What looks like a slip but may be meant so; for a valid form."""
        for side, whose in (("sender", "Your id"), ("receiver", "Their id")):
            shape, said = SHAPES.get(self.cleaned_data[f"{side}_qualifier"], ("", ""))
            given = self.cleaned_data[f"{side}_id"]
            if shape and given and not re.fullmatch(shape, given):
                yield f"{whose} is “{given}”, but {said}. Compare it with the partner's guide."
        ids = ("sender_id", "edifact_sender_id", "rsx_partner_id")
        if not any(self.cleaned_data[name] for name in ids):
            yield "It has no ids, so only files by a layout can be sent to it, no X12, EDIFACT or RSX."


class DeliveryPlaceForm(forms.ModelForm):
    class Meta:
        model = DeliveryPlace
        fields = ["connection", "outbound", "inbound"]
        help_texts = {
            "connection": "The system through which this partner is reached.",
            "outbound": "The mailbox or folder, as the system itself writes it: <code>/acme/outbound</code>, "
            "or <code>inbound</code> below the folder that the sign-in leads to.",
            "inbound": "Where they put acknowledgements, and all else, for you. A CSV, XML or fixed-width file names "
            "nobody: it is theirs because it lies there. Empty: only where the connection looks anyway.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chooser: Any = self.fields["connection"]
        connections = chooser.queryset.model.objects.for_tenant(self.instance.tenant)
        own = connections.exclude(system="freshbooks").defer("credentials").order_by("name")
        chooser.queryset = own
        if not self.instance.pk and own.count() == 1:
            self.initial["connection"], chooser.empty_label = own[0], None
        listed = own.filter(reference_entries__kind="partner", reference_entries__gone_at__isnull=True)
        mailboxes = {
            detail["mailbox"]
            for detail in listed.values_list("reference_entries__detail", flat=True)
            if detail.get("mailbox")
        }
        if mailboxes:
            outbound = self.fields["outbound"]
            outbound.widget = ListedInput(sorted(mailboxes), outbound.widget.attrs)
        for name in ("outbound", "inbound"):
            self.fields[name].widget.attrs |= {
                "class": "mono",
                "spellcheck": "false",
                "autocapitalize": "off",
            }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        connection = cleaned.get("connection")
        places = DeliveryPlace.objects.for_tenant(self.instance.tenant).filter(
            partner=self.instance.partner, connection=connection
        )
        if connection and places.exclude(pk=self.instance.pk).exists():
            self.add_error("connection", f"{self.instance.partner} has a place on it already. Edit that one.")
        return cleaned


class ListedInput(forms.TextInput):
    """A text input that offers a list to choose from, and takes something else too."""

    def __init__(self, offers: list[str], attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"autocomplete": "off", **(attrs or {})})
        self.offers = offers

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        listed = f"{name}-list"
        own = super().render(name, value, {**(attrs or {}), "list": listed}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((offer,) for offer in self.offers))
        return format_html('{}<datalist id="{}">{}</datalist>', own, listed, options)


class GLMappingForm(forms.ModelForm):
    """What is offered to choose from: `items`, the names of the items that FreshBooks holds (empty if they are
    not known now), `accounts`, the numbers of its accounts, and `segments`, those of the partner systems' lists.
    """

    class Meta:
        model = GLMapping
        fields = ["source_kind", "source_key", "segment", "partner"]
        labels = {"source_kind": "For an", "source_key": "In FreshBooks"}
        help_texts = {
            "source_key": "An item's name as in the first column of an invoice's line, upper and lower case as "
            "written; or an account's number.",
            "segment": "What the partner calls the account, such as 4000-10.",
            "partner": "Empty: for every partner that has no mapping of its own for the item.",
        }

    def __init__(
        self,
        *args: Any,
        items: list[str],
        accounts: Sequence[str] = (),
        segments: Sequence[str] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.items = items
        self.fields["source_kind"].required = False
        partners: Any = self.fields["partner"]
        partners.queryset = TradingPartner.objects.for_tenant(self.instance.tenant).order_by("name")
        partners.empty_label = "every partner"
        for name, offers in (("source_key", [*items, *accounts]), ("segment", [*segments])):
            if offers:
                self.fields[name].widget = ListedInput(offers, self.fields[name].widget.attrs)

    def clean_source_kind(self) -> str:
        return self.cleaned_data["source_kind"] or GLSource.ITEM

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        same = GLMapping.objects.for_tenant(self.instance.tenant).filter(
            connection=self.instance.connection,
            source_kind=cleaned.get("source_kind"),
            source_key=cleaned.get("source_key", ""),
            partner=cleaned.get("partner"),
        )
        if not self.errors and same.exclude(pk=self.instance.pk).exists():
            whom = cleaned["partner"] or "every partner"
            self.add_error("source_key", f"It has a GL mapping for {whom} already. Edit that one.")
        return cleaned

    def doubt(self) -> str:
        """What looks like a slip; for a valid form."""
        key = self.cleaned_data["source_key"]
        if self.cleaned_data["source_kind"] != GLSource.ITEM or not self.items or key in self.items:
            return ""
        return f"FreshBooks has no item called “{key}”. Lines that are called so are mapped all the same."


class ItemMappingForm(forms.ModelForm):
    """`items` are the names of the items that FreshBooks holds; empty if they are not known now."""

    class Meta:
        model = ItemMapping
        fields = ["buyer_item", "item", "gtin", "unit"]

    def __init__(self, *args: Any, items: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if items:
            self.fields["item"].widget = ListedInput(items, self.fields["item"].widget.attrs)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        others = ItemMapping.objects.for_tenant(self.instance.tenant).filter(
            connection=self.instance.connection, partner=self.instance.partner
        )
        for name in ("buyer_item", "item"):
            same = others.exclude(pk=self.instance.pk).filter(**{name: cleaned.get(name, "")}).first()
            if same and name not in self.errors:
                self.add_error(name, f"It is mapped already: {same}. Edit that one.")
        return cleaned
