"""The files that Stampli takes and gives: their columns, and rows of cells to bytes and back."""

import csv
import io
from collections.abc import Iterable

Row = dict[str, str]

# What must be filled in, by the kind of file; other columns may be there or not.
REQUIRED = {
    "vendor": ("Vendor ID", "Vendor Name"),
    "invoice": (
        "External Invoice ID",
        "Vendor ID",
        "Vendor Name",
        "Invoice Number",
        "Invoice Date",
        "Due Date",
        "Currency",
        "Invoice Total",
        "Line Number",
        "Line Amount",
    ),
    "payment": (
        "Payment ID",
        "External Invoice ID",
        "Invoice Number",
        "Vendor ID",
        "Payment Date",
        "Amount",
        "Currency",
    ),
}
# By the columns that no other kind has, the most telling one first.
TOLD_BY = {"payment": "Payment ID", "invoice": "Line Number", "vendor": "Vendor Name"}

CONFIRMATION = (
    "Stampli Invoice ID",
    "External Invoice ID",
    "Invoice Number",
    "Vendor ID",
    "Vendor Name",
    "Status",
    "Status Date",
    "Approved By",
    "Approved Date",
    "Amount",
    "Currency",
    "GL Account",
    "Message",
)
PAYMENT_EXPORT = (
    "Stampli Payment ID",
    "Stampli Invoice ID",
    "External Invoice ID",
    "Invoice Number",
    "Vendor ID",
    "Payment Date",
    "Amount",
    "Currency",
    "Payment Method",
    "Reference",
    "Status",
    "Message",
)
EXPORTS = {"invoice": CONFIRMATION, "payment": PAYMENT_EXPORT}


class UnreadableError(Exception):
    """A file that cannot be taken; the text says why."""


def read(name: str, payload: bytes) -> tuple[str, list[Row]]:
    """The kind of a file and its rows, by the names of its columns. Raises UnreadableError."""
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError("The file is not UTF-8.") from error
    table = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    if not table:
        raise UnreadableError("The file is empty.")
    header, *cells = table
    if any(len(row) != len(header) for row in cells):
        raise UnreadableError("A row does not have as many cells as the header.")
    kind = next((kind for kind, column in TOLD_BY.items() if column in header), None)
    if kind is None:
        raise UnreadableError(f"{name} is no vendor, invoice or payment file by its header.")
    if missing := [column for column in REQUIRED[kind] if column not in header]:
        raise UnreadableError(f"The header lacks {', '.join(missing)}.")
    return kind, [dict(zip(header, row, strict=True)) for row in cells]


def lacking(kind: str, row: Row) -> list[str]:
    """The columns that must be filled in and are not."""
    return [column for column in REQUIRED[kind] if not row[column].strip()]


def write(columns: Iterable[str], rows: Iterable[Row], *, delimiter: str = ",", named: bool = True) -> str:
    """The rows as text with a header; `named` False writes it in another spelling."""
    columns = list(columns)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns if named else [column.upper().replace(" ", "_") for column in columns])
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    return out.getvalue()
