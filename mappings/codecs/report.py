"""What is wrong with a document or a file, in words that a person outside EDI follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MOST_PROBLEMS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One broken rule, and where.

    `message` says it in words; `remedy` what to do about it. `rule` is our word for the kind of problem, such as
    mandatory_missing or too_long, which the codecs map to the codes of their acknowledgements.
    `segment` is a tag, `position` the segment's number in its message (the header is 1), `line` its line in the
    file. `field` names the place where a format has no segments: a column's header, or a path such as
    LineItem[2].InvoiceLine.InvoiceQty.
    `element` is the element's number in the segment, `component` and `repetition` are numbers within it,
    `data_element` its number in the standard's dictionary, `value` a copy of the bad data.
    `business` marks what is well-formed but wrong as business, such as a total that does not add up: it keeps a
    document back, but no syntax acknowledgement rejects it.
    """

    message: str
    rule: str
    remedy: str = ""
    segment: str = ""
    position: int | None = None
    line: int | None = None
    field: str = ""
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    data_element: str = ""
    loop: str = ""
    value: str = ""
    business: bool = False

    @property
    def place(self) -> str:
        """Where it is: "line 7, segment 5 (N1), element N104", as far as it is known."""
        parts = [] if self.line is None else [f"line {self.line}"]
        if self.position is not None:
            parts.append(
                f"segment {self.position} ({self.segment})" if self.segment else f"segment {self.position}"
            )
        elif self.segment:
            parts.append(f"segment {self.segment}")
        if self.element is not None:
            component = "" if self.component is None else f"-{self.component}"
            parts.append(f"element {self.segment}{self.element:02d}{component}")
        if self.field:
            parts.append(self.field)
        return ", ".join(parts)

    def __str__(self) -> str:
        place = self.place
        if self.field and self.message.startswith(self.field):
            # The message names it already.
            place = place.removesuffix(self.field).removesuffix(", ")
        text = f"{place}: {self.message}" if place else self.message
        text += f" (it is {self.value!r})" if self.value else ""
        return f"{text}. {self.remedy}" if self.remedy else text


@dataclass(slots=True)
class Report:
    """The problems of one document, message or file, in the order they were found.

    Of a file in which everything is wrong only the first `MOST_PROBLEMS` are kept; `more` counts the others.
    """

    problems: list[Problem] = field(default_factory=list)
    more: int = 0

    def add(self, message: str, rule: str, **details: object) -> None:
        """Add a problem; `details` are further fields of `Problem`."""
        self.extend((Problem(message=message, rule=rule, **details),))  # type: ignore[arg-type]

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add all of `problems`."""
        for problem in problems:
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(problem)
            else:
                self.more += 1

    @property
    def syntax_problems(self) -> list[Problem]:
        """The problems that break the wire format's own rules."""
        return [problem for problem in self.problems if not problem.business]

    def __bool__(self) -> bool:
        return bool(self.problems)

    def __len__(self) -> int:
        return len(self.problems)

    def __iter__(self) -> Iterator[Problem]:
        return iter(self.problems)

    def __str__(self) -> str:
        more = [f"… and {self.more} more."] if self.more else []
        return "\n".join([*map(str, self.problems), *more])


class CodecError(ValueError):
    """A codec cannot do what was asked; `report` says why, with every problem found."""

    def __init__(self, report: Report) -> None:
        super().__init__(report)
        self.report = report

    def __str__(self) -> str:
        return str(self.report)
