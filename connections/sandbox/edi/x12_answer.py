"""Writing the TA1 and the 997 or 999 that answer an X12 interchange, after X12.5 and the 997 itself."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from connections.sandbox.edi.documents import Verdict
from connections.sandbox.edi.x12_parts import Fault, Group, Interchange, SegmentFault, TransactionSet, element

Numbering = Callable[[], int]

SEPARATOR_SIGNS = set("*~:>^|+'\\\x1c\x1d\x1e\x1f\r\n")
NAMES_IN_999 = {"AK3": "IK3", "AK4": "IK4", "AK5": "IK5"}


@dataclass
class Answer:
    """Collects the segments of one answering interchange. `kind` is 997 or 999; times are UTC."""

    to: Interchange
    next_control: Numbering
    now: datetime
    kind: str = "997"
    _segments: list[list[str]] = field(default_factory=list)
    _groups: int = 0

    def add_ta1(self, fault: Fault | None) -> None:
        """Accept the envelope, or reject it for this fault."""
        isa = self.to.isa
        code, note = ("R", fault.code) if fault else ("A", "000")
        self._segments.append(["TA1", isa[13], isa[9], isa[10], code, note])

    def add_group(self, group: Group, verdicts: Mapping[int, Verdict]) -> None:
        """Acknowledge one group; `verdicts` maps the set's index in the group to what is said of it."""
        self._groups += 1
        control, gs = str(self.next_control()), group.header
        stamp = self.now.strftime("%Y%m%d"), self.now.strftime("%H%M")
        body = list(_acknowledgement(group, verdicts))
        if self.kind == "999":
            body = [[NAMES_IN_999.get(segment[0], segment[0]), *segment[1:]] for segment in body]
        self._segments += [
            ["GS", "FA", element(gs, 3), element(gs, 2), *stamp, control, "X", element(gs, 8)],
            ["ST", self.kind, f"{self._groups:04}"],
            *body,
            ["SE", str(len(body) + 2), f"{self._groups:04}"],
            ["GE", "1", control],
        ]

    def __bytes__(self) -> bytes:
        isa = self.to.isa
        number = f"{self.next_control():09}"
        parties = [*isa[7:9], *isa[5:7]]
        stamp = [self.now.strftime("%y%m%d"), self.now.strftime("%H%M")]
        head = [
            "ISA",
            "00",
            " " * 10,
            "00",
            " " * 10,
            *parties,
            *stamp,
            isa[11],
            isa[12],
            number,
            "0",
            *isa[15:17],
        ]
        segments = [head, *self._segments, ["IEA", str(self._groups), number]]
        join = self.to.separator.join
        end = self.to.terminator if self.to.terminator in "\r\n" else f"{self.to.terminator}\n"
        return "".join(f"{join(_without_blank_end(one))}{end}" for one in segments).encode("latin-1")


def _without_blank_end(segment: list[str]) -> list[str]:
    while segment[-1] == "":
        segment = segment[:-1]
    return segment


def _acknowledgement(group: Group, verdicts: Mapping[int, Verdict]) -> Iterator[list[str]]:
    gs = group.header
    at_5010 = element(gs, 8) >= "005010"
    yield ["AK1", element(gs, 1), element(gs, 6).lstrip("0"), element(gs, 8) if at_5010 else ""]
    results = []
    for index, one in enumerate(group.sets):
        result, lines = _set_result(one, verdicts.get(index, Verdict.ACCEPT))
        results.append(result)
        yield ["AK2", *one.header[1 : 4 if at_5010 else 3]]
        yield from lines
    accepted = sum(result in "AE" for result in results)
    codes = [fault.code for fault in group.faults][:5]
    received = str(len(group.sets))
    yield ["AK9", _group_result(group, results), group.announced or "0", received, str(accepted), *codes]


def _group_result(group: Group, results: list[str]) -> str:
    if group.faults or all(result == "R" for result in results):
        return "R"
    if "R" in results:
        return "P"
    return "E" if "E" in results else "A"


def _set_result(one: TransactionSet, verdict: Verdict) -> tuple[str, list[list[str]]]:
    """AK501 and the segments from AK3 to AK5 for one set: its own faults first, else the verdict."""
    if one.faults or one.segment_faults:
        codes = [fault.code for fault in one.faults]
        return "R", _closing("R", one.segment_faults, codes)
    if verdict is Verdict.ACCEPT:
        return "A", [["AK5", "A"]]
    result = "E" if verdict is Verdict.ACCEPT_WITH_ERRORS else "R"
    return result, _closing(result, [_invented_fault(one)], [])


def _closing(result: str, faults: Iterable[SegmentFault], codes: list[str]) -> list[list[str]]:
    lines: list[list[str]] = []
    for fault in faults:
        lines.append(["AK3", fault.tag, str(fault.position), "", fault.code])
        if fault.element is not None:
            lines.append(["AK4", str(fault.element), "", fault.element_code, _quotable(fault.value)])
    return [*lines, ["AK5", result, *(["5"] if lines else []), *codes][:7]]


def _invented_fault(one: TransactionSet) -> SegmentFault:
    """A fault to name when the verdict, not the document, is the reason: the second element of segment 2."""
    segment = one.segments[1] if len(one.segments) > 1 else one.header
    number = min(2, len(segment) - 1)
    return SegmentFault(segment[0], 2, "8", number, "7", segment[number])


def _quotable(value: str) -> str:
    """The bad value for AK404, unless it holds a sign that could be a separator."""
    return "" if set(value) & SEPARATOR_SIGNS else value[:99]


def answer(
    interchange: Interchange,
    verdict_of: Callable[[TransactionSet], Verdict],
    next_control: Numbering,
    now: datetime,
    *,
    kind: str = "997",
    refused: Fault | None = None,
) -> bytes | None:
    """The answering interchange, or None when there is nothing to say.

    `refused` rejects the whole interchange by a TA1, as does a fault in its envelope. A group with a set
    whose verdict is NEVER is passed over in silence; an acknowledgement is never acknowledged.
    """
    problem = refused or next(iter(interchange.faults), None)
    groups = [] if problem else [group for group in interchange.groups if element(group.header, 1) != "FA"]
    planned = [(group, _verdicts(group, verdict_of)) for group in groups]
    planned = [(group, verdicts) for group, verdicts in planned if Verdict.NEVER not in verdicts.values()]
    wants_ta1 = problem is not None or (interchange.isa[14] == "1" and bool(interchange.groups))
    if not planned and not wants_ta1:
        return None
    reply = Answer(interchange, next_control, now, kind)
    if wants_ta1:
        reply.add_ta1(problem)
    for group, verdicts in planned:
        reply.add_group(group, verdicts)
    return bytes(reply)


def _verdicts(group: Group, verdict_of: Callable[[TransactionSet], Verdict]) -> dict[int, Verdict]:
    verdicts = {index: verdict_of(one) for index, one in enumerate(group.sets)}
    if Verdict.PARTIAL in verdicts.values():
        return {
            index: verdict
            if verdict is not Verdict.PARTIAL
            else Verdict.REJECT
            if index == 0
            else Verdict.ACCEPT
            for index, verdict in verdicts.items()
        }
    return verdicts
