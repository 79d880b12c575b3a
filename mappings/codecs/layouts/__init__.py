"""Layouts: CSV, XML and fixed-width files of a trading partner, described as data. Pure.

layout = layouts.load({"document": "invoice", "format": "csv", "columns": [...], ...})   # or CodecError
layouts.write([invoice], layout, {"company_id": "QUILL"}).data      # bytes to send
for item in layouts.read(stream, layout):                           # documents, and at the end one layouts.File
    if isinstance(item, layouts.Item) and item.document: ...
"""

from mappings.codecs.files import File
from mappings.codecs.layouts.assemble import Item
from mappings.codecs.layouts.compose import Context
from mappings.codecs.layouts.draft import draft_layout
from mappings.codecs.layouts.draft_columns import Draft, Question
from mappings.codecs.layouts.layout import KINDS, Column, Layout, Record
from mappings.codecs.layouts.loading import load
from mappings.codecs.layouts.reader import match, read
from mappings.codecs.layouts.standard import STANDARD
from mappings.codecs.layouts.writer import Written, write

__all__ = [
    "KINDS",
    "STANDARD",
    "Column",
    "Context",
    "Draft",
    "File",
    "Item",
    "Layout",
    "Question",
    "Record",
    "Written",
    "draft_layout",
    "load",
    "match",
    "read",
    "write",
]
