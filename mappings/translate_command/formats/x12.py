"""X12."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from mappings.canonical import Acknowledgement, Document
from mappings.codecs import x12
from mappings.codecs.x12.bridge.registry import message_type
from mappings.codecs.x12.tables import MESSAGES
from mappings.reading.annotate import annotate
from mappings.reading.annotated import Annotated
from mappings.reading.x12 import X12Standard
from mappings.translate_command.formats.base import Failed, Format, Found, check, in_batches, iso
from mappings.translate_command.options import Options

USAGES = {"P": "production", "T": "test", "I": "information"}


def overlay(options: Options) -> x12.Overlay:
    """The partner's deviations. Raises `UsageError` if they make no sense."""
    settings: dict[str, Any] = options.settings
    check(x12.Overlay.problems(settings))
    return x12.Overlay(**settings)


def read(source: BinaryIO, options: Options) -> Iterator[Found]:
    for item in x12.read(source, overlay=overlay(options)):
        if isinstance(item, x12.Message):
            name = f"message {item.control_number} ({item.type})" if item.group else "TA1"
            yield Found(
                level="message",
                name=name,
                type=item.type,
                document=item.document,
                problems=item.report.problems,
            )
        elif isinstance(item, x12.Group):
            name = f"group {item.header.control_number}"
            yield Found(level="group", name=name, problems=item.report.problems, facts=_group(item))
        else:
            name = f"interchange {item.header.control_number}".strip()
            yield Found(
                level="interchange", name=name, problems=item.report.problems, facts=_interchange(item)
            )


def _group(group: x12.Group) -> dict[str, str | int | bool]:
    header = group.header
    functional = {of: name for of, name, _ in MESSAGES.values()}.get(header.functional_id, "")
    return {
        "control_number": header.control_number,
        "functional_id": header.functional_id,
        "holds": functional,
        "sender": header.sender,
        "receiver": header.receiver,
        "at": iso(header.date, header.time),
        "version": header.version,
        "messages": group.messages,
    }


def _interchange(interchange: x12.Interchange) -> dict[str, str | int | bool]:
    header = interchange.header
    return {
        "control_number": header.control_number,
        "sender": f"{header.sender.qualifier}:{header.sender.id}",
        "receiver": f"{header.receiver.qualifier}:{header.receiver.id}",
        "at": iso(header.date, header.time),
        "version": header.version,
        "usage": USAGES.get(header.usage, header.usage),
        "acknowledgement_requested": header.acknowledgement_requested,
    }


def show(source: BinaryIO, _options: Options, limit: int) -> Annotated:
    return annotate(source, X12Standard(), limit=limit)


class _Writer:
    """Interchanges to one partner, under consecutive numbers."""

    def __init__(self, options: Options) -> None:
        self.partner = options.addressed("sender_id", "receiver_id")
        self.overlay = overlay(options)
        self.options = options
        self.number, self.group = options.control_number, options.group_control_number
        self.groups = 0

    def __call__(self, documents: Sequence[Document]) -> bytes:
        written = x12.write(documents, self._envelope(), overlay=self.overlay)
        self.groups = len({numbers.group for numbers in written.numbers if numbers})
        return written.data

    def next(self) -> None:
        """What was written last is sent: the next one gets the numbers behind."""
        self.number += 1
        self.group += self.groups

    def _envelope(self) -> x12.Envelope:
        partner, at = self.partner, self.options.at
        return x12.Envelope(
            sender=x12.Identity(
                qualifier=partner.sender_qualifier, id=partner.sender_id, group_id=partner.our_group_id
            ),
            receiver=x12.Identity(
                qualifier=partner.receiver_qualifier, id=partner.receiver_id, group_id=partner.their_group_id
            ),
            date=at.date(),
            time=at.time(),
            control_number=self.number,
            group_control_number=self.group,
            version=partner.x12_version,
            usage="T" if self.options.is_test else "P",
        )


def write(documents: Iterable[Document], options: Options, failed: Failed) -> Iterator[bytes]:
    writer = _Writer(options)
    for data in in_batches(documents, writer, failed):
        yield data
        writer.next()


def answer(source: BinaryIO, options: Options) -> Iterator[bytes]:
    """An interchange with the 997s (or 999s) and the TA1 that answer an interchange, for each in the file."""
    acknowledger = x12.Acknowledger(options.form)
    answers: list[Acknowledgement] = []
    group: x12.Group | None = None
    number, group_number = options.control_number, options.group_control_number
    for item in x12.read(source, overlay=overlay(options)):
        answers += acknowledger.add(item)
        if isinstance(item, x12.Group):
            group = item
        elif isinstance(item, x12.Interchange):
            if options.with_ta1 and item.header.control_number and not any(a.form == "ta1" for a in answers):
                answers.append(x12.interchange_answer(item))
            if answers:
                envelope = x12.reply_envelope(
                    item,
                    group,
                    date=options.at.date(),
                    time=options.at.time(),
                    control_number=number,
                    group_control_number=group_number,
                )
                yield x12.write(answers, envelope).data
                number, group_number = number + 1, group_number + 1
            answers, group = [], None


X12 = Format(
    name="x12",
    title="X12",
    read=read,
    annotate=show,
    message_type=message_type,
    write=write,
    answer=answer,
)
