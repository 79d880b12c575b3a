"""RSX for people: each value of a document with its path, problems beside it."""

from __future__ import annotations

from typing import BinaryIO

from mappings.codecs import rsx
from mappings.codecs.files import Source
from mappings.codecs.report import Report
from mappings.codecs.rsx.notations import read_any
from mappings.reading.annotated import Annotated
from mappings.reading.records import SHOWN_VALUES, Record, annotate_records


def annotate_rsx(
    source: BinaryIO, *, overlay: rsx.Overlay | None = None, limit: int = SHOWN_VALUES
) -> Annotated:
    """The first `limit` values of `source`, which is read twice: for its problems, and for its values."""
    start = source.tell()
    items = (item for item in rsx.read(source, overlay=overlay) if isinstance(item, rsx.Item))
    problems = {item.number: item.report.problems for item in items if item.report}
    source.seek(start)
    report = Report()
    records = (
        Record(raw.type or "document", raw.line, raw.value, problems.get(number, []))
        for number, raw in enumerate(read_any(Source(source), report), 1)
    )
    return annotate_records(records, "RSX", limit=limit, beside=report)
