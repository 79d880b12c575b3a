"""Our own JSON: one document, an array, or one document a line."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from mappings.canonical import Document, InvalidDocument, from_json, to_json
from mappings.codecs.files import MAX_DOCUMENT, Source
from mappings.codecs.report import Problem
from mappings.reading.annotated import Annotated
from mappings.reading.records import Record, annotate_records
from mappings.translate_command.formats.base import Failed, Format, Found
from mappings.translate_command.options import Options

BETWEEN = re.compile(r"[\s,\[\]]*")
BEGINNING = re.compile(r'\{\s*"schema"\s*:')
NEAR_END = 32
"""A syntax error this near to the end of what has been read may be a value that goes on behind it."""


class Text:
    """One document of the file as it stands there, or why it is none; `line` is where it begins."""

    def __init__(self, text: str, line: int, fault: str = "") -> None:
        self.text = text
        self.line = line
        self.fault = fault


def texts(source: BinaryIO) -> Iterator[Text]:
    """The documents of the file one by one, in memory that does not grow with it."""
    stream = Source(source)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    buffer, line, ended = decoder.decode(stream.head), 1, False
    while True:
        start = BETWEEN.match(buffer).end()  # type: ignore[union-attr]
        line, buffer = line + buffer.count("\n", 0, start), buffer[start:]
        end, fault = _length(buffer)
        torn = not buffer or end < 0 or end >= len(buffer) - NEAR_END
        if torn and not ended and len(buffer) <= MAX_DOCUMENT:
            chunk = stream.more(len(buffer))
            ended = not chunk
            buffer += decoder.decode(chunk, final=ended)
            continue
        if not buffer:
            return
        if fault:
            following = BEGINNING.search(buffer, 1)
            end = following.start() if following else len(buffer)
        yield Text(buffer[:end], line, fault)
        line, buffer = line + buffer.count("\n", 0, end), buffer[end:]


def _length(buffer: str) -> tuple[int, str]:
    """How long the value at the beginning is, and nothing; or where it is broken, and how."""
    try:
        return json.JSONDecoder().raw_decode(buffer)[1], ""
    except json.JSONDecodeError as error:
        where = -1 if error.msg.startswith("Unterminated") else error.pos
        return where, f"{error.msg} (character {error.pos + 1})"
    except (RecursionError, ValueError) as error:
        return 0, str(error)


def read(source: BinaryIO, _options: Options) -> Iterator[Found]:
    number = 0
    for number, text in enumerate(texts(source), 1):
        document, problems = _document(text)
        name = f"document {number}"
        type_ = type(document).SCHEMA.partition("/")[0] if document else ""
        yield Found(level="message", name=name, type=type_, document=document, problems=problems)
    empty = Problem(message="the file holds no document", rule="empty")
    yield Found(level="file", name="file", problems=[] if number else [empty])


def _document(text: Text) -> tuple[Document | None, list[Problem]]:
    if text.fault:
        remedy = "Write the document again."
        message = f"the JSON is not well-formed: {text.fault}"
        return None, [Problem(message=message, rule="not_well_formed", remedy=remedy, line=text.line)]
    try:
        return from_json(text.text), []
    except InvalidDocument as error:
        return None, [
            Problem(message=problem.message, rule="invalid_document", line=text.line, field=problem.field)
            for problem in error.problems
        ]


def show(source: BinaryIO, _options: Options, limit: int) -> Annotated:
    return annotate_records(_records(source), "JSON", limit=limit)


def _records(source: BinaryIO) -> Iterator[Record]:
    for text in texts(source):
        document, problems = _document(text)
        content: Any = text.text if text.fault else json.loads(text.text)
        name = type(document).__name__ if document else "document"
        yield Record(name, text.line, content, problems)


def message_type(document: Document) -> str:
    return document.SCHEMA.partition("/")[0]


def write(documents: Iterable[Document], _options: Options, _failed: Failed) -> Iterator[bytes]:
    """One document a line."""
    for document in documents:
        yield f"{to_json(document)}\n".encode("utf-8", "surrogatepass")


JSON = Format(
    name="json",
    title="our own JSON",
    read=read,
    annotate=show,
    message_type=message_type,
    write=write,
)
