"""997 Functional acknowledgement, 999 Implementation acknowledgement and TA1 Interchange acknowledgement."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from mappings.canonical import Acknowledgement, Reason
from mappings.codecs.patterns import COMPONENT
from mappings.codecs.x12.bridge.parts import Row, Rows, at, segment, text, to_int
from mappings.codecs.x12.dialect import Dialect
from mappings.codecs.x12.envelope import same_number
from mappings.codecs.x12.values import read_date, read_time

STATUS_CODES = {"accepted": "A", "accepted_with_errors": "E", "rejected": "R", "partial": "P"}
STATUSES = {
    "A": "accepted",
    "E": "accepted_with_errors",
    "P": "partial",
    "R": "rejected",
    "M": "rejected",  # M, W and X: refused for reasons of security
    "W": "rejected",
    "X": "rejected",
}

SEGMENT_CODES = {
    "1": "unrecognised segment",
    "2": "unexpected segment",
    "3": "mandatory segment missing",
    "4": "loop occurs more often than allowed",
    "5": "segment occurs more often than allowed",
    "6": "segment is not part of this message",
    "7": "segment is not in its place",
    "8": "segment has errors in its elements",
    "I4": "segment is not used by the implementation guide",
    "I6": "segment that the implementation guide needs is missing",
    "I7": "loop occurs less often than the implementation guide asks",
    "I8": "segment is below its minimum use in the implementation guide",
    "I9": "segment is present against a condition of the implementation guide",
}
ELEMENT_CODES = {
    "1": "mandatory element missing",
    "2": "conditionally required element missing",
    "3": "too many elements",
    "4": "element too short",
    "5": "element too long",
    "6": "invalid character in element",
    "7": "invalid code value",
    "8": "invalid date",
    "9": "invalid time",
    "10": "element excluded by another one",
    "12": "too many repetitions",
    "13": "too many components",
    "I6": "code value is not used by the implementation guide",
    "I9": "element is present against a condition of the implementation guide",
    "I10": "element is not used by the implementation guide",
    "I11": "too few repetitions for the implementation guide",
    "I12": "value does not match the pattern of the implementation guide",
    "I13": "element that the implementation guide needs is missing",
}
MESSAGE_CODES = {
    "1": "message type not supported",
    "2": "message trailer missing",
    "3": "control numbers of header and trailer differ",
    "4": "number of segments does not match",
    "5": "one or more segments in error",
    "6": "missing or invalid message type",
    "7": "missing or invalid control number",
    "23": "control number is not unique in its group",
    "I5": "one or more segments break the implementation guide",
    "I6": "implementation guide not supported",
}
GROUP_CODES = {
    "1": "group type not supported",
    "2": "version not supported",
    "3": "group trailer missing",
    "4": "control numbers of group header and trailer differ",
    "5": "number of messages does not match",
    "6": "invalid group control number",
    "19": "group control number is not unique",
}
INTERCHANGE_CODES = {
    "000": "no error",
    "001": "control numbers of header and trailer differ",
    "002": "standard not supported",
    "003": "version not supported",
    "004": "segment terminator invalid",
    "005": "sender qualifier invalid",
    "006": "sender id invalid",
    "007": "receiver qualifier invalid",
    "008": "receiver id invalid",
    "009": "receiver unknown",
    "010": "authorisation qualifier invalid",
    "011": "authorisation invalid",
    "012": "security qualifier invalid",
    "013": "security information invalid",
    "014": "interchange date invalid",
    "015": "interchange time invalid",
    "016": "standards identifier invalid",
    "017": "version identifier invalid",
    "018": "control number invalid",
    "019": "acknowledgement request invalid",
    "020": "test indicator invalid",
    "021": "number of groups does not match",
    "022": "invalid control structure",
    "023": "file ends before its end",
    "024": "invalid content, for example a bad group header",
    "025": "duplicate control number",
    "026": "element separator invalid",
    "027": "component separator invalid",
    "032": "repetition separator invalid",
}


class Form(NamedTuple):
    """What differs between the 997 and the 999: the tags of the three segments about a message."""

    name: str
    segment: str
    element: str
    result: str


FORMS = {"997": Form("997", "AK3", "AK4", "AK5"), "999": Form("999", "IK3", "IK4", "IK5")}


def write(answer: Acknowledgement, dialect: Dialect) -> list[str]:
    """The segments of a 997 or 999 between ST and SE. `answer` is about a group."""
    form = FORMS[answer.form]
    identity = ["AK1", answer.document_type, answer.control_number]
    out = [segment(*identity, text(answer.version) if dialect.later else "")]
    for message in answer.parts:
        implementation = text(message.implementation) if dialect.later else ""
        out.append(segment("AK2", message.document_type, message.control_number, implementation))
        about_segments = [reason for reason in message.reasons if reason.position is not None]
        # One note per segment and code; those about its elements go below the one that says so (8).
        for (position, tag, loop, code), reasons in groupby(about_segments, _segment_note):
            out.append(segment(form.segment, tag, str(position), loop[:4], code))
            out += [_element_note(form, reason, dialect) for reason in reasons if reason.element is not None]
        codes = [reason.code for reason in message.reasons if reason.position is None][:5]
        out.append(segment(form.result, STATUS_CODES[message.status], *codes))
    counts = [str(count or 0) for count in (answer.included, answer.received, answer.accepted)]
    codes = [reason.code for reason in answer.reasons][:5]
    out.append(segment("AK9", STATUS_CODES[answer.status], *counts, *codes))
    return out


def _segment_note(reason: Reason) -> tuple[int | None, str, str, str]:
    return reason.position, reason.segment, reason.loop, "8" if reason.element is not None else reason.code


def _element_note(form: Form, reason: Reason, dialect: Dialect) -> str:
    repetition = reason.repetition if dialect.later else None
    parts = [str(part or "") for part in (reason.element, reason.component, repetition)]
    place = COMPONENT.join(parts).rstrip(COMPONENT)
    number = reason.data_element if re.fullmatch("[0-9]{1,4}", reason.data_element) else ""
    return segment(form.element, place, number, reason.code, text(reason.value)[:99])


def write_ta1(answer: Acknowledgement) -> str:
    """The TA1 segment. Raises ValueError if the date and time of the answered interchange are not given."""
    if answer.date is None or answer.time is None:
        raise ValueError("a TA1 needs the date and the time of the interchange that it answers")
    code = next((reason.code for reason in answer.reasons), "000")
    return segment(
        "TA1",
        answer.control_number.zfill(9),
        f"{answer.date:%y%m%d}",
        f"{answer.time:%H%M}",
        STATUS_CODES[answer.status],
        code,
    )


def read_ta1(row: Row) -> Acknowledgement:
    """The acknowledgement in a TA1."""
    code = row[5]
    reasons = () if code == "000" else (Reason(code=code, message=INTERCHANGE_CODES.get(code, "")),)
    return Acknowledgement(
        form="ta1",
        level="interchange",
        status=STATUSES[row[4]],
        control_number=row[1],
        date=read_date(row[2]),
        time=read_time(row[3]),
        reasons=reasons,
    )


def read(rows: Rows, dialect: Dialect, form: Form) -> Acknowledgement:
    """The acknowledgement of a group in the segments after ST of a 997 or 999.

    Its `parts` are the messages that it names. One that it does not name shares the group's status, unless that is
    partial: see `status_of`.
    """
    del dialect  # codes of acknowledgements are the same everywhere
    group = next(rows)
    parts = []
    row = next(rows)
    while row[0] == "AK2":
        part, row = _read_message(row, rows, form)
        parts.append(part)
    return Acknowledgement(
        form=form.name,
        level="group",
        status=STATUSES[row[1]],
        control_number=group[2],
        document_type=group[1],
        version=at(group, 3),
        included=int(row[2]),
        received=int(row[3]),
        accepted=int(row[4]),
        reasons=tuple(_plain_reasons(row[5:], GROUP_CODES)),
        parts=tuple(parts),
    )


def _read_message(header: Row, rows: Rows, form: Form) -> tuple[Acknowledgement, Row]:
    reasons: list[Reason] = []
    row = next(rows)
    while row[0] != form.result:
        if row[0] == form.segment:
            note = row
            row = next(rows)
            elements = []
            while row[0] in (form.element, "CTX"):
                if row[0] == form.element:
                    elements.append(_element_reason(row, note))
                row = next(rows)
            reasons += elements or [_segment_reason(note)]
        else:
            row = next(rows)
    reasons += _plain_reasons(row[2:], MESSAGE_CODES)
    answer = Acknowledgement(
        form=form.name,
        level="message",
        status=STATUSES[row[1]],
        control_number=header[2],
        document_type=header[1],
        implementation=at(header, 3),
        reasons=tuple(reasons),
    )
    return answer, next(rows)


def _segment_reason(note: Row) -> Reason:
    code = at(note, 4) or "8"
    return Reason(
        code=code,
        message=SEGMENT_CODES.get(code, ""),
        segment=note[1],
        position=int(note[2]),
        loop=at(note, 3),
    )


def _element_reason(row: Row, note: Row) -> Reason:
    element, component, repetition = ([*row[1].split(COMPONENT), "", ""])[:3]
    return Reason(
        code=row[3],
        message=ELEMENT_CODES.get(row[3], ""),
        segment=note[1],
        position=int(note[2]),
        loop=at(note, 3),
        element=int(element),
        component=to_int(component),
        repetition=to_int(repetition),
        data_element=row[2],
        value=at(row, 4),
    )


def _plain_reasons(codes: list[str], meanings: dict[str, str]) -> Iterator[Reason]:
    return (Reason(code=code, message=meanings.get(code, "")) for code in codes if code)


def status_of(answer: Acknowledgement, control_number: str) -> str:
    """What a group's acknowledgement says of the message `control_number`: a status, or "" if it leaves that open.

    A message that a partial acknowledgement does not name counts as accepted only if the numbers leave room for it.
    """
    for part in answer.parts:
        if same_number(part.control_number, control_number):
            return part.status
    if answer.status != "partial":
        return answer.status
    unnamed = (answer.received or 0) - len(answer.parts)
    named_as_accepted = sum(part.status.startswith("accepted") for part in answer.parts)
    room = (answer.accepted or 0) - named_as_accepted
    return "accepted" if 0 < unnamed <= room else ""
