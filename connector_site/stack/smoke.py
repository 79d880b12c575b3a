"""The smoke run: 25 invoices through the whole stack, each with the end that it should come to."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from audit.models import Delivery
from connector_site.stack.running import RunningStack

ACME, BLUEBELL, CANYON, DELTA, EVERGREEN, FOXGLOVE = 55001, 55002, 55003, 55004, 55005, 55006
LINKED = (ACME, BLUEBELL, CANYON, DELTA, EVERGREEN)
PATIENCE = 45.0
# What is looked at; the auditors' copies come a minute later.
ROUTES = ("invoices-to-sterling", "invoices-to-files")

ACCEPTED = "accepted"
DELIVERED = "delivered"
HELD = "held"
REJECTED = "rejected"

LOST_REPLY = "reply lost after the upload"


@dataclass
class Case:
    """One invoice: how it is booked, and how it should end on the way to Sterling and to the files."""

    what: str
    client: int
    sterling: str = ACCEPTED
    files: str = ACCEPTED
    notify: bool = True
    duplicates: int = 0
    number: str = ""
    invoice_id: str = ""
    ended: dict[str, str] = field(default_factory=dict)
    found: str = ""
    complaint: str = ""

    @property
    def is_right(self) -> bool:
        return (
            self.ended == dict(zip(ROUTES, (self.sterling, self.files), strict=True)) and not self.complaint
        )


def cases() -> list[Case]:
    """25 of them."""
    return [
        Case(LOST_REPLY, EVERGREEN),
        *(Case("by webhook", LINKED[number % 5]) for number in range(14)),
        *(Case("found by polling only", LINKED[number % 5], notify=False) for number in range(7)),
        Case("webhook sent three times", ACME, duplicates=2),
        Case("unmapped client", FOXGLOVE, sterling=HELD, files=HELD),
        Case("refused by the partner", DELTA, sterling=REJECTED),
    ]


def run(stack: RunningStack, say: Callable[[str], None]) -> bool:
    """Book, wait, look; prints the table and returns whether every invoice ended as it should."""
    began = time.monotonic()
    wait_for_webhooks(stack)
    booked = cases()
    for case in booked:
        _book(stack, case)
    _wait(stack, booked)
    _count_copies(stack, booked)
    _see_how_found(stack, booked)
    say(f"{'invoice':<9}{'what':<30}{'found by':<10}{'Sterling':<12}{'files':<12}")
    for case in booked:
        ends = [case.ended.get(route, "nothing") for route in ROUTES]
        verdict = "ok" if case.is_right else f"WRONG {case.complaint}"
        say(f"{case.number:<9}{case.what:<30}{case.found:<10}{ends[0]:<12}{ends[1]:<12}{verdict}")
    right = sum(case.is_right for case in booked)
    say(f"{right} of {len(booked)} ended as they should, in {time.monotonic() - began:.0f} s.")
    return right == len(booked)


def wait_for_webhooks(stack: RunningStack) -> None:
    """Until FreshBooks has our callbacks and we have answered its handshake."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        callbacks = stack.callbacks
        if callbacks and all(callback.is_verified for callback in callbacks):
            return
        time.sleep(0.2)


def _see_how_found(stack: RunningStack, booked: list[Case]) -> None:
    """Webhooks work if at least one invoice came by one; those that no webhook told of came by a poll."""
    for case in booked:
        ways = stack.ways_found(case.invoice_id)
        case.found = "/".join(sorted(ways))
        if case.what == LOST_REPLY and not _reply_was_lost(stack, case):
            case.complaint = case.complaint or "its reply was not lost"
        if not case.notify and ways != {"poll"}:
            case.complaint = case.complaint or "not found by polling"
    if not any("webhook" in case.found for case in booked):
        booked[0].complaint = "no webhook got through"


def _book(stack: RunningStack, case: Case) -> None:
    sterling = stack.site.sterling_url
    if case.what == LOST_REPLY:
        stack.sandbox(
            "POST",
            f"{sterling}/_sandbox/faults",
            name="reply_lost",
            times=1,
            params={"path": "*/mailboxmessages/*", "method": "POST"},
        )
    options = {"duplicates": case.duplicates} if case.duplicates else {}
    invoice = stack.book_invoice(case.client, notify=case.notify, **options)
    case.number, case.invoice_id = invoice["invoice_number"], str(invoice["id"])
    if case.what == LOST_REPLY:
        _wait_until_its_reply_is_lost(stack, case)
    if case.sterling == REJECTED:
        stack.sandbox("POST", f"{sterling}/_sandbox/partners/delta", verdicts={case.number: "reject"})


def _reply_was_lost(stack: RunningStack, case: Case) -> bool:
    """What became of it was unknown at first, until it was found or the partner answered it."""
    return not {"unknown", "found"}.isdisjoint(stack.attempts(case.invoice_id))


def _wait_until_its_reply_is_lost(stack: RunningStack, case: Case) -> None:
    """Before another invoice is booked, whose upload might take the fault."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up and not _reply_was_lost(stack, case):
        time.sleep(0.2)


def _wait(stack: RunningStack, booked: list[Case]) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        for case in booked:
            rows = stack.deliveries.filter(source_id=case.invoice_id, route__key__in=ROUTES)
            rows = rows.select_related("route")
            case.ended = {delivery.route.key: _end(delivery) for delivery in rows}
        if all(case.is_right for case in booked):
            return
        time.sleep(0.5)


def _end(delivery: Delivery) -> str:
    if delivery.is_held:
        return HELD
    if delivery.is_delivered and delivery.acknowledgement != "none":
        return DELIVERED if delivery.acknowledgement == "waiting" else delivery.acknowledgement
    return delivery.transfer


def _count_copies(stack: RunningStack, booked: list[Case]) -> None:
    """What the partners hold, by their own account: each invoice once, nothing where nothing may be sent."""
    sites = stack.sandbox("GET", f"{stack.site.sterling_url}/_sandbox/partners")["partners"]
    files = stack.sandbox("GET", f"{stack.site.sftp_url}/_sandbox/partner")
    at_sterling = Counter(document["number"] for site in sites for document in site["documents"])
    at_files = Counter(document["number"] for document in files["documents"] if document["kind"] == "810")
    complaints = [complaint["text"] for site in sites for complaint in site["complaints"]]
    for case in booked:
        wanted = 0 if case.sterling == HELD else 1
        for where, copies in (("Sterling", at_sterling[case.number]), ("files", at_files[case.number])):
            if copies != wanted:
                case.complaint = f"{copies} copies at {where}"
    if complaints:
        booked[0].complaint = f"complaints of the partners: {complaints}"
