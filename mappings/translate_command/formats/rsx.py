"""RSX of SPS Commerce, in JSON and XML."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import BinaryIO

from mappings.canonical import Document
from mappings.codecs import rsx
from mappings.codecs.rsx.bridge.documents import document_type
from mappings.reading.annotated import Annotated
from mappings.reading.rsx import annotate_rsx
from mappings.translate_command.formats.base import Failed, Format, Found, check, deviations, together
from mappings.translate_command.options import Options


def overlay(options: Options) -> rsx.Overlay:
    """The partner's deviations. Raises `UsageError` if they make no sense."""
    made = deviations(rsx.Overlay, options.settings, "RSX")
    check(made.problems())
    return made


def read(source: BinaryIO, options: Options) -> Iterator[Found]:
    for item in rsx.read(source, overlay=overlay(options)):
        if isinstance(item, rsx.File):
            facts: dict[str, str | int | bool] = {"documents": item.documents}
            yield Found(level="file", name="file", problems=item.report.problems, facts=facts)
            continue
        name = f"document {item.number} ({item.type or 'unknown'})"
        yield Found(
            level="message", name=name, type=item.type, document=item.document, problems=item.report.problems
        )


def show(source: BinaryIO, options: Options, limit: int) -> Annotated:
    return annotate_rsx(source, overlay=overlay(options), limit=limit)


def write(notation: str, documents: Iterable[Document], options: Options, failed: Failed) -> Iterator[bytes]:
    """One file, put together in memory: its frame is around all of its documents."""
    partner = options.the_partner()
    envelope = rsx.Envelope(
        trading_partner_id=partner.rsx_partner_id or partner.receiver_id, notation=notation
    )
    of_partner = overlay(options)

    def file(several: Sequence[Document]) -> bytes:
        return rsx.write(several, envelope, overlay=of_partner).data

    yield from together(documents, file, failed)


def _format(notation: str) -> Format:
    writing: Callable[[Iterable[Document], Options, Failed], Iterator[bytes]] = partial(write, notation)
    return Format(
        name=f"rsx-{notation}",
        title=f"RSX in {notation.upper()}",
        read=read,
        annotate=show,
        message_type=document_type,
        write=writing,
    )


JSON, XML = _format("json"), _format("xml")
