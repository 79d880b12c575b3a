"""The Stampli stand-in as a whole: the SFTP server with its faults, Stampli's worker, and the control surface."""

from pathlib import Path
from typing import Any, cast

from markupsafe import Markup
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request, Response

from connections.sandbox import pages
from connections.sandbox.common import json_object, json_response
from connections.sandbox.common.standin import CONTROL
from connections.sandbox.sftp.partner import FolderPartner
from connections.sandbox.sftp.sandbox import SftpSandbox
from connections.sandbox.stampli.worker import StampliWorker, declare_switches

SHOWN = 100


class StampliSandbox(SftpSandbox):
    """An SFTP server as `SftpSandbox`, with Stampli's worker instead of a partner who acknowledges EDI."""

    name = "Stampli"

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        declare_switches(self.faults)

    @property
    def worker(self) -> StampliWorker:
        return cast(StampliWorker, self.partner)

    def _new_partner(self) -> FolderPartner:
        return StampliWorker(self.storage, self.folder / "taken", faults=self.faults, **self._partner_options)

    def partner_summary(self) -> Markup:
        """What Stampli holds, and the forms that stand for its people."""
        worker = self.worker
        rows = [
            (
                one["Stampli Invoice ID"],
                external_id,
                one["Invoice Number"],
                one["Vendor Name"],
                f"{one['Invoice Total']} {one['Currency']}",
                one["status"],
            )
            for external_id, one in list(worker.invoices.items())[-SHOWN:]
        ]
        paid = [
            (one["Stampli Payment ID"], one["External Invoice ID"], one["Amount"], one["Status"])
            for one in list(worker.payments.values())[-SHOWN:]
        ]
        return Markup("").join(
            [
                pages.paragraph(f"{len(worker.vendors)} vendors are known."),
                pages.table(
                    ("Stampli id", "External id", "Number", "Vendor", "Total", "Status"),
                    rows,
                    empty="No invoice came yet.",
                ),
                pages.table(
                    ("Stampli payment", "External id", "Amount", "Status"), paid, empty="No payment yet."
                ),
                pages.form(
                    f"{CONTROL}/say",
                    "Set the status of an invoice",
                    pages.text_field("external_id", "External id"),
                    pages.text_field("status", "Status", "Approved"),
                ),
                pages.form(
                    f"{CONTROL}/pay",
                    "Pay an invoice",
                    pages.text_field("external_id", "External id"),
                    pages.text_field("amount", "Amount"),
                ),
            ]
        )

    def _add_control(self) -> None:
        super()._add_control()
        self.route("GET", f"{CONTROL}/stampli", lambda _: json_response(self._holdings()))
        self.route("POST", f"{CONTROL}/say", self._say)
        self.route("POST", f"{CONTROL}/pay", self._pay)

    def _holdings(self) -> dict[str, Any]:
        worker = self.worker
        return {
            "vendors": worker.vendors,
            "invoices": worker.invoices,
            "payments": worker.payments,
            "received": worker.received,
        }

    def _say(self, request: Request) -> Response:
        """`{"external_id", "status", "on"?, "message"?}`: a row in the next confirmation file."""
        order = json_object(request)
        try:
            self.worker.say(
                str(order["external_id"]),
                str(order["status"]),
                str(order.get("on", self._today())),
                str(order.get("message", "")),
            )
        except KeyError as error:
            raise BadRequest(f"Give external_id (of an invoice that came) and status: {error}") from error
        return json_response(self._holdings())

    def _pay(self, request: Request) -> Response:
        """`{"external_id", "amount", "on"?, "status"?, "reference"?}`: a row in the next payment export."""
        order = json_object(request)
        try:
            self.worker.pay(
                str(order["external_id"]),
                str(order["amount"]),
                str(order.get("on", self._today())),
                status=str(order.get("status", "Paid")),
                reference=str(order.get("reference", "")),
            )
        except KeyError as error:
            raise BadRequest(f"Give external_id (of an invoice that came) and amount: {error}") from error
        return json_response(self._holdings())

    def _today(self) -> str:
        return self.clock.now().date().isoformat()
