"""Layouts from plain JSON data, and everything that can be wrong with one, named where it is saved."""

from __future__ import annotations

import copy
import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mappings.codecs.layouts import layout as names
from mappings.codecs.layouts.checks import check
from mappings.codecs.layouts.formats import (
    CURRENCY,
    NEGATIVES,
    CodeTable,
    Format,
    FormatError,
    reader,
    writer,
)
from mappings.codecs.layouts.layout import (
    END,
    FILE_VALUES,
    KINDS,
    MOST_COLUMNS,
    START,
    Column,
    Layout,
    Record,
)
from mappings.codecs.layouts.paths import Path, PathError, compile_path, item_type
from mappings.codecs.report import CodecError, Report

STYLE_KEYS = ("date", "time", "decimal", "thousands", "negative", "true", "false")
"""Settings of formats that a layout gives for all its columns, and a column for itself."""
ELEMENT = re.compile(r"[A-Za-z_][\w.-]*")
ATTRIBUTE = re.compile(r"@[A-Za-z_][\w.-]*")


def load(data: Mapping[str, Any]) -> Layout:
    """The layout in `data`. Raises `CodecError` with every problem, each at its key, such as `columns[3].date`."""
    report = Report()
    layout = _Loader(data, report).layout() if isinstance(data, Mapping) else None
    if layout is None and not report:
        report.add("a layout is an object with keys", "wrong_type")
    if report or layout is None:
        raise CodecError(report)
    return layout


class _Keys:
    """The keys of one object, each taken once; what is left is not known."""

    def __init__(self, data: Any, where: str, report: Report) -> None:
        self.where = where
        self.report = report
        self.data: dict[str, Any] = dict(data) if isinstance(data, Mapping) else {}
        self.taken: set[str] = set()
        if not isinstance(data, Mapping):
            self.wrong("", "should be an object with keys")

    def wrong(self, key: str, message: str, remedy: str = "") -> None:
        place = ".".join(filter(None, (self.where, key)))
        self.report.add(f"{place} {message}".strip(), "invalid_layout", remedy=remedy, field=place)

    def _take(self, key: str, type_: type, default: Any, expected: str) -> Any:
        self.taken.add(key)
        value = self.data.get(key, default)
        if value is default or (isinstance(value, type_) and not (type_ is int and isinstance(value, bool))):
            return value
        self.wrong(key, f"should be {expected}")
        return default

    def text(self, key: str, default: str = "", choices: tuple[str, ...] = ()) -> str:
        value: str = self._take(key, str, default, "a text")
        if choices and value not in choices:
            self.wrong(key, f"is {value!r}", f"Use {', '.join(choices[:-1])} or {choices[-1]}.")
            return default or choices[0]
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        return bool(self._take(key, bool, default, "true or false"))

    def number(self, key: str, default: int | None = 0, least: int = 0) -> int | None:
        value: int | None = self._take(key, int, default, "a whole number")
        if value is not None and value < least:
            self.wrong(key, f"is {value}; it must be {least} or more")
            return default
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts; a single text is a list of one."""
        value = self.data.get(key, [])
        self.taken.add(key)
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, (list, tuple)) or not all(isinstance(each, str) for each in listed):
            self.wrong(key, "should be a list of texts")
            return ()
        return tuple(listed)

    def objects(self, key: str) -> list[Any]:
        value: list[Any] = self._take(key, list, [], "a list")
        return value

    def mapping(self, key: str) -> dict[str, Any]:
        value: dict[str, Any] = self._take(key, dict, {}, "an object with keys")
        return value

    def end(self) -> None:
        """Report the keys that nobody took."""
        for key in self.data.keys() - self.taken:
            near = difflib.get_close_matches(str(key), self.taken, n=1)
            self.wrong(str(key), "is not a known key", f"Do you mean {near[0]}?" if near else "")


class _Loader:
    def __init__(self, data: Mapping[str, Any], report: Report) -> None:
        self.data = data
        self.report = report
        self.keys = _Keys(data, "", report)
        self.kind = self.keys.text("document", choices=tuple(KINDS))
        self.document = KINDS.get(self.kind, KINDS["invoice"])
        self.format = self.keys.text("format", choices=names.FORMATS)
        self.direction = self.keys.text("direction", "both", names.DIRECTIONS)
        self.style = self._style(self.keys, Format())

    def layout(self) -> Layout:
        keys = self.keys
        loaded = Layout(
            data=copy.deepcopy(dict(self.data)),
            name=keys.text("name"),
            kind=self.kind,
            document=self.document,
            format=self.format,
            direction=self.direction,
            encoding=keys.text("encoding", "utf-8", names.ENCODINGS),
            transliterate=keys.text("on_bad_character", "refuse", ("refuse", "transliterate"))
            == "transliterate",
            blanks=frozenset(text.strip().casefold() for text in keys.texts("blanks")),
            records=self._records(),
            group=keys.texts("group"),
            adjacent=keys.flag("adjacent", default=True),
            assume=tuple(self._assumed()),
            verify=keys.flag("verify"),
            **(self._of_format()),
        )
        keys.end()
        if not self.report:
            check(loaded, keys.wrong)
        return loaded

    def _of_format(self) -> dict[str, Any]:
        keys = self.keys
        if self.format == "xml":
            return {
                "root": self._elements(keys.text("root"), keys, "root"),
                "namespace": keys.text("namespace"),
                "keep_empty": keys.flag("keep_empty"),
            }
        ends = ("crlf", "lf") if self.format == "csv" else ("crlf", "lf", "none")
        shared = {"line_end": keys.text("line_end", "crlf", ends), "skip": keys.number("skip")}
        shared["line_breaks"] = keys.text("line_breaks", "space", ("space", "refuse", "keep"))
        if self.format == "fixed":
            return {
                **shared,
                "code_start": keys.number("code_start", 1, 1),
                "record_length": keys.number("record_length"),
            }
        return {
            **shared,
            "delimiter": self._delimiter(),
            "quoting": keys.text("quoting", "minimal", ("minimal", "all", "none")),
            "header": keys.flag("header", default="records" not in self.data),
            "guard": keys.flag("guard"),
        }

    def _delimiter(self) -> str:
        value = self.keys.text("delimiter", ",")
        value = "\t" if value == "tab" else value
        if len(value) > 1 or value.isalnum() or value in {'"', "\r", "\n", " "}:
            self.keys.wrong("delimiter", f"is {value!r}", "Use a comma, a semicolon, a bar or tab.")
        elif not value and self.direction != "read":
            self.keys.wrong(
                "delimiter", "is missing", "It can be found out when reading, but not when writing."
            )
        return value

    # Records and columns.

    def _records(self) -> tuple[Record, ...]:
        keys = self.keys
        given = keys.objects("records")
        if not given:
            return (self._record(keys, _each(keys.text("each")), ""),)
        if "columns" in self.data or "each" in self.data:
            keys.wrong("records", "cannot stand beside columns or each")
        keys.taken |= {"columns", "each"}
        records = [self._listed_record(each, f"records[{index}]") for index, each in enumerate(given)]
        return tuple(sorted(records, key=lambda record: record.order))

    def _listed_record(self, data: Any, where: str) -> Record:
        keys = _Keys(data, where, self.report)
        at = keys.text("at")
        record = self._record(keys, {"start": START, "end": END}.get(at) or _each(at), where)
        keys.end()
        return record

    def _record(self, keys: _Keys, at: tuple[str, ...], where: str) -> Record:
        place: Any = self.document
        for part in () if at in (START, END) else at:
            try:
                place = item_type(place, part)
            except PathError as error:
                keys.wrong("at" if where else "each", f"leads nowhere: {error}")
                at = ()
                break
        given = keys.objects("columns")
        if not given and (not where or self.format != "xml"):
            keys.wrong("columns", "are missing")
        if len(given) > MOST_COLUMNS:
            keys.wrong("columns", f"are {len(given)}; one kind of row can have {MOST_COLUMNS} at most")
        prefix = f"{where}." if where else ""
        columns = [
            self._column(_Keys(each, f"{prefix}columns[{index}]", self.report), at)
            for index, each in enumerate(given[:MOST_COLUMNS])
        ]
        element = self._elements(keys.text("element"), keys, "element") if self.format == "xml" else ()
        code = keys.text("code") if where and self.format != "xml" else ""
        return Record(at=at, code=code, element=element, columns=tuple(columns))

    def _elements(self, text: str, keys: _Keys, key: str) -> tuple[str, ...]:
        parts = tuple(text.split("/")) if text else ()
        for part in parts:
            if not ELEMENT.fullmatch(part):
                keys.wrong(key, f"has a part {part!r} that is no element name")
        return parts

    def _column(self, keys: _Keys, at: tuple[str, ...]) -> Column:
        name = keys.text("name")
        paths = tuple(self._paths(keys, at))
        constant, context, file = keys.data.get("constant"), keys.text("context"), keys.text("file")
        if constant is not None:
            constant = keys.text("constant")
        if sum((bool(paths), constant is not None, bool(context), bool(file))) > 1:
            keys.wrong("", "has more than one of field, constant, context and file")
        if file and (file not in FILE_VALUES or at not in (START, END)):
            keys.wrong(
                "file", f"is {file!r}", f"Records at the start and the end can hold {', '.join(FILE_VALUES)}."
            )
        type_ = paths[0].type if paths else "number" if file else "text"
        if any(path.type != type_ for path in paths):
            keys.wrong("field", "has paths to values of different types")
        default_decimals = CURRENCY if (paths and paths[0].is_money) or file == "file.total" else "0-6"
        style = self._column_style(keys, type_, default_decimals)
        codes = self._codes(keys)
        use = keys.text("use", "both", names.DIRECTIONS)
        column = Column(
            name=name,
            fields=paths,
            constant=constant,
            context=context,
            file=file,
            written=use != "read",
            read=use != "write" and not any(path.put is None for path in paths),
            required=keys.flag("required"),
            max=keys.number("max") or 0,
            cut=keys.text("too_long", "refuse", ("refuse", "cut")) == "cut",
            default=keys.text("default"),
            codes=codes,
            keeps_unmapped=keys.text("unmapped", "refuse", ("refuse", "keep")) == "keep",
            unmapped_as=keys.text("unmapped_as"),
            style=style,
            type=type_,
            level=paths[0].level if paths else 0,
            to_text=writer(type_, style),
            to_value=reader(type_, style),
            **self._position(keys),
        )
        if (
            not name
            and (self.format != "fixed" or not (constant or context or file))
            and (paths or self.format != "fixed")
        ):
            keys.wrong("name", "is missing")
        if self.format == "xml":
            self._check_element_path(keys, name)
        keys.end()
        return column

    def _paths(self, keys: _Keys, at: tuple[str, ...]) -> Iterator[Path]:
        for text in keys.texts("field"):
            if at in (START, END):
                keys.wrong("field", "cannot be in a record of the file; use file, constant or context")
                return
            try:
                yield compile_path(self.document, text, at)
            except PathError as error:
                keys.wrong("field", str(error))

    def _column_style(self, keys: _Keys, type_: str, decimals: str) -> Format:
        style = self._style(keys, self.style)
        given = keys.data.get("decimals", decimals)
        keys.taken |= {"decimals"}
        style = Format(
            **{key: getattr(style, key) for key in STYLE_KEYS},
            decimals=str(given),
            implied=keys.number("implied", None),
            rounding=keys.text("rounding", "refuse", ("refuse", "half_up")),
            negate=keys.flag("negate"),
        )
        for problem in style.problems(type_):
            keys.wrong("", problem)
        return style

    def _style(self, keys: _Keys, outer: Format) -> Format:
        values: dict[str, Any] = {
            key: keys.text(key, getattr(outer, key)) for key in STYLE_KEYS if key != "negative"
        }
        return Format(**values, negative=keys.text("negative", outer.negative, NEGATIVES))

    def _codes(self, keys: _Keys) -> CodeTable | None:
        given = keys.mapping("codes")
        codes: dict[str, tuple[str, ...]] = {}
        seen: dict[str, str] = {}
        for ours, theirs in given.items():
            spellings = [theirs] if isinstance(theirs, str) else theirs
            if (
                not isinstance(spellings, list)
                or not spellings
                or not all(isinstance(t, str) for t in spellings)
            ):
                keys.wrong("codes", f"{ours!r} should lead to a text, or to a list of texts")
                continue
            codes[ours] = tuple(spellings)
            for spelling in spellings:
                other = seen.setdefault(spelling.strip().casefold(), ours)
                if other != ours:
                    keys.wrong("codes", f"{spelling!r} stands for both {other!r} and {ours!r}")
        return CodeTable(codes) if codes else None

    def _position(self, keys: _Keys) -> dict[str, Any]:
        if self.format != "fixed":
            return {}
        start, length = keys.number("start", 0, 1), keys.number("length", 0, 1)
        if not start or not length:
            keys.wrong("", "needs a start and a length")
        pad = keys.text("pad", " ")
        if len(pad) != 1:
            keys.wrong("pad", "should be one character")
        return {
            "start": start or 1,
            "length": length or 1,
            "align": keys.text("align", "left", ("left", "right")),
            "pad": pad[:1] or " ",
        }

    def _check_element_path(self, keys: _Keys, name: str) -> None:
        *elements, last = name.split("/")
        if not all(ELEMENT.fullmatch(part) for part in elements) or not (
            ELEMENT.fullmatch(last) or ATTRIBUTE.fullmatch(last) or last == "."
        ):
            keys.wrong("name", f"{name!r} is no path of elements, such as Header/Number or Price/@currency")

    def _assumed(self) -> Iterator[tuple[Path, Any]]:
        for text, value in self.keys.mapping("assume").items():
            try:
                path = compile_path(self.document, text, self._deepest())
                yield path, reader(path.type, Format())(str(value))
            except PathError as error:
                self.keys.wrong("assume", str(error))
            except FormatError as error:
                self.keys.wrong("assume", f"{text}: {value!r} {error.message}")

    def _deepest(self) -> tuple[str, ...]:
        """The parts that have rows, so that what is assumed of them holds for each."""
        given = self.data.get("records") or [{"at": self.data.get("each", "")}]
        levels = [_each(str(each.get("at", ""))) for each in given if isinstance(each, Mapping)]
        return max((each for each in levels if each not in (START, END)), key=len, default=())


def _each(text: str) -> tuple[str, ...]:
    return tuple(text.split(".")) if text else ()
