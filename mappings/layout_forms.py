"""The forms of the layout editor: a new layout, what holds for the whole file, one column.

The forms of the file and of a column keep what they do not know: a layout's data may say more than a form can.
"""

import copy
from typing import Any

from django import forms

from mappings.codecs import layouts
from mappings.codecs.files import shown
from mappings.codecs.layouts.layout import ENCODINGS
from mappings.codecs.report import CodecError
from mappings.layout_editing import Data, field_choices
from mappings.models import FileLayout, TradingPartner
from mappings.models.layouts import fault_of_text, sentence

MOST_SAMPLE = 256 * 1024
DELIMITERS = [
    (",", "comma"),
    (";", "semicolon"),
    ("tab", "tab"),
    ("|", "bar"),
    ("", "find it out when reading"),
]
OTHER = "?"
DIGITS = {"inputmode": "numeric", "autocomplete": "off"}
MONO = {"class": "mono", "spellcheck": "false", "autocapitalize": "off"}


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


class OfData(forms.Form):
    """A form over some keys of a layout's data, or of one of its columns; what is empty has no key."""

    texts: tuple[str, ...] = ()
    flags: dict[str, bool] = {}
    """Keys that are true or false, with what holds where there is none."""
    defaults: dict[str, str] = {}

    def __init__(self, *args: Any, data_of: Data, **kwargs: Any) -> None:
        self.data_of = data_of
        super().__init__(*args, **kwargs)
        for name in self.texts:
            self.initial[name] = _text(data_of.get(name, self.defaults.get(name, "")))
        for name, default in self.flags.items():
            self.initial[name] = data_of.get(name, default) is True

    def edited(self) -> Data:
        """The data with what was entered."""
        changed = copy.deepcopy(self.data_of)
        for name in self.texts:
            if name in self.fields:
                self._put(changed, name, self._said(name), self.defaults.get(name, ""))
        for name, default in self.flags.items():
            if name in self.fields:
                self._put(changed, name, bool(self.cleaned_data.get(name)), default)
        return changed

    def _said(self, name: str) -> Any:
        return self.cleaned_data.get(name) or ""

    @staticmethod
    def _put(data: Data, name: str, value: Any, default: Any) -> None:
        if value != default:
            data[name] = value
        else:
            data.pop(name, None)


def hold(column: Data, key: str, value: Any) -> None:
    """Let the column hold `value` under `key`, or nothing, instead of what it held."""
    for other in ("field", "constant", *SPECIAL):
        column.pop(other, None)
    if value:
        column[key] = value


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


class FileForm(OfData):
    """What holds for all files: `kind` of format decides which fields there are."""

    direction = forms.ChoiceField(
        label="Files", choices=[("read", "come in"), ("write", "go out"), ("both", "both")]
    )
    encoding = forms.ChoiceField(choices=[(each, each) for each in ENCODINGS])
    delimiter = forms.ChoiceField(choices=DELIMITERS, required=False, label="Between columns")
    header = forms.BooleanField(required=False, label="The first row is names")
    guard = forms.BooleanField(
        required=False,
        label="People open it in a spreadsheet",
        help_text="Texts that it would take for a formula get an apostrophe.",
    )
    each = forms.CharField(
        required=False, label="A row for each of its", help_text="Such as lines. Empty: a row is a document."
    )
    group = forms.CharField(
        required=False, label="Rows of a document share", help_text="The columns that are equal in them."
    )
    root = forms.CharField(required=False, label="Outermost element")
    date = forms.CharField(required=False, label="Dates", help_text="Such as MM/DD/YYYY.")
    decimal = forms.ChoiceField(choices=[(".", "1.50"), (",", "1,50")], label="Decimals")
    thousands = forms.ChoiceField(
        choices=[("", "1000"), (",", "1,000"), (".", "1.000"), ("'", "1'000"), (" ", "1 000")],
        label="Thousands",
        required=False,
    )
    assume = forms.CharField(
        required=False,
        label="Where the file says nothing",
        widget=forms.Textarea(attrs={"rows": 2, **MONO}),
        help_text="One per line, such as <code>currency = USD</code>.",
    )
    verify = forms.BooleanField(
        required=False,
        label="Read every file back before it goes",
        help_text="A file whose amounts do not add up for its reader is not sent.",
    )

    texts = ("direction", "encoding", "delimiter", "each", "group", "root", "date", "decimal", "thousands")
    flags = {"header": True, "guard": False, "verify": False}
    defaults = {
        "direction": "both",
        "encoding": "utf-8",
        "delimiter": ",",
        "decimal": ".",
        "date": "YYYY-MM-DD",
    }
    only = {
        "csv": ("delimiter", "header", "guard", "each", "group"),
        "xml": ("root",),
        "fixed": ("each", "group"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        format_ = self.data_of.get("format")
        kept = set(self.only.get(str(format_), ()))
        if self.data_of.get("records"):
            kept -= {"each", "group", "header"}
        for name in {name for names in self.only.values() for name in names} - kept:
            del self.fields[name]
        if self.data_of.get("direction") == "read":
            for name in {"guard", "verify"} & set(self.fields):
                del self.fields[name]
        if self.initial.get("delimiter") == "\t":
            self.initial["delimiter"] = "tab"
        assumed = self.data_of.get("assume")
        pairs = assumed.items() if isinstance(assumed, dict) else ()
        self.initial["assume"] = "\n".join(f"{path} = {value}" for path, value in pairs)

    def clean_assume(self) -> str:
        lines = [line for line in self.cleaned_data["assume"].splitlines() if line.strip()]
        if any("=" not in line for line in lines):
            raise forms.ValidationError("Write a place, an equals sign and a value in each line.")
        return "\n".join(lines)

    def edited(self) -> Data:
        changed = super().edited()
        pairs = [line.partition("=") for line in self.cleaned_data["assume"].splitlines()]
        assumed = {path.strip(): value.strip() for path, _, value in pairs}
        self._put(changed, "assume", assumed, {})
        return changed

    def _said(self, name: str) -> Any:
        said = super()._said(name)
        return [each.strip() for each in said.split(",") if each.strip()] or "" if name == "group" else said


class ColumnForm(OfData):
    """A column's own row in the editor: what it is called, what it holds, where it is."""

    name = forms.CharField(required=False, label="Name")
    field = forms.ChoiceField(required=False, label="Holds")
    start = forms.CharField(
        required=False, label="From", max_length=5, widget=forms.TextInput({"inputmode": "numeric"})
    )
    length = forms.CharField(
        required=False, label="Length", max_length=5, widget=forms.TextInput({"inputmode": "numeric"})
    )
    required = forms.BooleanField(required=False, label="Must be there")

    texts = ("name", "start", "length")
    flags = {"required": False}

    def __init__(self, *args: Any, kind: str, file_format: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if file_format != "fixed":
            del self.fields["start"], self.fields["length"]
        choices = [("", "not used"), *field_choices(kind)]
        held = self.held
        if held and held not in dict(choices):
            choices.append((held, held))
        if special := self._special():
            choices.append((OTHER, special))
        chooser: Any = self.fields["field"]
        chooser.choices = choices
        self.initial["field"] = OTHER if special else held
        for each in self.fields.values():
            each.widget.attrs["aria-label"] = f"{each.label}: {self.data_of.get('name', '')}"

    @property
    def held(self) -> str:
        """The one path that the column holds; empty if it holds something else."""
        path = self.data_of.get("field", "")
        return path if isinstance(path, str) else ""

    def _special(self) -> str:
        """What it holds instead of one value of the document."""
        data = self.data_of
        if isinstance(data.get("field"), list):
            return "the first of " + ", ".join(map(str, data["field"]))
        if data.get("constant") is not None:
            return f"always “{data['constant']}”"
        return next((f"{data[key]} of the {said}" for key, said in SPECIAL.items() if data.get(key)), "")

    def edited(self) -> Data:
        changed = super().edited()
        held = self.cleaned_data.get("field", "")
        if held != OTHER:
            hold(changed, "field", held)
        return changed

    def _said(self, name: str) -> Any:
        said = super()._said(name)
        return int(said) if name in ("start", "length") and said.isdecimal() and said.isascii() else said


SPECIAL = {"context": "connection", "file": "file"}


class MoreForm(OfData):
    """Everything else that a column can say; shown for one column at a time."""

    path = forms.CharField(
        required=False,
        label="Another value",
        help_text="A path, as the page on files describes it.",
        widget=forms.TextInput(MONO),
    )
    constant = forms.CharField(required=False, label="Always this text")
    use = forms.ChoiceField(
        label="Used",
        choices=[
            ("both", "for reading and writing"),
            ("read", "only for reading"),
            ("write", "only for writing"),
        ],
    )
    default = forms.CharField(required=False, label="Where it is empty")
    date = forms.CharField(
        required=False, label="Form of its dates", help_text="If it is another than the file's."
    )
    decimals = forms.CharField(required=False, label="Decimals", help_text="2, 0-6 or currency.")
    implied = forms.CharField(
        required=False, label="Decimals without a mark", help_text="With 2, 12345 is 123.45.", max_length=2
    )
    negate = forms.BooleanField(required=False, label="Turn the sign")
    max = forms.CharField(required=False, label="Longest text", max_length=5)
    cut = forms.BooleanField(
        required=False, label="Cut longer texts", help_text="Otherwise they are refused."
    )
    align = forms.ChoiceField(choices=[("left", "left"), ("right", "right")], label="Stands", required=False)
    pad = forms.CharField(
        required=False, label="Filled with", max_length=1, strip=False, help_text="A blank, or 0."
    )
    codes = forms.CharField(
        required=False,
        label="Their words",
        widget=forms.Textarea(attrs={"rows": 4, **MONO}),
        help_text="Ours, an equals sign, theirs; one per line: <code>paid = Paid, PAID IN FULL</code>. The first of "
        "theirs is written, all are read.",
    )
    unmapped_as = forms.CharField(required=False, label="Any other word is read as")

    texts = ("use", "default", "date", "decimals", "implied", "max", "align", "pad", "unmapped_as")
    flags = {"negate": False}
    defaults = {"use": "both", "align": "left", "pad": " "}
    numbers = ("implied", "max")

    def __init__(self, *args: Any, file_format: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if file_format != "fixed":
            del self.fields["align"], self.fields["pad"]
        data = self.data_of
        self.initial["cut"] = data.get("too_long") == "cut"
        self.initial["constant"] = data.get("constant", "")
        self.initial["path"] = _text(data["field"]) if isinstance(data.get("field"), list) else ""
        codes = data.get("codes")
        pairs = codes.items() if isinstance(codes, dict) else ()
        self.initial["codes"] = "\n".join(f"{ours} = {_text(theirs)}" for ours, theirs in pairs)

    def clean_codes(self) -> dict[str, list[str]]:
        found = {}
        for line in self.cleaned_data["codes"].splitlines():
            ours, sign, theirs = line.partition("=")
            spellings = [each.strip() for each in theirs.split(",") if each.strip()]
            if line.strip() and not (sign and ours.strip() and spellings):
                raise forms.ValidationError(
                    f"“{line.strip()[:60]}”: write our word, an equals sign, and theirs."
                )
            if line.strip():
                found[ours.strip()] = spellings
        return found

    def edited(self) -> Data:
        changed = super().edited()
        said = self.cleaned_data
        self._put(changed, "too_long", "cut" if said["cut"] else "", "")
        self._put(changed, "codes", said["codes"], {})
        # What was not touched does not undo what was chosen in the column's own row.
        if said["constant"] != self.initial["constant"]:
            hold(changed, "constant", said["constant"])
        elif said["path"] != self.initial["path"]:
            paths = [each.strip() for each in said["path"].split(",") if each.strip()]
            hold(changed, "field", paths[0] if len(paths) == 1 else paths)
        return changed

    def _said(self, name: str) -> Any:
        said = super()._said(name)
        return int(said) if name in self.numbers and said.isdecimal() and said.isascii() else said
