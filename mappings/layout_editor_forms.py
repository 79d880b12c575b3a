"""The forms of the layout editor: what holds for the whole file, a kind of row, a column.

They keep what they do not know: a layout's data may say more than a form can.
"""

import copy
from typing import Any

from django import forms

from mappings.codecs.layouts.layout import ENCODINGS
from mappings.layout_editing import FILE_CHOICES, choices_in
from mappings.layout_rows import OF_FILE, SOURCES, Data, likely_place, place_choices, raw_records

DELIMITERS = [
    (",", "comma"),
    (";", "semicolon"),
    ("tab", "tab"),
    ("|", "bar"),
    ("", "find it out when reading"),
]
OTHER = "?"
MONO = {"class": "mono", "spellcheck": "false", "autocapitalize": "off"}


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
    for other in SOURCES:
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
    code_start = forms.CharField(
        required=False,
        label="Codes begin at",
        help_text="The position of the code that tells the kinds of rows apart.",
        max_length=5,
        widget=forms.TextInput({"inputmode": "numeric"}),
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

    texts = (
        "direction",
        "encoding",
        "delimiter",
        "each",
        "group",
        "code_start",
        "root",
        "date",
        "decimal",
        "thousands",
    )
    flags = {"header": True, "guard": False, "verify": False}
    defaults = {
        "direction": "both",
        "encoding": "utf-8",
        "delimiter": ",",
        "decimal": ".",
        "date": "YYYY-MM-DD",
        "code_start": "1",
    }
    only = {
        "csv": ("delimiter", "header", "guard", "each", "group"),
        "xml": ("root",),
        "fixed": ("each", "group", "code_start"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        format_ = self.data_of.get("format")
        kept = set(self.only.get(str(format_), ()))
        if self.data_of.get("records"):
            kept -= {"each", "header"} | (set() if _repeats_the_document(self.data_of) else {"group"})
        else:
            kept -= {"code_start"}
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
        if name == "code_start":
            return whole(said) if said not in ("", self.defaults[name]) else self.defaults[name]
        return [each.strip() for each in said.split(",") if each.strip()] or "" if name == "group" else said


def _repeats_the_document(data: Data) -> bool:
    """Whether its only rows are of parts, and say in each which document that is."""
    places = [record.get("at", "") for record in raw_records(data)]
    return "" not in places and sum(at not in OF_FILE for at in places) == 1


class KindForm(OfData):
    """What tells a kind of row from others, and what its rows are for."""

    code = forms.CharField(
        required=False, label="Rows begin with", max_length=20, widget=forms.TextInput(MONO)
    )
    element = forms.CharField(required=False, label="Element", widget=forms.TextInput(MONO))
    at = forms.ChoiceField(required=False, label="They are for", widget=forms.Select({"data-submit": ""}))

    texts = ("code", "element", "at")

    def __init__(self, *args: Any, kind: str, file_format: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["code" if file_format == "xml" else "element"]
        chooser: Any = self.fields["at"]
        chooser.choices = place_choices(kind, file_format)
        held = self.initial["at"]
        if held not in dict(chooser.choices):
            chooser.choices = [*chooser.choices, (held, held)]

    def edited(self) -> Data:
        """As ever; but an empty place is the document itself, and stays where it was said."""
        changed = super().edited()
        return {**({"at": ""} if "at" in self.data_of else {}), **changed}


class NewKindForm(forms.Form):
    """A kind of row to be added: a form within the editor's, whose other buttons do not ask for it."""

    use_required_attribute = False

    code = forms.CharField(max_length=20, widget=forms.TextInput(MONO))
    # The document itself is an empty place.
    at = forms.ChoiceField(required=False, label="They are for")

    def __init__(self, *args: Any, data_of: Data, kind: str, file_format: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        is_xml = file_format == "xml"
        self.fields["code"].label = "Element" if is_xml else "Rows begin with"
        self.fields["code"].help_text = "" if is_xml else "Such as D."
        chooser: Any = self.fields["at"]
        chooser.choices = place_choices(kind, file_format)
        self.initial["at"] = likely_place(data_of)


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

    def __init__(self, *args: Any, kind: str, file_format: str, at: str | None = None, **kwargs: Any) -> None:
        """`at` is what its rows are for; None where there is one kind of row."""
        super().__init__(*args, **kwargs)
        if file_format != "fixed":
            del self.fields["start"], self.fields["length"]
        choices = [("", "not used"), *choices_in(kind, at)]
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
        """The one path, or value of the file, that the column holds; empty if it holds something else."""
        path = self.data_of.get("field") or self.data_of.get("file", "")
        return path if isinstance(path, str) else ""

    def _special(self) -> str:
        """What it holds instead of one value of the document."""
        data = self.data_of
        if isinstance(data.get("field"), list):
            return "the first of " + ", ".join(map(str, data["field"]))
        if data.get("constant") is not None:
            return f"always “{data['constant']}”"
        return f"{data['context']} of the connection" if data.get("context") else ""

    def edited(self) -> Data:
        changed = super().edited()
        held = self.cleaned_data.get("field", "")
        if held != OTHER:
            hold(changed, "file" if held in dict(FILE_CHOICES) else "field", held)
        return changed

    def _said(self, name: str) -> Any:
        said = super()._said(name)
        return whole(said) if name in ("start", "length") else said


def whole(said: str) -> int | str:
    """A number as one; anything else as it was entered, for the layout's own check to name."""
    return int(said) if said.isdecimal() and said.isascii() else said


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
        return whole(said) if name in self.numbers else said
