"""What the installation says of a message that it took, for documents without an acknowledgement by EDI.

Only read, by GET: a POST to `workflowmonitors` ends the process, and `testsfgdeliverystatus` drops a file for
routing. The words for states of the file gateway are not published, so the customer says what they mean.
"""

from collections.abc import Iterable
from typing import Any

from connections.systems.base import Receipt, RemoteState
from connections.systems.ibm_sterling import replies
from connections.systems.ibm_sterling.api import Api, Refused, Row
from connections.systems.ibm_sterling.settings import StatusSource

# What the product's own words for the steps of a process amount to, unless the customer says otherwise. After
# others somebody goes on with the process: it is under way.
STEP_STATES = {
    "success": "accepted",
    "error": "rejected",
    "terminated": "rejected",
    "service configuration error": "rejected",
    "system error": "rejected",
}
UNDER_WAY = (
    "waiting",
    "waiting_on_io",
    "warning",
    "interrupted",
    "interrupted (auto)",
    "interrupted_man",
    "wfe halted",
)
SUCCESS = "success"


def read(api: Api, receipt: Receipt) -> RemoteState | None:
    """The state of the message `receipt.remote_id`; None if the installation knows nothing of it."""
    if api.settings.status_source == StatusSource.FILE_GATEWAY:
        return _of_file(api, receipt)
    return _of_process(api, receipt)


def _of_file(api: Api, receipt: Receipt) -> RemoteState | None:
    """By its deliveries; before there are any by its routes, else by the arrived file."""
    files = [row for row in api.rows("fgarrivedfiles", messageId=receipt.remote_id) if _is_ours(row, receipt)]
    if not files:
        return None
    flow = _said(files[-1], "dataFlowId")
    routes = api.rows("fgroutes", dataFlowId=flow) if flow else []
    deliveries = api.rows("fgdeliveries", dataFlowId=flow) if flow else []
    found = {
        "arrived file": [_said(files[-1], "arrivedFileState")],
        "route": [_said(row, "state") for row in routes if _said(row, "dataFlowId") in ("", flow)],
        "delivery": [_said(row, "state") for row in deliveries if _said(row, "dataFlowId") in ("", flow)],
    }
    words = {what: sorted({word for word in said if word}) for what, said in found.items()}
    shown = "; ".join(f"{what} {', '.join(said)}" for what, said in words.items() if said)
    known = api.settings.states
    decisive = words["delivery"] or words["route"] or words["arrived file"]
    meaning = _worst(known.get(word.casefold(), "") for word in decisive)
    if any(known.get(word.casefold()) == "rejected" for said in words.values() for word in said):
        meaning = "rejected"
    elif replies.count(files[-1].get("routesRemain")):
        meaning = ""
    unknown = [word for word in decisive if word.casefold() not in known]
    return RemoteState(words=shown, meaning=meaning, unknown=unknown, detail={"data_flow": flow})


def _of_process(api: Api, receipt: Receipt) -> RemoteState | None:
    """By the steps of the process that the document belongs to.

    A process that is still running may have nothing but successful steps so far: it has succeeded when it says
    so twice, with as many steps.
    """
    number = _process_of(api, receipt)
    steps = _steps(api, number) if number else []
    if not steps:
        return None
    known = {**STEP_STATES, **api.settings.states}
    states = [_said(step, "exeState") or "?" for step in steps]
    trouble = [state for state in states if state.casefold() != SUCCESS]
    if not trouble:
        words = f"Success in {len(steps)} steps"
        settled = receipt.detail.get("said") == words
        return RemoteState(words=words, meaning=known[SUCCESS] if settled else "", detail={"process": number})
    refused = [state for state in trouble if known.get(state.casefold()) == "rejected"]
    state = (refused or trouble)[-1]
    unknown = [] if state.casefold() in known or state.casefold() in UNDER_WAY else [state]
    meaning = known.get(state.casefold(), "")
    return RemoteState(
        words=f"{state} in step {states.index(state) + 1} of {len(steps)}",
        meaning="" if meaning == "waiting" else meaning,
        unknown=unknown,
        detail={"process": number},
    )


def _process_of(api: Api, receipt: Receipt) -> str:
    """The number of the process that the message's document belongs to; "" if it has none (any more)."""
    document = str(receipt.detail.get("document_id") or "")
    if not document:
        document = str((api.message(receipt.remote_id) or {}).get("documentId") or "")
    rows = api.rows("documents", documentId=document) if document else []
    found = [row for row in rows if _said(row, "documentId") in ("", document)]
    return _said(found[0], "workflowId") if found else ""


def _steps(api: Api, number: str) -> list[Row]:
    """All steps in their order; they come in one answer, whatever range is asked for."""
    params = {"workFlowId": number, "fieldList": "Full", "_range": "0-999"}
    try:
        rows = api.call("GET", "workflowmonitors", params=params).json()
    except Refused as refused:
        if refused.status == 404 or replies.says_nothing_found(refused.text):
            return []
        raise
    steps = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return sorted(steps, key=lambda row: replies.count(row.get("stepId")))


def _is_ours(row: Row, receipt: Receipt) -> bool:
    """The filter may be one that an older release does not know."""
    if message := _said(row, "messageId"):
        return message == receipt.remote_id
    return _said(row, "fileName") == receipt.name


def _worst(meanings: Iterable[str]) -> str:
    """What several states amount to together: under way while one of them is."""
    said = set(meanings)
    if not said or said & {"", "waiting"}:
        return ""
    return next(one for one in ("rejected", "accepted_with_errors", "accepted") if one in said)


def _said(row: Row, name: str) -> str:
    value: Any = row.get(name)
    if isinstance(value, dict):
        value = value.get("display", value.get("code"))
    return "" if value is None else str(value).strip()[:80]
