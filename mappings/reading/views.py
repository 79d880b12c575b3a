"""What the web pages show, from stored bytes to HTML that is safe to put into a page."""

from __future__ import annotations

import io
from collections.abc import Callable

from mappings.canonical import InvalidDocument, from_json
from mappings.codecs.detect import detect
from mappings.reading.annotate import Standard, annotate
from mappings.reading.document import page_of
from mappings.reading.edifact import EdifactStandard
from mappings.reading.files import TITLES, annotate_file
from mappings.reading.html import annotated_html, document_html
from mappings.reading.rsx import annotate_rsx
from mappings.reading.x12 import X12Standard

SHOWN_SEGMENTS = 200
"""More segments than this make a page heavy; the bytes are there to be downloaded."""
STANDARDS: dict[str, Callable[[], Standard]] = {"x12": X12Standard, "edifact": EdifactStandard}


def interchange_view(content: bytes, *, is_whole: bool) -> str:
    """An interchange segment by segment in words, or a file value by value; empty if it is none.

    If `content` is only the beginning of it, its problems are not known.
    """
    format_ = detect(content).format
    if format_ in STANDARDS:
        standard = STANDARDS[format_]()
        return annotated_html(
            annotate(io.BytesIO(content), standard, limit=SHOWN_SEGMENTS, is_whole=is_whole)
        )
    if format_.startswith("rsx-") and is_whole:
        return annotated_html(annotate_rsx(io.BytesIO(content)))
    if format_ in TITLES and (is_whole or format_ == "fixed"):
        annotated = annotate_file(content, format_)
        return annotated_html(annotated) if annotated else ""
    return ""


def document_view(content: bytes) -> str:
    """A stored business document as what it is; empty if it is none of ours."""
    try:
        return document_html(page_of(from_json(content.decode())))
    except (InvalidDocument, UnicodeDecodeError):
        return ""
