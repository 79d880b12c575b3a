"""The X12 envelope: who sends to whom, in which version, under which numbers, with which delimiters.

Sources: X12.5 (interchange control structures) and X12.6 (application control structures) as restated in public guides.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mappings.codecs.report import Problem

ISA_LENGTH = 106
NO_DELIMITERS = " .-"
"""What numbers and dates are made of cannot part them."""

ISA_SEPARATORS = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
"""The places in an ISA where the element separator stands."""

INTERCHANGE_VERSION = re.compile(r"00[2-8]\d\d")
FIRST_LATER_VERSION = "005010"
FIRST_REPETITION_VERSION = "00402"
FIRST_LONG_DATE_VERSION = "004010"


class Delimiters(NamedTuple):
    """The four delimiters, and what follows each segment terminator for the eye (nothing, LF or CR LF)."""

    element: str = "*"
    segment: str = "~"
    component: str = ">"
    repetition: str = "^"
    line_end: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One end of an interchange: ISA qualifier and id, and the id in the group if it differs."""

    qualifier: str = "ZZ"
    id: str
    group_id: str = ""

    @property
    def in_group(self) -> str:
        """The id for GS02 or GS03."""
        return self.group_id or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """All that ISA, GS and ST need. Nothing is taken from a clock or a counter: the caller gives date and numbers.

    `version` is GS08, such as 004010, 004010VICS or 005010; `interchange_version` is ISA12, by default that of
    `version`. `control_number` is ISA13. The first group gets `group_control_number`, every further one the next
    number, and the sets of each group are numbered from `first_set`. `usage` is P, T or I (ISA15).
    `character_set` is basic or extended; with latin-1 or utf-8, by agreement only, letters are not transliterated.
    """

    sender: Identity
    receiver: Identity
    date: dt.date
    time: dt.time
    control_number: int
    group_control_number: int
    first_set: int = 1
    version: str = "004010"
    interchange_version: str = ""
    implementation: str = ""
    usage: Literal["P", "T", "I"] = "P"
    acknowledgement_requested: bool = False
    delimiters: Delimiters = field(default_factory=Delimiters)
    character_set: Literal["basic", "extended", "latin-1", "utf-8"] = "extended"
    on_bad_character: Literal["replace", "refuse"] = "replace"

    @property
    def later(self) -> bool:
        """Whether the tables from 005010 on apply."""
        return is_later(self.version)

    @property
    def isa_version(self) -> str:
        """ISA12."""
        return self.interchange_version or self.version[:5]

    @property
    def has_repetition(self) -> bool:
        """Whether ISA11 is a repetition separator in this version."""
        return self.isa_version >= FIRST_REPETITION_VERSION

    def problems(self) -> Iterator[Problem]:
        """What a receiver could reject in the envelope, before anything is written."""
        for name, identity in (("sender", self.sender), ("receiver", self.receiver)):
            yield from _identity_problems(name, identity)
        if not INTERCHANGE_VERSION.fullmatch(self.isa_version):
            yield _problem(
                "ISA", 12, f"there is no interchange version {self.isa_version!r}", self.isa_version
            )
        if not re.fullmatch(r"00[3-8]0[1-9]0[A-Z0-9]{0,6}", self.version):
            yield _problem("GS", 8, "the version is not one of X12", self.version)
        for name, number, tag, element in (
            ("interchange control number", self.control_number, "ISA", 13),
            ("group control number", self.group_control_number, "GS", 6),
            ("first set control number", self.first_set, "ST", 2),
        ):
            if not 1 <= number <= 999_999_999:
                yield _problem(tag, element, f"the {name} must be from 1 to 999999999", str(number))
        if self.usage not in ("P", "T", "I"):
            yield _problem(
                "ISA", 15, "the usage must be P (production), T (test) or I (information)", self.usage
            )
        yield from self._delimiter_problems()

    def _delimiter_problems(self) -> Iterator[Problem]:
        used = [self.delimiters.element, self.delimiters.segment, self.delimiters.component]
        used += [self.delimiters.repetition] * self.has_repetition
        for character in used:
            if (
                len(character) != 1
                or not character.isascii()
                or character.isalnum()
                or character in NO_DELIMITERS
            ):
                message = "a delimiter must be one character, but no letter, digit, blank, point or hyphen"
                yield _problem("ISA", None, message, character)
        others = [*used[:1], *used[2:]]
        if {"\r", "\n"} & set(others):
            yield _problem("ISA", None, "a line end can only be the segment terminator", "".join(others))
        if len(set(used)) != len(used):
            yield _problem("ISA", None, "the delimiters must all differ", "".join(used))
        if set(self.delimiters.line_end) - {"\r", "\n"}:
            yield _problem("ISA", None, "only CR and LF may follow a segment", self.delimiters.line_end)


def _identity_problems(name: str, identity: Identity) -> Iterator[Problem]:
    if not re.fullmatch(r"[A-Z0-9]{2}", identity.qualifier):
        yield _problem(
            "ISA",
            5 if name == "sender" else 7,
            f"the {name}'s qualifier has two characters",
            identity.qualifier,
        )
    for what, value, tag, element in (
        ("id", identity.id, "ISA", 6 if name == "sender" else 8),
        ("group id", identity.in_group, "GS", 2 if name == "sender" else 3),
    ):
        shortest = 2 if tag == "GS" else 1
        if (
            not shortest <= len(value) <= 15
            or value != value.strip()
            or not (value.isascii() and value.isprintable())
        ):
            message = f"the {name}'s {what} must have {shortest} to 15 plain characters without blanks around"
            yield _problem(tag, element, message, value)


def _problem(tag: str, element: int | None, message: str, value: str) -> Problem:
    return Problem(
        message=message,
        rule="envelope",
        remedy="Correct it in the trading partner's settings.",
        segment=tag,
        element=element,
        value=value,
    )


def is_later(version: str) -> bool:
    """Whether `version` (GS08) is 005010 or later."""
    return version[:6] >= FIRST_LATER_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeHeader:
    """An ISA as it was read; texts without the blanks that pad them."""

    sender: Identity
    receiver: Identity
    date: str
    time: str
    version: str
    control_number: str
    acknowledgement_requested: bool
    usage: str
    delimiters: Delimiters


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHeader:
    """A GS as it was read."""

    functional_id: str
    sender: str
    receiver: str
    date: str
    time: str
    control_number: str
    agency: str
    version: str

    @property
    def answerable(self) -> bool:
        """Whether a 997 can name this group."""
        return bool(
            re.fullmatch("[A-Z0-9]{2}", self.functional_id)
            and re.fullmatch("[0-9]{1,9}", self.control_number)
        )

    @property
    def later(self) -> bool:
        """Whether the tables from 005010 on apply."""
        return is_later(self.version)


def same_number(one: str, other: str) -> bool:
    """Whether two control numbers are the same: as text, else as numbers."""
    return one == other or (one.isdecimal() and other.isdecimal() and int(one[:20]) == int(other[:20]))


def read_isa(text: str) -> tuple[InterchangeHeader, list[Problem]]:
    """The header in the 106 characters of an ISA, and what is wrong with it.

    `text` may be longer, or shorter if the file ends. With a malformed ISA the header holds what could be made out.
    """
    separator = text[3:4]
    problems = []
    malformed = len(text) < ISA_LENGTH or any(text[place] != separator for place in ISA_SEPARATORS)
    if malformed:
        problems.append(
            Problem(
                message="the interchange header is not 106 characters long with its separators in place",
                rule="isa_malformed",
                remedy="Pad sender and receiver ids to 15 characters and the control number to 9 digits.",
                segment="ISA",
                value=text[:ISA_LENGTH],
            )
        )
    parts = (text.split(separator, 16) if separator else [text]) + [""] * 17
    last = parts[16][:1] + (parts[16][1:2] or "~")
    header = InterchangeHeader(
        sender=Identity(qualifier=parts[5], id=parts[6].strip()),
        receiver=Identity(qualifier=parts[7], id=parts[8].strip()),
        date=parts[9],
        time=parts[10],
        version=parts[12],
        control_number=parts[13],
        acknowledgement_requested=parts[14] == "1",
        usage=parts[15],
        delimiters=Delimiters(separator, last[1:2], last[:1], _repetition(parts[11], parts[12])),
    )
    if not malformed:
        problems += _isa_problems(header)
    return header, problems


def _repetition(isa11: str, version: str) -> str:
    """The repetition separator; none in versions that have none, or if ISA11 is a letter or digit."""
    return "" if version < FIRST_REPETITION_VERSION or isa11.isalnum() else isa11


ISA_RULES = (
    # field, expression, element, what is wrong, TA1 note code
    ("version", INTERCHANGE_VERSION, 12, "the interchange version is not known", "isa_version"),
    (
        "control_number",
        re.compile(r"\d{9}"),
        13,
        "the interchange control number is not 9 digits",
        "isa_control_number",
    ),
    (
        "date",
        re.compile(r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])"),
        9,
        "the date is not YYMMDD",
        "isa_date",
    ),
    ("time", re.compile(r"([01]\d|2[0-3])[0-5]\d"), 10, "the time is not HHMM", "isa_time"),
    ("usage", re.compile(r"[PTI]"), 15, "the usage indicator is not P, T or I", "isa_usage"),
)


def _isa_problems(header: InterchangeHeader) -> Iterator[Problem]:
    for name, expression, element, message, rule in ISA_RULES:
        value = getattr(header, name)
        if not expression.fullmatch(value):
            yield Problem(message=message, rule=rule, segment="ISA", element=element, value=value)
    for element, identity, rule in ((6, header.sender, "isa_sender"), (8, header.receiver, "isa_receiver")):
        if not identity.id:
            yield Problem(message="the id is blank", rule=rule, segment="ISA", element=element)
    delimiters = [d for d in header.delimiters[:4] if d]
    if len(set(delimiters)) != len(delimiters) or any(d.isalnum() or d == " " for d in delimiters):
        message = "the delimiters must differ and be no letters, digits or blanks"
        yield Problem(message=message, rule="isa_delimiters", segment="ISA", value="".join(delimiters))


def write_isa(envelope: Envelope) -> str:
    """The ISA with its terminator, in the partner's delimiters, without line end."""
    d = envelope.delimiters
    elements = (
        "ISA",
        "00",
        " " * 10,
        "00",
        " " * 10,
        envelope.sender.qualifier,
        envelope.sender.id.ljust(15),
        envelope.receiver.qualifier,
        envelope.receiver.id.ljust(15),
        f"{envelope.date:%y%m%d}",
        f"{envelope.time:%H%M}",
        d.repetition if envelope.has_repetition else "U",
        envelope.isa_version,
        f"{envelope.control_number:09d}",
        "1" if envelope.acknowledgement_requested else "0",
        envelope.usage,
        d.component,
    )
    return d.element.join(elements) + d.segment
