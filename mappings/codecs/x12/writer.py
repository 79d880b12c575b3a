"""Writing interchanges: documents in, bytes out, checked against the same tables that read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from mappings.canonical import Acknowledgement, Document, InvalidDocument
from mappings.codecs.codes import NoCode
from mappings.codecs.explain import explain
from mappings.codecs.patterns import COMPONENT, ELEMENT, REPETITION, TERMINATOR
from mappings.codecs.report import CodecError, Problem, Report
from mappings.codecs.rules import edit, forbidden, missing
from mappings.codecs.tables import Element, Segment
from mappings.codecs.x12.bridge.acknowledgement import write_ta1
from mappings.codecs.x12.bridge.parts import BAD
from mappings.codecs.x12.bridge.registry import BRIDGES, message_type
from mappings.codecs.x12.characters import fit
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.envelope import Envelope, write_isa
from mappings.codecs.x12.message import compiled
from mappings.codecs.x12.overlay import Overlay
from mappings.codecs.x12.tables import MESSAGES, message_table, segment_tables
from mappings.codecs.x12.values import VALUES, write_date

IDENTIFYING = frozenset({"76", "324", "396"})
"""Numbers by which partners know a document (invoice, PO, shipment): replacing a character would make it another."""


COPY_OF_BAD_DATA = "724"
"""What is wrong with it is said elsewhere: of this element as much is sent as can be."""


class SetNumbers(NamedTuple):
    """Under which numbers a document went out, to match the acknowledgement that comes back."""

    message_type: str
    functional_id: str
    group: int
    set: str


@dataclass(frozen=True, slots=True)
class Written:
    """The bytes of an interchange, and for each document, in the order given, its numbers. TA1s have none."""

    data: bytes
    numbers: tuple[SetNumbers | None, ...]


class _Body(NamedTuple):
    """What stands between header and trailer of a message: its text in the internal delimiters, and its segments."""

    type: str
    text: str
    segments: int


def _functional_id(message: tuple[int, _Body]) -> str:
    return MESSAGES[message[1].type][0]


def write(documents: Sequence[Document], envelope: Envelope, *, overlay: Overlay | None = None) -> Written:
    """One interchange with all of `documents`, grouped by functional id; `overlay` is the partner's deviations.

    Raises `CodecError` with all problems found if a partner could reject it; then nothing is written.
    """
    report = Report()
    overlay = overlay or Overlay()
    envelope = overlay.envelope(envelope)
    report.extend(envelope.problems())
    sets = _bodies(documents, overlay.dialect(envelope.version), overlay, report)
    if report:
        raise CodecError(report)
    if not documents:
        report.add("there is no document to send", "empty")
        raise CodecError(report)
    return _Interchange(envelope, overlay, report).build(sets)


def _bodies(documents: Sequence[Document], dialect: Dialect, overlay: Overlay, report: Report) -> list[_Body]:
    """For each document what stands between the header and trailer of its message."""
    bodies = []
    for document in documents:
        type_ = "TA1" if _is_ta1(document) else message_type(document)
        try:
            if isinstance(document, Acknowledgement) and type_ == "TA1":
                bodies.append(_Body(type_, write_ta1(document) + TERMINATOR, 1))
            elif type_:
                segments = BRIDGES[type_].write(document, dialect)
                if rules := overlay.messages.get(type_):
                    segments = edit(overlay.target(type_, later=dialect.later), segments, document, rules)
                # One text takes less room than its segments, until all documents are put together.
                bodies.append(_Body(type_, TERMINATOR.join(segments) + TERMINATOR, len(segments)))
            else:
                name = type(document).__name__
                report.add(f"X12 has no message for this document ({name}) here", "no_message")
        except NoCode as error:
            report.add(
                f"there is no X12 code for the {error.vocabulary.replace('_', ' ')} {error.word!r}",
                "no_code",
                remedy="Add a code for it to the trading partner's code lists.",
                value=error.word,
            )
        except InvalidDocument as error:
            report.extend(
                Problem(message=str(p), rule="invalid_document", business=True) for p in error.problems
            )
        except ValueError as error:
            report.add(str(error), "invalid_document")
    return bodies


def _is_ta1(document: Document) -> bool:
    return isinstance(document, Acknowledgement) and document.form == "ta1"


class _Interchange:
    """One interchange while it is put together, in the internal delimiters until the end."""

    def __init__(self, envelope: Envelope, overlay: Overlay, report: Report) -> None:
        self.envelope = envelope
        self.overlay = overlay
        self.later = envelope.later
        self.report = report
        d = envelope.delimiters
        self.delimiters = (
            d.element + d.segment + d.component + (d.repetition if envelope.has_repetition else "")
        )
        self.ascii_only = envelope.character_set in ("basic", "extended")

    def build(self, bodies: list[_Body]) -> Written:
        """The finished interchange."""
        text = "".join(body.text for body in bodies if body.type == "TA1")
        numbers: dict[int, SetNumbers] = {}
        messages = [(index, body) for index, body in enumerate(bodies) if body.type != "TA1"]
        messages.sort(key=_functional_id)
        groups = 0
        for functional_id, members in groupby(messages, key=_functional_id):
            number = self.envelope.group_control_number + groups
            groups += 1
            sets = []
            for set_number, (index, body) in enumerate(members, self.envelope.first_set):
                control = f"{set_number:04d}"
                sets.append(self._set(body, control))
                numbers[index] = SetNumbers(body.type, functional_id, number, control)
            trailer = f"GE{ELEMENT}{len(sets)}{ELEMENT}{number}{TERMINATOR}"
            text += self._gs(functional_id, number) + "".join(sets) + trailer
        if self.report:
            raise CodecError(self.report)
        text += f"IEA{ELEMENT}{groups}{ELEMENT}{self.envelope.control_number:09d}{TERMINATOR}"
        return Written(self._bytes(text), tuple(numbers.get(index) for index in range(len(bodies))))

    def _gs(self, functional_id: str, number: int) -> str:
        e = self.envelope
        elements = ("GS", functional_id, e.sender.in_group, e.receiver.in_group)
        stamp = (write_date(e.date), f"{e.time:%H%M}", str(number), "X", e.version)
        return ELEMENT.join(elements + stamp) + TERMINATOR

    def _set(self, body: _Body, control: str) -> str:
        type_ = body.type
        header = f"ST{ELEMENT}{type_}{ELEMENT}{control}"
        if self.envelope.later and self.envelope.implementation:
            header += ELEMENT + self.envelope.implementation
        trailer = f"SE{ELEMENT}{body.segments + 2}{ELEMENT}{control}"
        text = f"{header}{TERMINATOR}{body.text}{trailer}{TERMINATOR}"
        table = compiled(type_, VALUES, later=self.later)
        if self._has_bad_characters(text) or not table.fullmatch(text):
            text = self._fitted(text)
            if not table.fullmatch(text):
                self._explain(type_, text)
        if rules := self.overlay.messages.get(type_):
            rows = [segment.split(ELEMENT) for segment in text.split(TERMINATOR)[:-1]]
            self.report.extend(missing(rows, rules))
            self.report.extend(forbidden(rows, rules))
        return text

    def _has_bad_characters(self, text: str) -> bool:
        return (
            BAD in text
            or (self.ascii_only and not text.isascii())
            or self.envelope.character_set not in ("extended", "utf-8")
            or any(delimiter in text for delimiter in self.delimiters)
        )

    def _fitted(self, text: str) -> str:
        """`text` with every value made sendable; what cannot be made so is reported."""
        rows = [segment.split(ELEMENT) for segment in text.split(TERMINATOR)[:-1]]
        for position, row in enumerate(rows, 1):
            for element, value in enumerate(row[1:], 1):
                row[element] = COMPONENT.join(
                    self._fit(part, row[0], position, element) for part in value.split(COMPONENT)
                )
        return "".join(ELEMENT.join(row).rstrip(ELEMENT) + TERMINATOR for row in rows)

    def _fit(self, value: str, tag: str, position: int, element: int) -> str:
        """`value` as it can be sent. Blanks at its end mean nothing; in capitals a number is still the same."""
        value = value.rstrip(" ")
        fitted, impossible = fit(value, self.envelope.character_set, self.delimiters)
        table = segment_tables(later=self.later).get(tag, Segment(tag=tag)).elements
        about = table[element - 1] if element <= len(table) else Element(position=element)
        name = about.name or f"element {tag}{element:02d}"
        if about.number == COPY_OF_BAD_DATA:
            sendable = "".join(character for character in fitted if character not in impossible)
            return sendable[: about.max].rstrip()
        strict = self.envelope.on_bad_character == "refuse" or about.number in IDENTIFYING
        if impossible or (value and not fitted) or (strict and fitted.casefold() != value.casefold()):
            bad = impossible or "".join(sorted(set(value) - set(fitted)))
            shown = value.replace(BAD, "\N{SYMBOL FOR SUBSTITUTE}")
            self.report.add(
                f"the {name} contains characters that cannot be sent: {bad.replace(BAD, 'control character')!r}",
                "unsendable_character",
                remedy="Change the text, or agree on other delimiters or another character set with the partner.",
                segment=tag,
                position=position,
                element=element,
                value=shown,
            )
            return value.replace(BAD, " ")
        return fitted

    def _explain(self, type_: str, text: str) -> None:
        tables = segment_tables(later=self.later)
        rows = [segment.split(ELEMENT) for segment in text.split(TERMINATOR)[:-1]]
        values = VALUES.closely(ascii_only=self.ascii_only)
        self.report.extend(explain(message_table(type_, later=self.later), rows, values, tables.__contains__))

    def _bytes(self, text: str) -> bytes:
        """`text` in the partner's delimiters and character set, behind its ISA."""
        d = self.envelope.delimiters
        encoding = {"latin-1": "latin-1", "utf-8": "utf-8"}.get(self.envelope.character_set, "ascii")
        internal = (ELEMENT + TERMINATOR + COMPONENT + REPETITION).encode()
        theirs = (d.element + d.segment + d.component + (d.repetition or " ")).encode()
        data = text.encode(encoding).translate(bytes.maketrans(internal, theirs))
        if d.line_end:
            data = data.replace(d.segment.encode(), (d.segment + d.line_end).encode())
        return (write_isa(self.envelope) + d.line_end).encode() + data
