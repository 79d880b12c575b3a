"""The EDIFACT envelope: who sends to whom, under which references, in which characters, with which separators.

Sources: ISO 9735 (syntax version 3) and ISO 9735-1 (version 4) as restated in UN/ECE's UNTDID part 4 and in public
guides of EANCOM.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mappings.codecs.edifact.characters import CHARACTER_SETS, FROM_VERSION_4, lacking
from mappings.codecs.report import Problem

UNA_LENGTH = 9
MESSAGE_VERSION = re.compile(r"([A-Z0-9]{1,3}):([A-Z0-9]{1,3}):([A-Z]{1,3})(?::([A-Z0-9]{1,6}))?")
FIRST_LATER_RELEASE = "99B"


class Separators(NamedTuple):
    """The characters of UNA in their order, and what follows each segment for the eye (nothing, LF or CR LF).

    Repetitions exist from syntax version 4 on.
    """

    component: str = ":"
    element: str = "+"
    decimal: str = "."
    release: str = "?"
    repetition: str = "*"
    segment: str = "'"
    line_end: str = ""

    def una(self, version: int) -> str:
        """The UNA segment for these separators."""
        repetition = self.repetition if version > 3 else " "
        return f"UNA{self.component}{self.element}{self.decimal}{self.release}{repetition}{self.segment}"

    def used(self, version: int) -> str:
        """The separators that data must release."""
        return (
            self.component
            + self.element
            + self.release
            + self.segment
            + (self.repetition if version > 3 else "")
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One end of an interchange: its id, qualifier and internal id in UNB, and its id in UNG if that differs."""

    id: str
    qualifier: str = ""
    internal: str = ""
    group_id: str = ""

    @property
    def in_group(self) -> str:
        """The id for UNG."""
        return self.group_id or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """All that UNA, UNB, UNG and UNH need. Nothing is taken from a clock or a counter: the caller gives it.

    `control_number` is the interchange control reference (0020), a text. `version` is the message identifier after the
    type, such as D:96A:UN or D:01B:UN:EAN011. Messages get the references `first_message`, `first_message` + 1 ...;
    with `group_reference`, messages of a type stand in a group of their own, the first under that number and each
    further one under the next. `syntax` is the character set (0001). `una` says whether UNA is sent even if it says
    nothing new.
    """

    sender: Identity
    receiver: Identity
    date: dt.date
    time: dt.time
    control_number: str
    version: str = "D:96A:UN"
    first_message: int = 1
    group_reference: int | None = None
    syntax: str = "UNOC"
    syntax_version: int = 3
    application_reference: str = ""
    agreement: str = ""
    acknowledgement_requested: bool = False
    test: bool = False
    separators: Separators = field(default_factory=Separators)
    una: Literal["always", "if_needed"] = "always"
    on_bad_character: Literal["replace", "refuse"] = "replace"

    def problems(self) -> Iterator[Problem]:
        """What a receiver could reject in the envelope, before anything is written."""
        if self.syntax not in CHARACTER_SETS:
            yield _problem(1, f"there is no character set {self.syntax!r} here", self.syntax)
            return
        if self.syntax_version not in (3, 4) or (self.syntax in FROM_VERSION_4 and self.syntax_version < 4):
            yield _problem(1, f"{self.syntax} is not part of this syntax version", str(self.syntax_version))
        yield from self._identity_problems("sender", self.sender, 2)
        yield from self._identity_problems("recipient", self.receiver, 3)
        yield from self._text_problem("interchange control reference", self.control_number, 14, 5, 1)
        yield from self._text_problem("application reference", self.application_reference, 14, 7)
        yield from self._text_problem("communications agreement", self.agreement, 35, 10)
        if not MESSAGE_VERSION.fullmatch(self.version):
            yield _problem(None, "the version must be such as D:96A:UN or D:96A:UN:EAN008", self.version)
        for name, number in (("message", self.first_message), ("group", self.group_reference)):
            if number is not None and not 1 <= number <= 10**13:
                yield _problem(
                    None, f"the first {name} reference must be from 1 to 10000000000000", str(number)
                )
        yield from self._separator_problems()

    def _identity_problems(self, name: str, identity: Identity, element: int) -> Iterator[Problem]:
        yield from self._text_problem(f"{name}'s id", identity.id, 35, element, 1)
        yield from self._text_problem(f"{name}'s qualifier", identity.qualifier, 4, element)
        yield from self._text_problem(f"{name}'s internal id", identity.internal, 14, element)
        if self.group_reference is not None:
            yield from self._text_problem(f"{name}'s id in the group", identity.in_group, 35, None, 1)

    def _text_problem(
        self, name: str, value: str, longest: int, element: int | None, shortest: int = 0
    ) -> Iterator[Problem]:
        if not shortest <= len(value) <= longest or value != value.strip() or not value.isprintable():
            text = f"the {name} must have {shortest} to {longest} characters without blanks around"
            yield _problem(element, text, value)
        elif bad := lacking(value, self.syntax):
            yield _problem(element, f"the {name} has characters that {self.syntax} lacks: {bad!r}", value)

    def _separator_problems(self) -> Iterator[Problem]:
        s = self.separators
        used = [s.component, s.element, s.decimal, s.release, s.segment]
        if self.syntax_version > 3:
            used.append(s.repetition)
        for character in used:
            if (
                len(character) != 1
                or not character.isascii()
                or character.isalnum()
                or character in " \r\n\t"
            ):
                yield _problem(
                    None, "a separator must be one character, no letter, digit or blank", character
                )
        if s.decimal not in (".", ","):
            yield _problem(None, "the decimal mark must be a point or a comma", s.decimal)
        if len(set(used)) != len(used):
            yield _problem(None, "the separators must all differ", "".join(used))
        if set(s.line_end) - {"\r", "\n"}:
            yield _problem(None, "only CR and LF may follow a segment", s.line_end)

    @property
    def una_needed(self) -> bool:
        """Whether the separators are others than those that hold without UNA."""
        return self.separators.una(self.syntax_version) != Separators().una(self.syntax_version)


def _problem(element: int | None, message: str, value: str) -> Problem:
    return Problem(
        message=message,
        rule="envelope",
        remedy="Correct it in the trading partner's settings.",
        segment="UNB" if element else "",
        element=element,
        value=value,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeHeader:
    """UNA and UNB as they were read."""

    sender: Identity
    receiver: Identity
    date: str
    time: str
    syntax: str
    syntax_version: str
    control_number: str
    application_reference: str
    acknowledgement_requested: bool
    test: bool
    separators: Separators

    @property
    def character_set(self) -> str:
        """The syntax identifier, if it is one that is known; else that of ISO 8859-1."""
        return self.syntax if self.syntax in CHARACTER_SETS else "UNOC"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHeader:
    """A UNG as it was read."""

    type: str
    sender: str
    receiver: str
    date: str
    time: str
    control_number: str


class MessageHeader(NamedTuple):
    """A UNH as it was read: the message reference, and the parts of the message identifier."""

    control_number: str
    type: str
    version: str
    release: str
    agency: str
    association: str

    @property
    def later(self) -> bool:
        """Whether the tables of D.01B apply, those of D.96A otherwise."""
        return is_later(self.release)


def is_later(release: str) -> bool:
    """Whether a release, such as 96A or 01B, is nearer to D.01B than to D.96A: from 99B on."""
    year, letter = release[:2], release[2:]
    century = "20" if year < "80" else "19"
    return f"{century}{year}{letter}" >= f"19{FIRST_LATER_RELEASE}"


def identifier_of(type_: str, version: str) -> tuple[str, ...]:
    """The components of S009 for messages of `type_` in `version`, such as D:96A:UN:EAN008."""
    return type_, *version.split(":")
