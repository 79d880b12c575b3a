"""EDIFACT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from mappings.canonical import Acknowledgement, Document
from mappings.codecs import edifact
from mappings.codecs.edifact.bridge.registry import message_type
from mappings.codecs.edifact.characters import FROM_VERSION_4
from mappings.reading.annotate import annotate
from mappings.reading.annotated import Annotated
from mappings.reading.edifact import EdifactStandard
from mappings.translate_command.formats.base import Failed, Format, Found, check, in_batches, iso
from mappings.translate_command.options import Options


def overlay(options: Options) -> edifact.Overlay:
    """The partner's deviations. Raises `UsageError` if they make no sense."""
    settings: dict[str, Any] = dict(options.partner.edifact_overlay) if options.partner else {}
    check(edifact.Overlay.problems(settings))
    return edifact.Overlay(**settings)


def read(source: BinaryIO, options: Options) -> Iterator[Found]:
    for item in edifact.read(source, overlay=overlay(options)):
        problems = item.report.problems
        if isinstance(item, edifact.Message):
            name = f"message {item.control_number} ({item.type})"
            yield Found(level="message", name=name, type=item.type, document=item.document, problems=problems)
        elif isinstance(item, edifact.Group):
            name = f"group {item.header.control_number}"
            yield Found(level="group", name=name, problems=problems, facts=_group(item))
        else:
            name = f"interchange {item.header.control_number}".strip()
            yield Found(level="interchange", name=name, problems=problems, facts=_interchange(item))


def _group(group: edifact.Group) -> dict[str, str | int | bool]:
    header = group.header
    return {
        "control_number": header.control_number,
        "functional_id": header.type,
        "sender": header.sender,
        "receiver": header.receiver,
        "at": iso(header.date, header.time),
        "messages": group.messages,
    }


def _interchange(interchange: edifact.Interchange) -> dict[str, str | int | bool]:
    header = interchange.header
    return {
        "control_number": header.control_number,
        "sender": _address(header.sender),
        "receiver": _address(header.receiver),
        "at": iso(header.date, header.time),
        "version": f"{header.syntax}:{header.syntax_version}",
        "usage": "test" if header.test else "production",
        "acknowledgement_requested": header.acknowledgement_requested,
    }


def _address(identity: edifact.Identity) -> str:
    return f"{identity.qualifier}:{identity.id}" if identity.qualifier else identity.id


def show(source: BinaryIO, _options: Options, limit: int) -> Annotated:
    return annotate(source, EdifactStandard(), limit=limit)


def write(documents: Iterable[Document], options: Options, failed: Failed) -> Iterator[bytes]:
    partner = options.the_partner()
    if not (partner.edifact_sender_id and partner.edifact_receiver_id):
        options.addressed("sender_id", "receiver_id")
    of_partner = overlay(options)
    number = options.control_number

    def interchange(several: Sequence[Document]) -> bytes:
        envelope = edifact.Envelope(
            sender=edifact.Identity(id=partner.our_edifact_id, qualifier=partner.edifact_sender_qualifier),
            receiver=edifact.Identity(
                id=partner.their_edifact_id, qualifier=partner.edifact_receiver_qualifier
            ),
            date=options.at.date(),
            time=options.at.time(),
            control_number=str(number),
            version=partner.edifact_version,
            syntax=partner.edifact_syntax,
            syntax_version=4 if partner.edifact_syntax in FROM_VERSION_4 else 3,
            test=options.is_test,
        )
        return edifact.write(several, envelope, overlay=of_partner).data

    for data in in_batches(documents, interchange, failed):
        yield data
        number += 1


def answer(source: BinaryIO, options: Options) -> Iterator[bytes]:
    """An interchange with the CONTRL that answers an interchange, for each in the file."""
    acknowledger = edifact.Acknowledger()
    number = options.control_number
    for item in edifact.read(source, overlay=overlay(options)):
        answers: list[Acknowledgement] = acknowledger.add(item)
        if answers and isinstance(item, edifact.Interchange):
            envelope = edifact.reply_envelope(
                item, date=options.at.date(), time=options.at.time(), control_number=str(number)
            )
            yield edifact.write(answers, envelope).data
            number += 1


EDIFACT = Format(
    name="edifact",
    title="EDIFACT",
    read=read,
    annotate=show,
    message_type=message_type,
    write=write,
    answer=answer,
)
