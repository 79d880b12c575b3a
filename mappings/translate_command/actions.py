"""What the command does, once it is known with which files, formats and partners."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from mappings.canonical import Document, to_json
from mappings.codecs.report import CodecError
from mappings.reading.document import page_of, title_of
from mappings.reading.text import annotated_text, document_text
from mappings.reading.words import plural
from mappings.translate_command import inspect as inspecting
from mappings.translate_command.console import Console
from mappings.translate_command.formats.base import Format, Found
from mappings.translate_command.options import Options
from mappings.translate_command.sources import rewindable


def inspect(source: BinaryIO, format_: Format, options: Options, console: Console, *, as_json: bool) -> int:
    """Say what the file is; the status is 1 if anything in it is wrong."""
    summary = inspecting.summarise(format_.read(source, options))
    (inspecting.print_json if as_json else inspecting.print_text)(summary, format_, console)
    console.end()
    return 0 if summary.is_valid else 1


def annotate(source: BinaryIO, format_: Format, options: Options, console: Console, limit: int) -> int:
    """Show every segment with its elements, and the problems at their place."""
    with rewindable(source) as copy:
        annotated = format_.annotate(copy, options, limit)
        copy.seek(0)
        is_valid = not any(found.problems for found in format_.read(copy, options))
    for line in annotated_text(annotated):
        console.print(line)
    console.end()
    return 0 if is_valid else 1


def decode(
    source: BinaryIO, format_: Format, options: Options, console: Console, *, as_json: bool, as_array: bool
) -> int:
    """Give the documents, as people read them or as JSON: one a line, or an array."""
    count = 0
    for count, document in enumerate(documents(format_.read(source, options), console), 1):
        if not as_json:
            console.print(f"{'' if count == 1 else chr(10)}{document_text(page_of(document))}".rstrip("\n"))
        elif as_array:
            console.print(f"{'[' if count == 1 else ','}{to_json(document)}")
        else:
            console.print(to_json(document))
    if as_json and as_array:
        console.print("]" if count else "[]")
    console.note(f"{plural(count, 'document')} decoded.")
    return console.end()


def documents(items: Iterable[Found], console: Console) -> Iterator[Document]:
    """The documents; what is wrong is said at once."""
    for found in items:
        console.complain_of(found)
        if found.document is not None:
            yield found.document


def write(
    several: Iterable[Document], format_: Format, options: Options, console: Console, *, message: str = ""
) -> int:
    """Write the documents in a format. With `message` all must be of that type."""
    written: Counter[str] = Counter()

    def counted() -> Iterator[Document]:
        for document in several:
            type_ = format_.message_type(document)
            if type_ and type_ == (message or type_):
                written[type_] += 1
                yield document
            else:
                needed = f"a {message}" if message else f"a message of {format_.title}"
                console.complain(
                    f"{title_of(document)} cannot be {needed}" + (f": it is a {type_}." if type_ else ".")
                )

    try:
        for data in format_.write(counted(), options, console.could_not_write):
            console.write(data)
    except CodecError as error:
        console.could_not_write(None, error)
    kinds = ", ".join(f"{count:,} × {type_}" for type_, count in written.items())
    console.note(f"{format_.title}: {kinds or 'nothing to write'}.")
    return console.end()


def convert(
    source: BinaryIO, reading: tuple[Format, Options], writing: tuple[Format, Options], console: Console
) -> int:
    """Read the documents in one format and write them in another."""
    format_, options = reading
    return write(documents(format_.read(source, options), console), *writing, console)


def acknowledge(source: BinaryIO, format_: Format, options: Options, console: Console) -> int:
    """Give the acknowledgements that answer the file; the status says whether there are any."""
    if format_.answer is None:
        console.complain(f"{format_.title} has no acknowledgements.")
        return console.end()
    count = 0
    try:
        for data in format_.answer(source, options):
            console.write(data)
            count += 1
    except CodecError as error:
        console.could_not_write(None, error)
    if not count and not console.complaints:
        console.complain("There is nothing in it that is answered.")
    return console.end()
