"""What a format has to offer, and what reading gives, whichever format it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import BinaryIO, Literal, TypeVar

from mappings.canonical import Document
from mappings.codecs.report import CodecError, Problem
from mappings.reading.annotated import Annotated
from mappings.translate_command.options import Options, UsageError

BATCH = 500
"""Most documents in one interchange that we write; more of them go into further ones."""


@dataclass(slots=True, kw_only=True)
class Found:
    """Something that was read. Messages come before the group and the interchange that they stand in.

    `name` says which it is: "message 0001 (810)". `facts` are what its envelope says.
    """

    level: Literal["message", "group", "interchange", "file"]
    name: str
    type: str = ""
    document: Document | None = None
    problems: list[Problem] = field(default_factory=list)
    facts: dict[str, str | int | bool] = field(default_factory=dict)


Failed = Callable[[Document | None, CodecError], None]
"""Is told of each document that could not be written, and why; without a document if there was none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A row of the registry.

    `annotate` reads its source twice. `message_type` is the name of the message that carries a document, empty if none
    does. `write` gives the bytes of one file, piece by piece. `answer` gives those of the acknowledgements of a file.
    """

    name: str
    title: str
    read: Callable[[BinaryIO, Options], Iterator[Found]]
    annotate: Callable[[BinaryIO, Options, int], Annotated]
    message_type: Callable[[Document], str]
    write: Callable[[Iterable[Document], Options, Failed], Iterator[bytes]]
    answer: Callable[[BinaryIO, Options], Iterator[bytes]] | None = None


def in_batches(
    documents: Iterable[Document], write: Callable[[Sequence[Document]], bytes], failed: Failed
) -> Iterator[bytes]:
    """What `write` makes of the documents, `BATCH` at a time; one that it refuses does not hold up the others."""
    waiting = iter(documents)
    while batch := list(islice(waiting, BATCH)):
        yield from together(batch, write, failed)


def together(
    documents: Iterable[Document], write: Callable[[Sequence[Document]], bytes], failed: Failed
) -> Iterator[bytes]:
    """What `write` makes of all the documents at once, but for those that it refuses."""
    several = list(documents)
    try:
        yield write(several)
    except CodecError as error:
        if len(several) < 2:
            failed(several[0] if several else None, error)
        elif good := [document for document in several if _is_writable(document, write, failed)]:
            yield write(good)


def _is_writable(document: Document, write: Callable[[Sequence[Document]], bytes], failed: Failed) -> bool:
    try:
        write([document])
    except CodecError as error:
        failed(document, error)
        return False
    return True


def iso(date: str, time: str) -> str:
    """A date and time of an envelope in ISO form, or as they stand there if they are none."""
    form = "%Y%m%d%H%M" if len(date) == 8 else "%y%m%d%H%M"
    try:
        at = dt.datetime.strptime(date + time[:4], form)  # noqa: DTZ007 - an envelope says no zone
    except ValueError:
        return f"{date} {time}".strip()
    return f"{at:%Y-%m-%dT%H:%M}"


T = TypeVar("T")


def deviations(overlay: Callable[..., T], settings: Mapping[str, object], title: str) -> T:
    """The partner's `settings` as the overlay of a format. Raises `UsageError` for a key that the format lacks."""
    known = {each.name for each in fields(overlay)}  # type: ignore[arg-type]
    if unknown := ", ".join(sorted(settings.keys() - known)):
        keys = ", ".join(sorted(known))
        raise UsageError(f"overlay: {title} has no setting {unknown}. It has {keys}.")
    return overlay(**settings)


def check(problems: Iterable[Problem]) -> None:
    """Raise `UsageError` if a partner's deviations have problems."""
    if found := "\n".join(f"overlay: {problem}" for problem in problems):
        raise UsageError(found)
