"""EDIFACT."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from mappings.canonical import Acknowledgement, Document
from mappings.codecs import edifact
from mappings.codecs.edifact.bridge.registry import message_type
from mappings.reading.annotate import annotate
from mappings.reading.annotated import Annotated
from mappings.reading.edifact import EdifactStandard
from mappings.translate_command.formats.base import Failed, Format, Found, check, deviations, in_batches, iso
from mappings.translate_command.options import Options

QUALIFIERS = {"01": "1", "07": "14", "12": "12", "16": "16"}
"""Data element 0007 for the partner's qualifier, where the meaning is the same; else ZZZ, mutually defined."""


def overlay(options: Options) -> edifact.Overlay:
    """The partner's deviations. Raises `UsageError` if they make no sense."""
    made = deviations(edifact.Overlay, options.settings, "EDIFACT")
    check(edifact.Overlay.problems(options.settings))
    return made


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
    partner, of_partner = options.the_partner(), overlay(options)
    number = options.control_number

    def interchange(several: Sequence[Document]) -> bytes:
        envelope = edifact.Envelope(
            sender=_identity(partner.sender_qualifier, partner.sender_id),
            receiver=_identity(partner.receiver_qualifier, partner.receiver_id),
            date=options.at.date(),
            time=options.at.time(),
            control_number=str(number),
            test=options.is_test,
        )
        return edifact.write(several, envelope, overlay=of_partner).data

    for data in in_batches(documents, interchange, failed):
        yield data
        number += 1


def _identity(qualifier: str, id_: str) -> edifact.Identity:
    return edifact.Identity(id=id_, qualifier=QUALIFIERS.get(qualifier, "ZZZ"))


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
