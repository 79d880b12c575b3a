"""ORDERS Purchase order and ORDRSP Purchase order response."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from mappings.canonical import (
    AcknowledgedLine,
    EventDate,
    Identifier,
    InvalidDocument,
    Line,
    LineStatus,
    PurchaseOrder,
    PurchaseOrderAcknowledgement,
    trusted,
)
from mappings.canonical.base import FieldProblem
from mappings.canonical.words import LINE_STATUSES
from mappings.codecs.codes import NoCode
from mappings.codecs.edifact.bridge.body import (
    LINE_COUNT,
    NOTES,
    Body,
    beginning,
    build_line,
    numbered,
    require,
)
from mappings.codecs.edifact.bridge.lines import (
    AMOUNT,
    ITEMS,
    LINE_REFERENCES,
    PRICE,
    SUBSTITUTED_BY,
    description,
    item_number,
    line_number,
    numbered_lines,
    quantity,
    read_item,
    read_items,
    write_lin,
)
from mappings.codecs.edifact.bridge.money import CHARGES, LINE_TAXES, TERMS, amount, first
from mappings.codecs.edifact.bridge.parts import (
    currency_as,
    document_date,
    heading_references,
    parts,
    write_event,
)
from mappings.codecs.edifact.bridge.rows import (
    Row,
    at,
    components,
    composite,
    segment,
    spelt,
    text,
    unspelt,
)
from mappings.codecs.edifact.bridge.section import Fields, Part, closed, of_line
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.values import read_decimal

new_order = trusted(PurchaseOrder)
new_answer = trusted(PurchaseOrderAcknowledgement)
new_status = trusted(LineStatus)
new_answered_line = trusted(AcknowledgedLine)

TOTALS = ("86", "128", "77", "39", "79")
"""Amount qualifiers of an order's total, the most telling first."""


def _write_total(document: Any, dialect: Dialect) -> Iterator[str]:
    return amount("86", document.total, dialect)


def _read_total(fields: Fields, row: Row, _inside: Sequence[Row], _dialect: Dialect) -> None:
    qualifier, value = components(row, 1, 2)
    if value:
        fields["amounts"].append((qualifier, read_decimal(value)))


IMD, LINE_NOTES = description(99)
HEADING = parts(
    *("NAD", "TOD", "TDT"),
    DTM=document_date(),
    FTX=NOTES,
    CUX=currency_as("9"),
    PAT=TERMS,
    ALC=CHARGES,
)
LINE = parts(
    "DTM",
    PIA=ITEMS,
    IMD=IMD,
    QTY=quantity("21"),
    MOA=AMOUNT,
    FTX=LINE_NOTES,
    PRI=PRICE,
    RFF=LINE_REFERENCES,
    TAX=LINE_TAXES,
    ALC=CHARGES,
)
SUMMARY = {"MOA": Part(_write_total, _read_total), "CNT": LINE_COUNT}

ORDER = Body(
    "ORDERS",
    heading=HEADING
    | {
        "BGM": numbered("order_kind", "stand_alone"),
        "RFF": heading_references(contract="contract", release="release"),
        "TAX": LINE_TAXES,
    },
    line=LINE,
    summary=SUMMARY,
)


def write(order: PurchaseOrder, dialect: Dialect) -> list[str]:
    """The segments of an ORDERS between UNH and UNT."""
    return ORDER.write(order, numbered_lines(order.lines), dialect)


def read(rows: list[Row], dialect: Dialect) -> PurchaseOrder:
    """The order in `rows`, from UNH to UNT."""
    fields = ORDER.read(rows, dialect)
    fields["total"] = _total(fields)
    if "date" not in fields:
        fields["date"] = next((event.date for event in fields["dates"] if event.kind == "order"), None)
    require("PurchaseOrder", fields, number="BGM has none", date="there is no DTM+137")
    return new_order(**closed(fields))


def _total(fields: Fields) -> Any:
    return first(dict(reversed(fields.pop("amounts", []))), *TOTALS)


# ORDRSP. What becomes of a line stands in its LIN, or, if that is more than one thing, in sub-lines below it.


class _Answer(NamedTuple):
    """A LIN group on its way out: the line, unless it is a sub-line, and what becomes of it."""

    line: Line
    status: LineStatus | None


STATUS_DATES = frozenset({"delivery_scheduled", "delivery_estimated", "ship_scheduled", "ship_promised"})
"""Kinds of dates that say when something will happen, and so belong to the status of a line."""
SUB_LINE = "1"
ANSWERED = "113"
"""Quantity to be delivered."""
ANSWER = "231"
ACCEPTED_WITHOUT_AMENDMENT, ACCEPTED_WITH_AMENDMENT = "5", "6"
UNAMENDED = frozenset({"accepted_and_shipped", "released_for_shipment"})


def _codes(word: str, dialect: Dialect) -> tuple[str, str, str]:
    """Action (1229), discrepancy (4221) and reason in words for a status."""
    try:
        action, _, discrepancy = dialect.code["line_status"][word].partition(":")
    except NoCode:
        action = ACCEPTED_WITHOUT_AMENDMENT if word in UNAMENDED else ACCEPTED_WITH_AMENDMENT
        return action, "", spelt(word, "")
    return action, discrepancy, ""


def _status_word(action: str, discrepancy: str, reason: str, dialect: Dialect) -> str:
    word = unspelt(reason, LINE_STATUSES.__contains__)[0] if reason else ""
    return word or dialect.word["line_status"][f"{action}:{discrepancy}" if discrepancy else action]


def _write_items(answer: _Answer, dialect: Dialect) -> Iterator[str]:
    if ITEMS.write:
        yield from ITEMS.write(answer.line, dialect)
    if answer.status and (substitute := answer.status.substitute):
        yield segment("PIA", SUBSTITUTED_BY, item_number(substitute, dialect))


def _read_items(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    if row[1] == SUBSTITUTED_BY:
        if found := read_item(at(row, 2), "ZZZ", dialect):
            fields["substitute"] = found
    else:
        read_items(fields, row, inside, dialect)


ORDERED = quantity("21")


def _write_quantities(answer: _Answer, dialect: Dialect) -> Iterator[str]:
    if ORDERED.write:
        yield from ORDERED.write(answer.line, dialect)
    status = answer.status
    if status and status.quantity is not None:
        unit = dialect.code["unit"][status.unit]
        yield segment("QTY", composite(ANSWERED, dialect.number(status.quantity), text(unit)))


def _read_quantity(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    qualifier, value, unit = components(row, 1, 3)
    if qualifier == ANSWERED:
        fields["answered"] = (read_decimal(value), dialect.word["unit"][unit] if unit else "EA")
    elif ORDERED.read:
        ORDERED.read(fields, row, inside, dialect)


def _write_dates(answer: _Answer, dialect: Dialect) -> Iterator[str]:
    for event in answer.line.dates:
        yield from write_event(event, dialect)
    if answer.status and answer.status.date:
        yield from write_event(answer.status.date, dialect)


def _write_reason(answer: _Answer, dialect: Dialect) -> Iterator[str]:
    if answer.status:
        _, discrepancy, reason = _codes(answer.status.status, dialect)
        if discrepancy or reason:
            yield segment("QVR", "", discrepancy, composite("", "", "", text(reason)))


def _read_reason(fields: Fields, row: Row, _inside: Sequence[Row], _dialect: Dialect) -> None:
    fields["reason"] = (at(row, 2), components(row, 3, 4)[3])


def _write_beginning(answer: PurchaseOrderAcknowledgement, dialect: Dialect) -> Iterator[str]:
    """BGM. In an answer that is not an original one, the response type alone has to say what the answer is."""
    function, _, response = dialect.code["order_response"][answer.response].partition(":")
    if answer.purpose != "original":
        function = dialect.code["purpose"][answer.purpose]
        if _by_type(response, dialect) != answer.response:
            raise NoCode("order_response", answer.response)
    yield ANSWER
    yield text(answer.seller_order or answer.number)
    yield function
    yield response


def _read_beginning(row: Row, dialect: Dialect) -> dict[str, Any]:
    function, response = at(row, 3), at(row, 4)
    words, purposes = dialect.word["order_response"], dialect.word["purpose"]
    word = words.get(f"{function}:{response}") or words.get(function) or _by_type(response, dialect)
    if not word and (not function or function in purposes):
        word = "acknowledged"
    return {
        "seller_order": components(row, 2, 1)[0],
        "purpose": purposes.get(function, "original"),
        "response": word or words[f"{function}:{response}" if response else function],
    }


def _by_type(response: str, dialect: Dialect) -> str:
    """The first word with this response type (4343), if there is one."""
    words = dialect.word["order_response"].items()
    return next((word for code, word in words if response and code.partition(":")[2] == response), "")


RESPONSE = Body(
    "ORDRSP",
    heading=HEADING
    | {
        "BGM": beginning(_write_beginning, _read_beginning),
        "RFF": heading_references(purchase_order="number", release="release"),
    },
    line={tag: of_line(part) for tag, part in LINE.items()}
    | {
        "PIA": Part(_write_items, _read_items),
        "QTY": Part(_write_quantities, _read_quantity),
        "DTM": Part(_write_dates, LINE["DTM"].read),
        "QVR": Part(_write_reason, _read_reason),
    },
    summary=SUMMARY,
)
NO_LINE = Line()


def write_answer(answer: PurchaseOrderAcknowledgement, dialect: Dialect) -> list[str]:
    """The segments of an ORDRSP between UNH and UNT. Raises `InvalidDocument` without any date."""
    if answer.date is None and not answer.dates:
        raise InvalidDocument("PurchaseOrderAcknowledgement", [FieldProblem("date", "is missing")])
    return RESPONSE.write(answer, _answered(answer, dialect), dialect)


def _answered(answer: PurchaseOrderAcknowledgement, dialect: Dialect) -> Iterator[tuple[str, _Answer]]:
    """The LIN groups: a line with its one status, or a line and a sub-line for each status."""
    taken = {each.line.number for each in answer.lines}
    below = (number for number in map(str, count(len(answer.lines) + 1)) if number not in taken)
    for index, answered in enumerate(answer.lines, 1):
        line, statuses = answered.line, answered.statuses
        if len(statuses) == 1 and _fits_line(line, statuses[0]):
            action = _codes(statuses[0].status, dialect)[0]
            yield write_lin(line, line_number(line, index), action), _Answer(line, statuses[0])
            continue
        number = line_number(line, index)
        yield write_lin(line, number), _Answer(line, None)
        for status in statuses:
            action = _codes(status.status, dialect)[0]
            above = composite(SUB_LINE, number)
            yield segment("LIN", next(below), action, "", above), _Answer(NO_LINE, status)


def _fits_line(line: Line, status: LineStatus) -> bool:
    """Whether the date of the status can be told from those of the line."""
    own = any(event.kind in STATUS_DATES for event in line.dates)
    return not own and (status.date is None or status.date.kind in STATUS_DATES)


def read_answer(rows: list[Row], dialect: Dialect) -> PurchaseOrderAcknowledgement:
    """The response in `rows`, from UNH to UNT."""
    fields = RESPONSE.read(rows, dialect, lambda line: line)
    lines: list[AcknowledgedLine] = []
    for line in fields["lines"]:
        status = _status(line, dialect)
        if line.pop("above", "") and lines:
            before = lines[-1]
            more = (status,) if status else ()
            lines[-1] = new_answered_line(line=before.line, statuses=(*before.statuses, *more))
        else:
            lines.append(new_answered_line(line=build_line(line), statuses=(status,) if status else ()))
    fields["lines"] = tuple(lines)
    fields["total"] = _total(fields)
    if fields["seller_order"] == fields.get("number"):
        fields["seller_order"] = ""
    require(
        "PurchaseOrderAcknowledgement",
        fields,
        number="there is no RFF+ON",
        order_date="RFF+ON has no DTM+171",
    )
    return new_answer(**closed(fields))


def _status(line: Fields, dialect: Dialect) -> LineStatus | None:
    """The status in the fields of a LIN group, which it is taken out of; None if there is none."""
    action = line.pop("action", "")
    discrepancy, reason = line.pop("reason", ("", ""))
    accepted, unit = line.pop("answered", (None, "EA"))
    substitute: Identifier | None = line.pop("substitute", None)
    if not (action or discrepancy or reason or accepted is not None or substitute):
        return None
    date: EventDate | None = None
    dates = line["dates"]
    for event in dates:
        if "above" in line or event.kind in STATUS_DATES:
            date = event
            dates.remove(event)
            break
    return new_status(
        status=_status_word(action or ACCEPTED_WITH_AMENDMENT, discrepancy, reason, dialect),
        quantity=accepted,
        unit=unit,
        date=date,
        substitute=substitute,
    )
