"""Stampli's own worker: takes the files that are finished, keeps what they say, and exports what became of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import groupby
from typing import Any

from connections.sandbox.common import Faults
from connections.sandbox.sftp.partner import FolderPartner, is_finished
from connections.sandbox.stampli import templates
from connections.sandbox.stampli.templates import Row, UnreadableError

UNKNOWN_STATUS = "Parked by AP"


def declare_switches(faults: Faults) -> None:
    """Make the switches known that spoil an export; `kind` is invoice or payment, none means either."""
    for name, description in (
        ("bom", "An export begins with a byte-order mark."),
        ("semicolon", "An export has semicolons instead of commas."),
        ("other_order", "An export has its columns in another order, and one more that nobody knows."),
        ("other_headers", "An export spells its headers in another way."),
        ("windows_1252", "An export is written in Windows-1252."),
        ("unknown_status", "An export has a status that nobody knows."),
        ("empty_file", "An export is empty; its rows are lost."),
        ("half_row", "An export ends in the middle of its last row."),
        ("same_file_twice", "An export comes again under another name."),
        ("growing_file", "An export is written slowly under its final name, a piece at each tick."),
    ):
        faults.declare(name, description, kind=None)
    faults.declare("payment_differs", "A payment is exported over another amount.", by=1, external_id=None)
    faults.declare("payment_left_out", "A payment is never exported.", external_id=None)


@dataclass
class StampliWorker(FolderPartner):
    """Takes finished `.csv` files and answers each invoice with a confirmation, each payment with an export row.

    An invoice of an unknown vendor, with an empty required cell, or whose lines do not add up is answered with
    `Failed`; an External Invoice ID that came before with `Duplicate`, unless `knows_updates`. What people of
    Stampli do is done with `approve`, `say` and `pay`.
    """

    faults: Faults = field(default_factory=Faults)
    knows_updates: bool = False
    vendors: dict[str, Row] = field(init=False, default_factory=dict)
    invoices: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)
    payments: dict[str, Row] = field(init=False, default_factory=dict)
    # How often each External Invoice ID came, duplicates included.
    received: dict[str, int] = field(init=False, default_factory=dict)
    outbox: dict[str, list[Row]] = field(init=False, default_factory=dict)
    exports: int = field(init=False, default=0)

    def wants(self, name: str) -> bool:
        return is_finished(name) and name.lower().endswith(".csv")

    def tick(self, now: datetime) -> bool:
        worked = super().tick(now)
        for kind in [kind for kind, rows in self.outbox.items() if rows and self.active]:
            self._export(kind, self.outbox.pop(kind), now)
            worked = True
        return worked

    def read(self, number: int, name: str, payload: bytes, now: datetime) -> None:
        try:
            kind, rows = templates.read(name, payload)
        except UnreadableError as error:
            self._complain(name, now, str(error))
            return
        if kind == "invoice":
            for external_id, lines in groupby(rows, key=lambda row: row["External Invoice ID"]):
                self._take_invoice(external_id, list(lines), name, now)
        for row in rows if kind == "vendor" else ():
            self._take_vendor(row, name, now)
        for row in rows if kind == "payment" else ():
            self._take_payment(row, name, now)

    # What people of Stampli do

    def say(self, external_id: str, status: str, on: str, message: str = "", **more: str) -> None:
        """Put a row about an invoice into the next confirmation file; raises KeyError for an unknown one."""
        invoice = self.invoices[external_id]
        invoice["status"] = status
        self._queue(
            "invoice", {**_about(invoice), "Status": status, "Status Date": on, "Message": message} | more
        )

    def approve(self, external_id: str, on: str) -> None:
        self.say(external_id, "Approved", on, **{"Approved By": "Ada Byron", "Approved Date": on})

    def pay(
        self, external_id: str, amount: str, on: str, *, status: str = "Paid", reference: str = ""
    ) -> str:
        """Pay an invoice from within Stampli; returns the Stampli Payment ID. Raises KeyError."""
        invoice = self.invoices[external_id]
        payment = {
            **_identity(invoice),
            "Stampli Payment ID": f"SP-{len(self.payments) + 1:06}",
            "Payment Date": on,
            "Amount": amount,
            "Currency": invoice["Currency"],
            "Payment Method": "ACH",
            "Reference": reference,
            "Status": status,
        }
        self.payments[payment["Stampli Payment ID"]] = payment
        self._queue("payment", payment)
        return payment["Stampli Payment ID"]

    # Life

    def dump(self) -> dict[str, Any]:
        kept = ("knows_updates", "vendors", "invoices", "payments", "received", "outbox", "exports")
        return {**super().dump(), **{name: getattr(self, name) for name in kept}}

    def restore(self, state: dict[str, Any]) -> None:
        super().restore(state)
        for name in state.keys() & {"knows_updates", "vendors", "invoices", "payments", "received"}:
            setattr(self, name, state[name])
        self.outbox, self.exports = state["outbox"], state["exports"]

    # Taking

    def _take_vendor(self, row: Row, source: str, now: datetime) -> None:
        if missing := templates.lacking("vendor", row):
            self._complain(source, now, f"A vendor lacks {', '.join(missing)}.")
            return
        self.vendors[row["Vendor ID"]] = row

    def _take_invoice(self, external_id: str, rows: list[Row], source: str, now: datetime) -> None:
        self.received[external_id] = self.received.get(external_id, 0) + 1
        first, day = rows[0], now.date().isoformat()
        known = self.invoices.get(external_id)
        if known and not self.knows_updates:
            text = f"External Invoice ID {external_id} was received before."
            self._complain(source, now, text, number=first["Invoice Number"])
            self._queue(
                "invoice", {**_about(known), "Status": "Duplicate", "Status Date": day, "Message": text}
            )
            return
        invoice: dict[str, Any] = {
            **first,
            "Stampli Invoice ID": known["Stampli Invoice ID"] if known else f"SI-{len(self.invoices) + 1:06}",
            "lines": len(rows),
            "source": source,
        }
        fault = self._fault_of(rows)
        invoice["status"] = "Failed" if fault else "Received"
        if fault:
            self._complain(source, now, fault, number=first["Invoice Number"])
        else:
            self.invoices[external_id] = invoice
        self._queue(
            "invoice",
            {**_about(invoice), "Status": invoice["status"], "Status Date": day, "Message": fault},
        )

    def _fault_of(self, rows: list[Row]) -> str:
        for row in rows:
            if missing := templates.lacking("invoice", row):
                return f"{', '.join(missing)} is empty."
        if rows[0]["Vendor ID"] not in self.vendors:
            return f"Vendor {rows[0]['Vendor ID']} is not known."
        try:
            lines = sum(Decimal(row["Line Amount"]) + Decimal(row.get("Line Tax") or 0) for row in rows)
            if lines != Decimal(rows[0]["Invoice Total"]):
                return f"The lines add up to {lines}, not to {rows[0]['Invoice Total']}."
        except InvalidOperation:
            return "An amount is not a number."
        return ""

    def _take_payment(self, row: Row, source: str, now: datetime) -> None:
        if missing := templates.lacking("payment", row):
            self._complain(source, now, f"A payment lacks {', '.join(missing)}.")
            return
        invoice = self.invoices.get(row["External Invoice ID"])
        if invoice is None:
            self._complain(source, now, f"Payment {row['Payment ID']} is of an unknown invoice.")
            return
        known = self.payments.get(row["Payment ID"])
        status = row.get("Status") or "Paid"
        payment = {
            **_identity(invoice),
            "Stampli Payment ID": known["Stampli Payment ID"] if known else f"SP-{len(self.payments) + 1:06}",
            "Payment Date": row["Payment Date"],
            "Amount": row["Amount"],
            "Currency": row["Currency"],
            "Payment Method": row.get("Payment Method", ""),
            "Reference": row["Payment ID"],
            "Status": "Cancelled" if status == "Voided" else status,
        }
        self.payments[row["Payment ID"]] = payment
        where = {"external_id": row["External Invoice ID"]}
        if struck := self.faults.take("payment_differs", **where):
            payment["Amount"] = str(Decimal(payment["Amount"]) + int(struck["by"]))
        if not self.faults.take("payment_left_out", **where):
            self._queue("payment", payment)

    def _complain(self, source: str, now: datetime, text: str, *, number: str = "") -> None:
        complaint = {
            "at": now.isoformat(),
            "source": source,
            "kind": "refused",
            "number": number,
            "text": text,
        }
        self.company.complaints.append(complaint)

    # Exporting

    def _queue(self, kind: str, row: Row) -> None:
        self.outbox.setdefault(kind, []).append(row)

    def _export(self, kind: str, rows: list[Row], now: datetime) -> None:
        """One file with all rows of a kind, spoilt as the switches say."""
        self.exports += 1
        name, payload = f"{kind}s_{self.exports:06}.csv", self._content(kind, rows)
        if self._strikes("growing_file", kind):
            self.grow(f"{self.answer_into}/{name}", payload, 3)
            return
        self.answer(name, payload, now)
        if self._strikes("same_file_twice", kind):
            self.answer(f"again_{name}", payload, now)

    def _content(self, kind: str, rows: Iterable[Row]) -> bytes:
        if self._strikes("empty_file", kind):
            return b""
        columns = templates.EXPORTS[kind]
        if self._strikes("other_order", kind):
            columns = ("Batch", *reversed(columns))
        if self._strikes("unknown_status", kind):
            rows = [{**row, "Status": UNKNOWN_STATUS} for row in rows]
        text = templates.write(
            columns,
            rows,
            delimiter=";" if self._strikes("semicolon", kind) else ",",
            named=not self._strikes("other_headers", kind),
        )
        if self._strikes("half_row", kind):
            text = text[: text.rstrip("\r\n").rfind("\r\n") + 12]
        if self._strikes("windows_1252", kind):
            return text.encode("cp1252", "replace")
        return text.encode("utf-8-sig" if self._strikes("bom", kind) else "utf-8")

    def _strikes(self, name: str, kind: str) -> bool:
        return bool(self.faults.take(name, kind=kind))


def _identity(invoice: dict[str, Any]) -> Row:
    """The columns by which an export names an invoice."""
    return {
        name: invoice[name]
        for name in ("Stampli Invoice ID", "External Invoice ID", "Invoice Number", "Vendor ID")
    }


def _about(invoice: dict[str, Any]) -> Row:
    """What a confirmation says of an invoice in any status."""
    return {
        **_identity(invoice),
        "Vendor Name": invoice["Vendor Name"],
        "Amount": invoice["Invoice Total"],
        "Currency": invoice["Currency"],
        "GL Account": invoice.get("GL Account", ""),
    }
