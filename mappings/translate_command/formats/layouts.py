"""CSV, XML and fixed width, by a layout: one of ours, or one from a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO, cast

import yaml

from mappings.canonical import Document
from mappings.codecs import layouts
from mappings.codecs.report import CodecError
from mappings.reading.annotated import Annotated
from mappings.reading.records import annotate_lines
from mappings.translate_command.formats.base import Failed, Format, Found, in_batches, together
from mappings.translate_command.options import Options, UsageError
from mappings.translate_command.sources import Head


def load(name: str) -> layouts.Layout:
    """The layout of ours with this name, or the one in the YAML or JSON file of this name."""
    try:
        return layouts.load(layouts.STANDARD[name] if name in layouts.STANDARD else _from_file(name))
    except CodecError as error:
        raise UsageError("\n".join(f"{name}: {problem}" for problem in error.report)) from error


def _from_file(name: str) -> Any:
    try:
        return yaml.safe_load(Path(name).read_bytes())
    except OSError as error:
        known = ", ".join(layouts.STANDARD)
        raise UsageError(f"There is no layout {name!r}: name a file, or one of {known}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{name} is neither YAML nor JSON: {error}") from error


def _fitting(format_: str, sample: bytes) -> layouts.Layout:
    """The layout of ours by which the file can be read that begins with `sample`."""
    known = [layouts.load(data) for data in layouts.STANDARD.values() if data["format"] == format_]
    found = layouts.match(sample, known)
    if found is None:
        raise UsageError("No layout of ours fits the file: say how it is laid out, with --layout FILE.yaml.")
    return found


def read(format_: str, source: BinaryIO, options: Options) -> Iterator[Found]:
    stream = Head(source)
    layout = load(options.layout) if options.layout else _fitting(format_, stream.head)
    for item in layouts.read(cast("BinaryIO", stream), layout):
        problems = item.report.problems
        if isinstance(item, layouts.File):
            facts: dict[str, str | int | bool] = {"layout": layout.name, "documents": item.documents}
            yield Found(level="file", name="file", problems=problems, facts=facts)
            continue
        name = f"document {item.number}"
        yield Found(level="message", name=name, type=layout.kind, document=item.document, problems=problems)


def show(format_: str, source: BinaryIO, options: Options, limit: int) -> Annotated:
    problems = [problem for found in read(format_, source, options) for problem in found.problems]
    source.seek(0)
    return annotate_lines(source, TITLES[format_], problems, limit=limit)


def write(format_: str, documents: Iterable[Document], options: Options, failed: Failed) -> Iterator[bytes]:
    """One file. Lines are written as they come; what has a frame around its documents is put together in memory."""
    waiting = iter(documents)
    first = next(waiting, None)
    if first is None:
        return
    layout = load(options.layout or f"{message_type(first)}_{format_}")
    if layout.format != format_:
        raise UsageError(f"The layout {layout.name} is one for {TITLES[layout.format]}.")

    def file(several: Sequence[Document]) -> bytes:
        return layouts.write(several, layout, options.values).data

    if format_ == "xml" or any(record.of_file for record in layout.records):
        yield from together(chain([first], waiting), file, failed)
        return
    for data in in_batches(chain([first], waiting), file, failed):
        yield data
        layout = replace(layout, header=False)


def message_type(document: Document) -> str:
    return document.SCHEMA.partition("/")[0]


TITLES = {"csv": "CSV", "xml": "XML", "fixed": "fixed width"}


def _format(name: str) -> Format:
    return Format(
        name=name,
        title=TITLES[name],
        read=partial(read, name),
        annotate=partial(show, name),
        message_type=message_type,
        write=partial(write, name),
    )


CSV, XML, FIXED = map(_format, TITLES)
