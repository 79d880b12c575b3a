"""Writing interchanges: documents in, bytes out, checked against the same tables that read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from mappings.canonical import Document, InvalidDocument
from mappings.codecs.codes import NoCode
from mappings.codecs.edifact.bridge.registry import BRIDGES, message_type
from mappings.codecs.edifact.bridge.rows import BAD, composite, segment
from mappings.codecs.edifact.characters import CHARACTER_SETS, fit, lacking
from mappings.codecs.edifact.envelope import MESSAGE_VERSION, Envelope, Identity, identifier_of, is_later
from mappings.codecs.edifact.message import Row, compiled
from mappings.codecs.edifact.overlay import Overlay
from mappings.codecs.edifact.separators import Wire
from mappings.codecs.edifact.tables import message_table, segment_tables
from mappings.codecs.edifact.values import VALUES
from mappings.codecs.explain import explain
from mappings.codecs.frames import rows_of
from mappings.codecs.patterns import COMPONENT, ELEMENT, TERMINATOR
from mappings.codecs.report import CodecError, Problem, Report
from mappings.codecs.rules import edit, forbidden, missing

IDENTIFYING = frozenset({"1004", "1154"})
"""Elements by which partners know a document: in them no character is replaced by another, but for capitals."""


@dataclass(frozen=True, slots=True)
class MessageNumbers:
    """Under which references a document went out, to match the acknowledgement that comes back."""

    message_type: str
    group: str
    message: str


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of an interchange, and for each document, in the order given, its references."""

    data: bytes
    numbers: tuple[MessageNumbers, ...]


@dataclass(slots=True)
class _Body:
    """The segments of a document between UNH and UNT, in the order it was given."""

    index: int
    type: str
    version: str
    segments: list[str]

    @property
    def later(self) -> bool:
        return is_later(self.version.split(":")[1])


def write(documents: Sequence[Document], envelope: Envelope, *, overlay: Overlay | None = None) -> Written:
    """One interchange with all of `documents`; `overlay` is the partner's deviations.

    Raises `CodecError` with all problems found if a partner could reject it; then nothing is written.
    """
    overlay = overlay or Overlay()
    envelope = overlay.envelope(envelope)
    report = Report(list(envelope.problems()))
    if not documents:
        report.add("there is no document to send", "empty")
    bodies = [] if report else _bodies(documents, envelope, overlay, report)
    if report:
        raise CodecError(report)
    return _Interchange(envelope, overlay, report).build(bodies)


def _bodies(
    documents: Sequence[Document], envelope: Envelope, overlay: Overlay, report: Report
) -> list[_Body]:
    bodies = []
    for index, document in enumerate(documents):
        type_ = message_type(document)
        version = overlay.version(type_, envelope.version)
        if type_ not in BRIDGES:
            report.add(
                f"EDIFACT has no message for this document ({type(document).__name__}) here", "no_message"
            )
            continue
        if not MESSAGE_VERSION.fullmatch(version):
            report.add(f"{type_} cannot be sent as version {version!r}", "envelope", value=version)
            continue
        body = _Body(index, type_, version, [])
        dialect = overlay.dialect(later=body.later, decimal_mark=envelope.separators.decimal)
        try:
            body.segments = BRIDGES[type_].write(document, dialect)
            if rules := overlay.messages.get(type_):
                target = overlay.target(type_, later=body.later, decimal_mark=dialect.decimal_mark)
                body.segments = edit(target, body.segments, document, rules)
        except NoCode as error:
            report.add(
                f"there is no EDIFACT code for the {error.vocabulary.replace('_', ' ')} {error.word!r}",
                "no_code",
                remedy="Add a code for it to the trading partner's code lists.",
                value=error.word,
            )
        except InvalidDocument as error:
            report.extend(
                Problem(message=str(p), rule="invalid_document", business=True) for p in error.problems
            )
        bodies.append(body)
    return bodies


class _Interchange:
    """One interchange while it is put together, in the internal separators until the end."""

    def __init__(self, envelope: Envelope, overlay: Overlay, report: Report) -> None:
        self.envelope = envelope
        self.overlay = overlay
        self.report = report
        self.allowed = CHARACTER_SETS[envelope.syntax].allowed

    def build(self, bodies: list[_Body]) -> Written:
        """The finished interchange."""
        e = self.envelope
        text, units = "", 0
        numbers: dict[int, MessageNumbers] = {}
        message = e.first_message
        if e.group_reference is not None:
            bodies = sorted(bodies, key=lambda body: (body.type, body.version))
        for _, members in groupby(bodies, key=lambda body: (body.type, body.version)):
            group, count = "", 0
            inside = ""
            for body in members:
                group = "" if e.group_reference is None else str(e.group_reference + units)
                inside += self._message(body, str(message))
                numbers[body.index] = MessageNumbers(body.type, group, str(message))
                message += 1
                count += 1
                last = body
            if group:
                inside = self._group(last, group) + inside + segment("UNE", str(count), group) + TERMINATOR
            text += inside
            units += 1 if group else count
        if self.report:
            raise CodecError(self.report)
        text = self._header() + text + segment("UNZ", str(units), e.control_number) + TERMINATOR
        wire = Wire(e.separators, e.syntax_version)
        data = wire.write(text, CHARACTER_SETS[e.syntax].encoding)
        if e.una == "always" or e.una_needed:
            data = (e.separators.una(e.syntax_version) + e.separators.line_end).encode() + data
        return Written(data, tuple(numbers[index] for index in range(len(bodies))))

    def _header(self) -> str:
        e = self.envelope
        unb = segment(
            "UNB",
            composite(e.syntax, str(e.syntax_version)),
            composite(e.sender.id, e.sender.qualifier, e.sender.internal),
            composite(e.receiver.id, e.receiver.qualifier, e.receiver.internal),
            self._prepared(),
            e.control_number,
            "",
            e.application_reference,
            "",
            "1" if e.acknowledgement_requested else "",
            e.agreement,
            "1" if e.test else "",
        )
        return unb + TERMINATOR

    def _prepared(self) -> str:
        """S004: the date, in version 4 with its century, and the time."""
        e = self.envelope
        date = f"{e.date:%Y%m%d}" if e.syntax_version > 3 else f"{e.date:%y%m%d}"
        return composite(date, f"{e.time:%H%M}")

    def _group(self, body: _Body, reference: str) -> str:
        version, release, agency, *association = body.version.split(":")
        e = self.envelope

        def end(identity: Identity) -> str:
            return composite(identity.in_group, identity.qualifier)

        ung = segment(
            "UNG",
            body.type,
            end(e.sender),
            end(e.receiver),
            self._prepared(),
            reference,
            agency,
            composite(version, release, *association),
        )
        return ung + TERMINATOR

    def _message(self, body: _Body, reference: str) -> str:
        header = segment("UNH", reference, composite(*identifier_of(body.type, body.version)))
        trailer = segment("UNT", str(len(body.segments) + 2), reference)
        text = TERMINATOR.join((header, *body.segments, trailer, ""))
        if not self.allowed.fullmatch(text) or (BAD in text) or not self._encodable(text):
            text = self._fitted(text, later=body.later)
        if not compiled(body.type, later=body.later).fullmatch(text):
            tables = segment_tables(later=body.later)
            table = message_table(body.type, later=body.later)
            self.report.extend(explain(table, rows_of(text), VALUES, tables.__contains__))
        if rules := self.overlay.messages.get(body.type):
            rows = rows_of(text)
            self.report.extend(missing(rows, rules))
            self.report.extend(forbidden(rows, rules))
        return text

    def _encodable(self, text: str) -> bool:
        try:
            text.encode(CHARACTER_SETS[self.envelope.syntax].encoding)
        except UnicodeEncodeError:
            return False
        return True

    def _fitted(self, text: str, *, later: bool) -> str:
        """`text` with every value made sendable; what cannot be made so is reported."""
        rows = rows_of(text)
        for position, row in enumerate(rows, 1):
            for element, value in enumerate(row[1:], 1):
                if value:
                    fitted = (
                        self._fit(part, row, position, element, component, later=later) if part else part
                        for component, part in enumerate(value.split(COMPONENT), 1)
                    )
                    row[element] = COMPONENT.join(fitted).rstrip(COMPONENT)
        return "".join(ELEMENT.join(row).rstrip(ELEMENT) + TERMINATOR for row in rows)

    def _fit(self, value: str, row: Row, position: int, element: int, component: int, *, later: bool) -> str:
        fitted = fit(value, self.envelope.syntax)
        impossible = lacking(fitted, self.envelope.syntax)
        if fitted == value and not impossible:
            return value
        name, number = _about(row[0], element, component, later=later)
        strict = self.envelope.on_bad_character == "refuse" or number in IDENTIFYING
        if impossible or not fitted or (strict and fitted != value.upper()):
            bad = impossible or "".join(sorted(set(value) - set(fitted)))
            self.report.add(
                f"the {name} contains characters that {self.envelope.syntax} cannot hold: "
                f"{bad.replace(BAD, 'control character')!r}",
                "unsendable_character",
                remedy="Change the text, or agree on another character set with the partner.",
                segment=row[0],
                position=position,
                element=element,
                component=component,
                value=value.replace(BAD, "\N{SYMBOL FOR SUBSTITUTE}"),
            )
            return value.replace(BAD, " ")
        return fitted


def _about(tag: str, element: int, component: int, *, later: bool) -> tuple[str, str]:
    """The name and the data element number of a component, as far as they are known."""
    table = segment_tables(later=later).get(tag)
    found = table.elements[element - 1] if table and element <= len(table.elements) else None
    if found and component <= len(found.components):
        found = found.components[component - 1]
    name = found.name if found and found.name else f"element {tag}{element:02d}"
    return name, found.number if found else ""
