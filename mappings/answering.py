"""The acknowledgements that we owe: 997 or 999 and TA1 for X12, CONTRL for EDIFACT, as agreed with each partner.

An acknowledgement is never acknowledged; the codecs see to that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Literal

from mappings.canonical import Acknowledgement
from mappings.codecs import edifact, x12
from mappings.models import TradingPartner
from mappings.models.control_numbers import next_control_number
from mappings.models.partners import Answers
from mappings.senders import Senders
from mappings.translation import address


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """The answer to one interchange of an arrival; `number` counts them from 1, `control_number` is the answered one.

    `sender` and `receiver` are ours and theirs, as they stand in the answer.
    """

    number: int
    control_number: str
    partner: TradingPartner
    sender: str
    receiver: str
    answers: tuple[Acknowledgement, ...]
    interchange: x12.Interchange | edifact.Interchange
    group: x12.Group | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The bytes of an answer, and its own control number."""

    content: bytes
    extension: str
    media_type: str
    control_number: str


def owed(content: BinaryIO, format_: str, senders: Senders) -> Iterator[Owed]:
    """The answers to an arrival in `format_`, to those partners with whom they were agreed on."""
    if format_ == "x12":
        return _x12(content, senders)
    return _edifact(content, senders) if format_ == "edifact" else iter(())


def write(answer: Owed, at: datetime) -> Answer:
    """The answer under control numbers that are used up by the caller's transaction."""
    local = at.astimezone(answer.partner.tenant.zone)
    if isinstance(answer.interchange, edifact.Interchange):
        number = str(_next_number(answer, "interchange"))
        envelope = edifact.reply_envelope(
            answer.interchange, date=local.date(), time=local.time(), control_number=number
        )
        content = edifact.write(answer.answers, envelope).data
        return Answer(
            content=content, extension="edi", media_type="application/EDIFACT", control_number=number
        )
    interchange = _next_number(answer, "interchange")
    reply = x12.reply_envelope(
        answer.interchange,
        answer.group,
        date=local.date(),
        time=local.time(),
        control_number=interchange,
        group_control_number=_next_number(answer, "FA"),
    )
    content = x12.write(answer.answers, reply).data
    return Answer(
        content=content, extension="x12", media_type="application/EDI-X12", control_number=str(interchange)
    )


def _next_number(answer: Owed, kind: str) -> int:
    return next_control_number(
        tenant_id=answer.partner.tenant_id, sender=answer.sender, receiver=answer.receiver, kind=kind
    )


def _x12(content: BinaryIO, senders: Senders) -> Iterator[Owed]:
    """The form of the answer hangs on the partner, whom the interchange names before its groups come."""
    acknowledgers = {form: x12.Acknowledger(form) for form in FORMS}
    answers: dict[str, list[Acknowledgement]] = {form: [] for form in FORMS}
    group, number = None, 0
    for item in x12.read(content):
        for form in FORMS:
            answers[form] += acknowledgers[form].add(item)
        if isinstance(item, x12.Group):
            group = item
        elif isinstance(item, x12.Interchange):
            number += 1
            header = item.header
            partner = senders.by_x12(address(header.sender), address(header.receiver))
            if partner and partner.answers_with and (own := answers[partner.answers_with]):
                yield Owed(
                    number=number,
                    control_number=header.control_number,
                    partner=partner,
                    sender=address(header.receiver),
                    receiver=address(header.sender),
                    answers=tuple(own),
                    interchange=item,
                    group=group,
                )
            answers, group = {form: [] for form in FORMS}, None


FORMS: tuple[Literal["997", "999"], ...] = ("997", "999")


def _edifact(content: BinaryIO, senders: Senders) -> Iterator[Owed]:
    acknowledger, number = edifact.Acknowledger(), 0
    for item in edifact.read(content):
        answers = acknowledger.add(item)
        if not isinstance(item, edifact.Interchange):
            continue
        number += 1
        header = item.header
        partner = senders.by_edifact(address(header.sender), address(header.receiver))
        if answers and partner and partner.answers_with != Answers.NONE:
            yield Owed(
                number=number,
                control_number=header.control_number,
                partner=partner,
                sender=address(header.receiver),
                receiver=address(header.sender),
                answers=tuple(answers),
                interchange=item,
            )
