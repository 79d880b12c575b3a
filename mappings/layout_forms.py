"""The forms by which a layout is begun, and tried with another file."""

import copy
from typing import Any

from django import forms

from mappings.codecs import layouts
from mappings.codecs.files import shown
from mappings.codecs.report import CodecError
from mappings.layout_rows import Data
from mappings.models import FileLayout, TradingPartner
from mappings.models.layouts import fault_of_text, sentence

MOST_SAMPLE = 256 * 1024


def plural(words: str) -> str:
    """Several of them: journal entries, ship notices."""
    return f"{words[:-1]}ies" if words.endswith("ry") else f"{words}s"


class SampleField(forms.FileField):
    """The first part of a file, as bytes: enough to see what it looks like."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        file = super().clean(data, initial)
        return (file.name, file.read(MOST_SAMPLE)) if file else ("", b"")


class NewLayoutForm(forms.ModelForm):
    kind = forms.ChoiceField(
        label="Documents",
        choices=[(kind, plural(kind.replace("_", " ")).capitalize()) for kind in layouts.KINDS],
        help_text="What the files hold.",
    )
    direction = forms.ChoiceField(
        label="Files",
        choices=[("read", "come in"), ("write", "go out"), ("both", "come in and go out, all the same")],
    )
    sample = SampleField(
        label="A sample file",
        required=False,
        help_text="A file as the partner sends or expects it: CSV, XML or fixed width. We look at its first 256 KB, "
        "and draft the layout from it.",
    )
    standard = forms.ChoiceField(
        label="Or begin with",
        required=False,
        choices=[
            ("", "–"),
            *((name, data["name"]) for name, data in layouts.STANDARD.items()),
        ],
        help_text="A layout that we ship, to be changed as you like.",
    )

    class Meta:
        model = FileLayout
        fields = ["name", "partner"]
        help_texts = {
            "name": "Such as “Payments of Northline”.",
            "partner": "Empty: for every partner without a layout of its own.",
        }

    field_order = ["name", "partner", "kind", "direction", "sample", "standard"]

    def __init__(self, *args: Any, given: tuple[str, bytes] | None = None, **kwargs: Any) -> None:
        """`given` is a file that is there already: its name and its bytes."""
        super().__init__(*args, **kwargs)
        self.questions: list[str] = []
        self.given = given
        if given:
            del self.fields["sample"], self.fields["standard"]
        partners: Any = self.fields["partner"]
        partners.queryset = TradingPartner.objects.for_tenant(self.instance.tenant).order_by("name")
        partners.empty_label = "every partner"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        name, sample = self.given or cleaned["sample"]
        cleaned["sample"] = name, sample[:MOST_SAMPLE]
        standard = layouts.STANDARD.get(cleaned.get("standard", ""))
        if bool(sample) == bool(standard):
            said = (
                "Choose one of the two: a file, or a layout."
                if sample
                else "Choose a file, or a layout below."
            )
            self.add_error("sample", said)
        elif standard and standard["document"] != cleaned["kind"]:
            self.add_error("standard", "This layout is for other documents.")
        else:
            self._begin(cleaned, standard)
        return cleaned

    def _begin(self, cleaned: dict[str, Any], standard: Data | None) -> None:
        """The first draft."""
        data: Data
        name, sample = cleaned["sample"]
        if standard is None:
            try:
                drafted = layouts.draft_layout(sample, cleaned["kind"])
            except CodecError as error:
                self.add_error(None, [sentence(problem) for problem in error.report])
                return
            data = drafted.layout
            self.questions = [question.text for question in drafted.questions if not question.column]
        else:
            data = copy.deepcopy(standard)
        data = {**data, "name": cleaned["name"], "direction": cleaned["direction"]}
        if fault_of_text(data):
            self.add_error(None, "This is no text that we can read. Save it as UTF-8, then upload it again.")
            return
        layout = self.instance
        layout.draft, layout.kind, layout.format = data, data["document"], data["format"]
        layout.direction = data["direction"]
        layout.sample_name, layout.sample = shown(name), sample


class SampleForm(forms.Form):
    sample = SampleField(widget=forms.ClearableFileInput({"aria-label": "Another sample file"}))
