"""CONTRL Syntax and service report, of any of its versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from mappings.canonical import Acknowledgement, Reason
from mappings.codecs.edifact.bridge.rows import Row, at, components, composite, segment, text
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.patterns import COMPONENT

# 0083. Rejected is this level with all below it; acknowledged are the levels below, too, unless they are named.
REJECTED, ACKNOWLEDGED, RECEIVED = "4", "7", "8"
ACTIONS = {"accepted": ACKNOWLEDGED, "partial": ACKNOWLEDGED, "rejected": REJECTED, "received": RECEIVED}
STATUSES = {
    "1": "accepted",  # 1, 2, 3, 5 and 6 were withdrawn, but are still met
    "2": "accepted_with_errors",
    "3": "partial",
    REJECTED: "rejected",
    "5": "received",
    "6": "rejected",
    ACKNOWLEDGED: "accepted",
    RECEIVED: "received",
}

ERRORS = {
    "2": "syntax version or level not supported",
    "7": "interchange recipient is not the actual recipient",
    "12": "invalid value",
    "13": "missing",
    "14": "value not supported in this position",
    "15": "not supported in this position",
    "16": "too many constituents",
    "17": "no agreement",
    "18": "unspecified error",
    "19": "invalid decimal notation",
    "20": "character invalid as service character",
    "21": "invalid character",
    "22": "invalid service character",
    "23": "unknown interchange sender",
    "24": "too old",
    "25": "test indicator not supported",
    "26": "duplicate detected",
    "28": "references do not match",
    "29": "control count does not match",
    "30": "groups and messages mixed",
    "32": "lower level empty",
    "33": "outside of a message",
    "35": "too many repetitions",
    "36": "too many repetitions of a group of segments",
    "37": "invalid type of characters",
    "38": "missing digit in front of the decimal mark",
    "39": "data element too long",
    "40": "data element too short",
}

HEADERS = frozenset({"UNA", "UNB", "UNG", "UNH"})
SERVICE_SEGMENTS = HEADERS | {"UNZ", "UNE", "UNT"}
"""Errors in these are told with the level that they frame, not as errors of segments."""


def write(answer: Acknowledgement, _dialect: Dialect) -> list[str]:
    """The segments between UNH and UNT. `answer` is about an interchange, its parts about messages or groups."""
    code, tag, place = _level_reason(answer)
    out = [
        segment(
            "UCI",
            text(answer.control_number),
            _party(answer.sender),
            _party(answer.receiver),
            ACTIONS[answer.status],
            code,
            tag,
            place,
        )
    ]
    for part in answer.parts:
        out += _write_group(part) if part.level == "group" else _write_message(part)
    return out


def joined_address(id_: str, qualifier: str = "") -> str:
    """`qualifier:id`, or an id alone, as acknowledgements keep the ends of an interchange."""
    return f"{qualifier}:{id_}" if qualifier or ":" in id_ else id_


def _party(address: str) -> str:
    """S002 or S003 from `qualifier:id`, or from an id alone."""
    qualifier, colon, id_ = address.partition(":")
    return composite(text(id_), text(qualifier)) if colon else text(address)


def _write_group(group: Acknowledgement) -> Iterator[str]:
    code, tag, place = _level_reason(group)
    sender, receiver = _party(group.sender), _party(group.receiver)
    number = text(group.control_number)
    yield segment("UCF", number, sender, receiver, ACTIONS[group.status], code, tag, place)
    for part in group.parts:
        yield from _write_message(part)


def _write_message(message: Acknowledgement) -> Iterator[str]:
    code, tag, place = _level_reason(message)
    yield segment(
        "UCM",
        text(message.control_number),
        composite(text(message.document_type), *map(text, message.version.split(":"))),
        ACTIONS.get(message.status, ACKNOWLEDGED),
        code,
        tag,
        place,
    )
    in_segments = [reason for reason in message.reasons if not _is_of_level(reason)]
    for position, reasons in groupby(in_segments, key=lambda reason: reason.position):
        found = list(reasons)
        whole = next((reason.code for reason in found if reason.element is None), "")
        yield segment("UCS", str(position), whole)
        for reason in found:
            if reason.element is not None:
                yield segment("UCD", reason.code, _place(reason))


def _is_of_level(reason: Reason) -> bool:
    return reason.position is None or reason.segment in SERVICE_SEGMENTS


def _level_reason(answer: Acknowledgement) -> tuple[str, str, str]:
    """The one error that UCI, UCF or UCM can tell: its code, the service segment, and the position in it."""
    reason = next(filter(_is_of_level, answer.reasons), None)
    if reason is None:
        return "", "", ""
    tag = reason.segment if reason.segment in SERVICE_SEGMENTS else ""
    return reason.code, tag, _place(reason) if reason.element is not None else ""


def _place(reason: Reason) -> str:
    """S011: the tag of a segment is position 1, so that its first element is in position 2."""
    return composite(
        str((reason.element or 0) + 1), str(reason.component or ""), str(reason.repetition or "")
    )


def read(rows: list[Row], _dialect: Dialect) -> Acknowledgement:
    """The acknowledgement of an interchange in `rows`, from UNH to UNT.

    Its `parts` are what it names, groups or messages. An interchange of which a message is rejected is "partial".
    """
    row = rows[1]
    parts: list[Acknowledgement] = []
    position = 2
    while rows[position][0] in ("UCM", "UCF"):
        read_part = _read_message if rows[position][0] == "UCM" else _read_group
        part, position = read_part(rows, position)
        parts.append(part)
    return Acknowledgement(
        form="contrl",
        level="interchange",
        status=_status(row[4], parts),
        control_number=row[1],
        sender=_address(row, 2),
        receiver=_address(row, 3),
        reasons=tuple(_level_reasons(row, 5)),
        parts=tuple(parts),
    )


def _status(action: str, parts: list[Acknowledgement]) -> str:
    status = STATUSES.get(action, "received")
    rejected = any(part.status in ("rejected", "partial") for part in parts)
    return "partial" if rejected and status.startswith("accepted") else status


def _address(row: Row, position: int) -> str:
    """`qualifier:id` from S002 or S003, or the id alone."""
    id_, qualifier = components(row, position, 2)
    return joined_address(id_, qualifier)


def _read_group(rows: list[Row], position: int) -> tuple[Acknowledgement, int]:
    row = rows[position]
    position += 1
    parts: list[Acknowledgement] = []
    while rows[position][0] == "UCM":
        part, position = _read_message(rows, position)
        parts.append(part)
    group = Acknowledgement(
        form="contrl",
        level="group",
        status=_status(row[4], parts),
        control_number=row[1],
        sender=_address(row, 2),
        receiver=_address(row, 3),
        reasons=tuple(_level_reasons(row, 5)),
        parts=tuple(parts),
    )
    return group, position


def _read_message(rows: list[Row], position: int) -> tuple[Acknowledgement, int]:
    row = rows[position]
    position += 1
    type_, *version = row[2].split(COMPONENT)
    reasons = list(_level_reasons(row, 4))
    while rows[position][0] == "UCS":
        note = rows[position]
        position += 1
        found: list[Reason] = []
        if code := at(note, 2):
            found.append(Reason(code=code, message=ERRORS.get(code, ""), position=int(note[1])))
        while rows[position][0] == "UCD":
            found.append(_element_reason(rows[position], int(note[1])))
            position += 1
        reasons += found or [Reason(code="18", message=ERRORS["18"], position=int(note[1]))]
    message = Acknowledgement(
        form="contrl",
        level="message",
        status=STATUSES.get(row[3], "received"),
        control_number=row[1],
        document_type=type_,
        version=":".join(version),
        reasons=tuple(reasons),
    )
    return message, position


def _level_reasons(row: Row, position: int) -> Iterator[Reason]:
    """The error in UCI, UCF or UCM, whose code stands in `position`."""
    code, tag = at(row, position), at(row, position + 1)
    if not code:
        return
    reason = Reason(code=code, message=ERRORS.get(code, ""), segment=tag)
    element, component, _ = components(row, position + 2, 3)
    if element and int(element) > 1 and tag in SERVICE_SEGMENTS:
        number = int(component) if component else None
        place = 1 if tag in HEADERS else None
        reason = replace(reason, position=place, element=int(element) - 1, component=number)
    yield reason


def _element_reason(row: Row, position: int) -> Reason:
    element, component, repetition = components(row, 2, 3)
    return Reason(
        code=row[1],
        message=ERRORS.get(row[1], ""),
        position=position,
        element=max(int(element) - 1, 0),
        component=int(component) if component else None,
        repetition=int(repetition) if repetition else None,
    )


def status_of(answer: Acknowledgement, control_number: str) -> str:
    """What the acknowledgement of an interchange says of the message `control_number` in it: a status."""
    for part in answer.parts:
        if part.level == "message" and part.control_number == control_number:
            return part.status
        if part.level == "group" and any(each.control_number == control_number for each in part.parts):
            return status_of(part, control_number)
    return "accepted" if answer.status == "partial" else answer.status
