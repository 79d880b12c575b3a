"""Reading X12 interchanges as strictly as a receiving translator does, after X12.5 and X12.6.

`read` never stops at a fault: it notes it where it belongs (interchange, group, set), for `x12_answer` to
turn into TA1 and 997. Only an ISA whose separators cannot be found raises `UnreadableError`.
"""

import re
from collections.abc import Iterable, Iterator

from connections.sandbox.edi.documents import UnreadableError
from connections.sandbox.edi.x12_content import check_content
from connections.sandbox.edi.x12_parts import Fault, Group, Interchange, TransactionSet, element

ISA_BYTES = 106
ISA_SEPARATORS_AT = (3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103)
BLANKS, LINE_ENDS = "\r\n \t", "\r\n"
FUNCTIONAL_IDS = {
    "810": "IN",
    "820": "RA",
    "824": "AG",
    "850": "PO",
    "855": "PR",
    "856": "SH",
    "860": "PC",
    "997": "FA",
    "999": "FA",
}


def read(payload: bytes) -> list[Interchange]:
    """The interchanges of a file, one after the other. Raises UnreadableError."""
    text = payload.decode("latin-1")
    interchanges = []
    at = _behind(text, 0, BLANKS)
    while at < len(text):
        interchange, end = _read_one(text, at)
        interchanges.append(interchange)
        at = _behind(text, end, BLANKS)
    if not interchanges:
        raise UnreadableError("The file is empty.")
    return interchanges


def _read_one(text: str, at: int) -> tuple[Interchange, int]:
    """The interchange that begins at `at`, and where it ends."""
    interchange = _read_isa(text[at : at + ISA_BYTES])
    walk = _Walk(interchange)
    at, tag = at + ISA_BYTES, ""
    while tag != "IEA" and (at := _behind(text, at, LINE_ENDS)) < len(text):
        end = text.find(interchange.terminator, at)
        if end < 0:
            end = len(text)
            interchange.faults.append(Fault("004", f"Segment {text[at : at + 20]!r} has no terminator."))
        segment = text[at:end].split(interchange.separator)
        walk.take(segment)
        at, tag = end + 1, segment[0]
    walk.end(closed=tag == "IEA")
    _check_isa(interchange)
    for group in interchange.groups:
        for one in group.sets:
            check_content(one)
    return interchange, at


def _read_isa(text: str) -> Interchange:
    if not text.startswith("ISA"):
        raise UnreadableError(f"The file does not begin with ISA but with {text[:12]!r}.")
    if len(text) < ISA_BYTES:
        raise UnreadableError(f"The ISA segment has {len(text)} bytes instead of {ISA_BYTES}.")
    separator, terminator = text[3], text[ISA_BYTES - 1]
    wrong = [at for at in ISA_SEPARATORS_AT if text[at] != separator]
    if wrong or text[: ISA_BYTES - 1].count(separator) != len(ISA_SEPARATORS_AT):
        raise UnreadableError(f"An element of ISA has the wrong length (separator not at byte {wrong}).")
    fields = text[: ISA_BYTES - 1].split(separator)
    if len({separator, terminator, fields[16]}) < 3 or any(c.isalnum() for c in (separator, terminator)):
        raise UnreadableError("The separators of ISA are not three different signs.")
    return Interchange(fields, separator, terminator)


def _behind(text: str, at: int, signs: str) -> int:
    """The place behind any of these signs that stand at `at`."""
    while at < len(text) and text[at] in signs:
        at += 1
    return at


class _Walk:
    """Goes through the segments behind ISA and sorts them into groups and sets."""

    def __init__(self, interchange: Interchange) -> None:
        self.interchange = interchange
        self.group: Group | None = None
        self.set: TransactionSet | None = None

    def take(self, segment: list[str]) -> None:
        self._check_signs(segment)
        handler = {"GS": self._gs, "ST": self._st, "SE": self._se, "GE": self._ge, "IEA": self._iea}.get(
            segment[0]
        )
        if handler is not None:
            handler(segment)
        elif self.set is not None:
            self.set.segments.append(segment)
        elif segment[0] not in {"TA1", "ISB", "ISE"} or self.group is not None:
            self._envelope_fault("022", f"Segment {segment[0]!r} stands outside a transaction set.")

    def end(self, *, closed: bool) -> None:
        if not closed:
            self._close_group_early("the file ends")
            self._envelope_fault("023", "The file ends before IEA.")

    def _gs(self, segment: list[str]) -> None:
        self._close_group_early("the next GS follows")
        self.group = Group(segment)
        self.interchange.groups.append(self.group)
        self.group.faults.extend(_gs_faults(segment))

    def _st(self, segment: list[str]) -> None:
        self._close_set_early("the next ST follows")
        if self.group is None:
            self._envelope_fault("022", "ST stands outside a group.")
            return
        self.set = TransactionSet(segment)
        self._check_st(self.set, self.group)
        self.group.sets.append(self.set)

    def _check_st(self, one: TransactionSet, group: Group) -> None:
        kind, control = one.document.kind, one.document.control
        expected = FUNCTIONAL_IDS.get(kind)
        if expected is None:
            one.faults.append(Fault("1", f"Transaction set {kind!r} is not known here."))
        elif expected != element(group.header, 1):
            one.faults.append(Fault("6", f"Set {kind} in a group GS01 {element(group.header, 1)!r}."))
        if not re.fullmatch(r"[0-9A-Za-z]{4,9}", control):
            one.faults.append(Fault("7", f"ST02 {control!r} is not 4 to 9 characters."))
        if control in group.controls:
            one.faults.append(Fault("23", f"ST02 {control} stands twice in the group."))
        group.controls.add(control)

    def _se(self, segment: list[str]) -> None:
        if self.set is None:
            self._envelope_fault("022", "SE without ST.")
            return
        one, self.set = self.set, None
        one.segments.append(segment)
        if element(segment, 1) != str(len(one.segments)):
            one.faults.append(
                Fault("4", f"SE01 says {element(segment, 1)}, there are {len(one.segments)} segments.")
            )
        if element(segment, 2) != one.document.control:
            one.faults.append(Fault("3", f"SE02 {element(segment, 2)} is not ST02 {one.document.control}."))

    def _ge(self, segment: list[str]) -> None:
        self._close_set_early("GE follows")
        if self.group is None:
            self._envelope_fault("022", "GE without GS.")
            return
        group, self.group = self.group, None
        group.announced = element(segment, 1)
        if group.announced != str(len(group.sets)):
            group.faults.append(Fault("5", f"GE01 says {group.announced}, there are {len(group.sets)} sets."))
        if element(segment, 2).lstrip("0") != element(group.header, 6).lstrip("0"):
            group.faults.append(
                Fault("4", f"GE02 {element(segment, 2)} is not GS06 {element(group.header, 6)}.")
            )

    def _iea(self, segment: list[str]) -> None:
        self._close_group_early("IEA follows")
        interchange = self.interchange
        if element(segment, 2) != interchange.isa[13]:
            self._envelope_fault("001", f"IEA02 {element(segment, 2)} is not ISA13 {interchange.isa[13]}.")
        # With nothing but TA1 inside, many senders write 1 instead of 0.
        if element(segment, 1) != str(len(interchange.groups)) and (
            interchange.groups or element(segment, 1) != "1"
        ):
            self._envelope_fault(
                "021", f"IEA01 says {element(segment, 1)}, there are {len(interchange.groups)} groups."
            )

    def _close_set_early(self, why: str) -> None:
        if self.set is not None:
            self.set.faults.append(Fault("2", f"SE is missing: {why}."))
            self.set = None

    def _close_group_early(self, why: str) -> None:
        self._close_set_early(why)
        if self.group is not None:
            self.group.faults.append(Fault("3", f"GE is missing: {why}."))
            self.group.announced = str(len(self.group.sets))
            self.group = None

    def _envelope_fault(self, code: str, text: str) -> None:
        self.interchange.faults.append(Fault(code, text))

    def _check_signs(self, segment: list[str]) -> None:
        where = f"Segment {segment[0]!r}"
        if not re.fullmatch(r"[A-Z][A-Z0-9]{1,2}", segment[0]):
            self.interchange.doubts.append(f"{where} is no segment tag.")
        if any(not 32 <= ord(sign) <= 126 for sign in "".join(segment)):
            self.interchange.doubts.append(f"{where} holds a control or non-ASCII byte.")
        if self.set is None and segment[-1] == "":
            self.interchange.doubts.append(f"{where} ends with an empty element.")


def _gs_faults(gs: list[str]) -> Iterator[Fault]:
    if element(gs, 1) not in FUNCTIONAL_IDS.values():
        yield Fault("1", f"GS01 {element(gs, 1)!r} is not known here.")
    if not re.fullmatch(r"[1-9][0-9]{0,8}", element(gs, 6)):
        yield Fault("6", f"GS06 {element(gs, 6)!r} is no number of 1 to 9 digits.")
    if element(gs, 7) != "X" or not re.fullmatch(r"00[4-8][0-9]{3}[0-9A-Z]{0,6}", element(gs, 8)):
        yield Fault("2", f"GS07/GS08 {element(gs, 7)}/{element(gs, 8)} is no version known here.")
    if not re.fullmatch(r"[0-9]{8}", element(gs, 4)) or not re.fullmatch(r"[0-9]{4,8}", element(gs, 5)):
        yield Fault("2", f"GS04/GS05 {element(gs, 4)}/{element(gs, 5)} is no date and time.")


def _check_isa(interchange: Interchange) -> None:
    isa = interchange.isa
    rules: Iterable[tuple[bool, str, str]] = (
        (bool(re.fullmatch(r"[0-9]{2}|ZZ", isa[5])), "005", f"ISA05 {isa[5]!r} is no qualifier"),
        (isa[6].strip() != "" and not isa[6].startswith(" "), "006", "ISA06 is blank or not left-justified"),
        (bool(re.fullmatch(r"[0-9]{2}|ZZ", isa[7])), "007", f"ISA07 {isa[7]!r} is no qualifier"),
        (isa[8].strip() != "" and not isa[8].startswith(" "), "008", "ISA08 is blank or not left-justified"),
        (
            bool(re.fullmatch(r"[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]", isa[9])),
            "014",
            f"ISA09 {isa[9]!r} is no date",
        ),
        (
            bool(re.fullmatch(r"([01][0-9]|2[0-3])[0-5][0-9]", isa[10])),
            "015",
            f"ISA10 {isa[10]!r} is no time",
        ),
        (bool(re.fullmatch(r"00[2-8][0-9]{2}", isa[12])), "017", f"ISA12 {isa[12]!r} is no version"),
        ((isa[12] <= "00401") == (isa[11] == "U"), "032", f"ISA11 {isa[11]!r} does not go with {isa[12]}"),
        (bool(re.fullmatch(r"[0-9]{9}", isa[13])), "018", f"ISA13 {isa[13]!r} is not nine digits"),
        (isa[14] in "01", "019", f"ISA14 {isa[14]!r} is neither 0 nor 1"),
        (isa[15] in "PTI", "020", f"ISA15 {isa[15]!r} is none of P, T, I"),
    )
    interchange.faults.extend(Fault(code, f"{text}.") for holds, code, text in rules if not holds)
