"""What became of a message: `fgarrivedfiles`, `fgroutes`, `fgdeliveries` and `workflowmonitors`.

Nothing of it is stored: it follows from the message and from whether the partner has it.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.ibm_sterling.service import Service, stamp
from connections.sandbox.ibm_sterling.sites import Site
from connections.sandbox.ibm_sterling.store import Message

# The product's own words for these states are not published; these are ours.
ARRIVED_STATES = {"waiting": "Routing", "taken": "Routed", "failed": "Failed"}
DELIVERY_STATES = {"waiting": "Started", "taken": "Complete", "failed": "Failed"}
STEPS = {
    "waiting": (("MailboxAddService", "Success"), ("FileGatewayRouteMessage", "Waiting")),
    "taken": (
        ("MailboxAddService", "Success"),
        ("FileGatewayRouteMessage", "Success"),
        ("Delivery", "Success"),
    ),
    "failed": (("MailboxAddService", "Success"), ("FileGatewayRouteMessage", "Error")),
}


def state_of(message: Message) -> str:
    """`waiting` for the partner, `taken` by the partner, or `failed` on the way."""
    return "failed" if message.failed else "taken" if message.taken else "waiting"


class Tracking:
    def __init__(self, service: Service, sites: dict[str, Site]) -> None:
        self.service = service
        self.sites = sites
        service.api("GET", "fgArrivedFiles", "/", self.arrived_files)
        service.api("GET", "fgRoutes", "/", self.routes)
        service.api("GET", "fgDeliveries", "/", self.deliveries)
        service.api("GET", "workflowMonitors", "/", self.steps)
        service.api("POST", "workflowMonitors", "/", self.terminate)
        service.api("POST GET PUT", "testSFGDeliveryStatus", "/", self.test_delivery)

    def arrived_files(self, request: Request) -> Response:
        return self._answer(request, [row for row, _, _ in self._tracked()])

    def routes(self, request: Request) -> Response:
        return self._answer(
            request,
            [
                {
                    "routeKey": f"RT{message.id}",
                    "dataFlowId": row["dataFlowId"],
                    "state": row["arrivedFileState"],
                    "consOrgName": site.name,
                    "completeTime": stamp(message.taken) if message.taken else None,
                }
                for row, message, site in self._tracked()
            ],
        )

    def deliveries(self, request: Request) -> Response:
        return self._answer(
            request,
            [
                {
                    "deliveryKey": f"DL{message.id}",
                    "dataFlowId": row["dataFlowId"],
                    "state": row["deliveryState"],
                    "consumerMsgId": message.id,
                    "mailBoxPath": site.outbound,
                }
                for row, message, site in self._tracked()
            ],
        )

    def steps(self, request: Request) -> Response:
        """Every step of a process, whatever `_range` says; without `fieldList=Full` only the main fields."""
        wanted = request.args.get("workFlowId", "")
        for row, message, _ in self._tracked():
            if str(row["wfId"]) == wanted:
                full = request.args.get("fieldList", "").lower() == "full"
                return self.service.answer([*self._steps(row["wfId"], message, full=full)])
        return self.service.answer([])

    def terminate(self, request: Request) -> Response:
        self.service.note_mistake(request, "POST to workflowmonitors terminates the process.")
        return self.service.answer({"response": "The process was terminated."})

    def test_delivery(self, request: Request) -> Response:
        self.service.note_mistake(request, "testsfgdeliverystatus drops a test file for routing.")
        return self.service.answer({"response": "A test file was dropped."})

    def _tracked(self) -> Iterator[tuple[dict[str, Any], Message, Site]]:
        """Every message that was ever put into an outbound box, wherever it lies now."""
        for message in self.service.store.messages.values():
            site = next((one for one in self.sites.values() if message.id in one.arrived), None)
            document = self.service.store.documents.get(message.document_id)
            if site is None or document is None:
                continue
            state = state_of(message)
            row = {
                "arrivedFileKey": f"AF{message.id}",
                "arrivedFileState": ARRIVED_STATES[state],
                "deliveryState": DELIVERY_STATES[state],
                "routesRemain": 0 if state == "taken" else 1,
                "dataFlowId": f"DF{message.id}",
                "wfId": document.workflow_id,
                "messageId": message.id,
                "fileName": message.name,
                "documentId": message.document_id,
                "prodOrgName": "FRESHBOOKS",
                "mailBoxPath": site.outbound,
            }
            yield row, message, site

    def _answer(self, request: Request, rows: list[dict[str, Any]]) -> Response:
        for name, wanted in request.args.items():
            if not name.startswith("_"):
                rows = [row for row in rows if str(row.get(name)) == wanted]
        return self.service.rows(request, rows)

    def _steps(self, workflow_id: int, message: Message, *, full: bool) -> Iterator[dict[str, Any]]:
        steps = STEPS[state_of(message)]
        override = self.service.faults.take("workflow_state")
        for number, (name, state) in enumerate(steps):
            if override and number == len(steps) - 1:
                state = str(override["state"])
            start = message.created + timedelta(milliseconds=40 * number)
            row = {
                "workFlowId": workflow_id,
                "stepId": number,
                "serviceName": name,
                "exeState": state,
                "basicStatus": 0 if state == "Success" else 1,
                "advStatus": message.failed or "None",
                "startTime": f"{start:%Y-%m-%d %H:%M:%S.%f}"[:-3],  # the server's local time, no zone
                "endTime": f"{start:%Y-%m-%d %H:%M:%S.%f}"[:-3],
                "wfdName": "FileGatewayMailboxRoute",
            }
            yield row | ({"docId": message.document_id, "branchId": "1", "wfdVersion": 1} if full else {})
