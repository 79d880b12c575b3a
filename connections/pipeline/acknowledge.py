"""Acknowledge: match an answer to the delivery it answers, and set what it says.

X12: a 997 or 999 names our group (GS01, GS06) and its sets (ST02), a TA1 our interchange (ISA13). EDIFACT: a CONTRL
names our interchange (UNB 0020) and its messages (UNH 0062). The answer's sender is our receiver and the other way
round.
"""

from django.utils import timezone

from audit.models import Arrival, Delivery
from audit.models.deliveries import AttemptOutcome
from audit.services import close_notice, lock, mark_delivered, may_be_there, notify, record
from audit.states import ACKNOWLEDGEMENT_STEPS, Acknowledgement, Transfer
from mappings.canonical import Acknowledgement as Answer
from mappings.canonical import Reason
from mappings.translation import ACKNOWLEDGED_KINDS
from tenants.redaction import redact

# Waiting and in doubt: if the last attempt left it open.
MAY_BE_THERE = (Transfer.DELIVERED, Transfer.SENDING, Transfer.WAITING, Transfer.IN_DOUBT)

STATES = {
    "accepted": Acknowledgement.ACCEPTED,
    "accepted_with_errors": Acknowledgement.ACCEPTED_WITH_ERRORS,
    "rejected": Acknowledgement.REJECTED,
}


def acknowledge(arrival: Arrival, answer: Answer) -> str:
    """Apply one answer inside the caller's transaction; returns a sentence for the arrival's timeline."""
    answered = _answered(arrival, answer)
    if not answered:
        return f"It answers {answer.level} {answer.control_number}, which we did not send."
    return " ".join(_apply(arrival, answer, delivery) for delivery in answered)


def _apply(arrival: Arrival, answer: Answer, delivery: Delivery) -> str:
    delivery = lock(delivery)
    prove_delivered(delivery)
    status, reasons = verdict(answer, delivery.message_control)
    text = _sentence(answer, status, reasons)
    before = delivery.acknowledgement
    state = STATES.get(status)
    if state and _counts(answer, state, delivery):
        delivery.acknowledge(state, timezone.now())
        if state != Acknowledgement.ACCEPTED:
            delivery.reason_code = "acknowledgement"
            delivery.reason = redact("; ".join(map(explain, reasons))) or "no reason is given."
            delivery.remedy = "Correct it and replay it." if state == Acknowledgement.REJECTED else ""
        delivery.save()
        _tell(delivery, state)
    record(
        delivery,
        "acknowledgement",
        text,
        data={
            "status": status,
            "before": before,
            "arrival": arrival.public_id,
            "form": answer.form,
            "reasons": [_row(reason) for reason in reasons],
        },
        payload=arrival.payload,
    )
    return f"It answers {delivery}: {status.replace('_', ' ')}."


def prove_delivered(delivery: Delivery) -> None:
    """Nobody answers what has not arrived: an answer ends the doubt, and may be quicker than our receipt."""
    if delivery.is_delivered:
        return
    now = timezone.now()
    mark_delivered(delivery, remote_id=delivery.remote_id, at=now)
    delivery.save()
    under_way = delivery.attempts.filter(outcome=AttemptOutcome.RUNNING)
    under_way.update(outcome=AttemptOutcome.FOUND, finished_at=now, text="The partner has answered it.")
    record(delivery, "delivered", "The partner has it: it has answered.")
    close_notice(tenant_id=delivery.tenant_id, key=f"delivery-{delivery.pk}")


def _answered(arrival: Arrival, answer: Answer) -> list[Delivery]:
    """The deliveries of the interchange that the answer is about; of the latest, should a control number have come
    round again.
    """
    sent = Delivery.objects.for_tenant(arrival.tenant).filter(
        receiver=answer.sender, sender=answer.receiver, transfer__in=MAY_BE_THERE
    )
    number = answer.control_number.lstrip("0")
    if answer.level == "interchange":
        sent = sent.filter(interchange_control=number)
    else:
        sent = sent.filter(group_control=number, kind__in=ACKNOWLEDGED_KINDS.get(answer.document_type, []))
    latest = next((one for one in sent.order_by("-id")[:10] if one.is_delivered or may_be_there(one)), None)
    return list(sent.filter(interchange=latest.interchange_id).order_by("id")) if latest else []


def verdict(answer: Answer, message_control: str) -> tuple[str, tuple[Reason, ...]]:
    """What the answer says of our message: its own status, else the group's where that settles it.

    A partly accepted group says nothing of a message that it does not list: "unknown". A CONTRL that acknowledges an
    interchange acknowledges every message that it does not name as rejected (code 7 of UN/EDIFACT's list 0083).
    """
    for part in answer.parts:
        same = part.control_number == message_control
        if same or part.control_number.lstrip("0") == message_control.lstrip("0"):
            return part.status, part.reasons or answer.reasons
    if answer.status == "partial":
        return ("accepted", ()) if answer.form == "contrl" else ("unknown", answer.reasons)
    return answer.status, answer.reasons


def _counts(answer: Answer, state: str, delivery: Delivery) -> bool:
    """A TA1 that accepts says nothing of the content; and the first rejection stays."""
    if answer.form == "ta1" and state != Acknowledgement.REJECTED:
        return False
    return state in ACKNOWLEDGEMENT_STEPS[delivery.acknowledgement]


def _row(reason: Reason) -> dict[str, str]:
    """One reason as pages show it in a table: where, what, by which code, and the value that was refused."""
    named = reason.segment or reason.position
    where = f"segment {reason.position or ''} {reason.segment}".strip().replace("  ", " ") if named else ""
    if reason.element:
        where += f", element {reason.element}"
    said = reason.message or f"code {reason.code}"
    return {"where": where, "said": said, "code": reason.code, "value": reason.value}


def explain(reason: Reason) -> str:
    """One reason as a person reads it in a sentence."""
    row = _row(reason)
    value = f" (“{row['value']}”)" if row["value"] else ""
    return ": ".join(filter(None, [row["where"], f"{row['said']}{value}"]))


def _sentence(answer: Answer, status: str, reasons: tuple[Reason, ...]) -> str:
    said = f"The partner's {answer.form.upper()} says: {status.replace('_', ' ')}"
    return f"{said}: {'; '.join(map(explain, reasons))}" if reasons else f"{said}."


def _tell(delivery: Delivery, state: str) -> None:
    close_notice(tenant_id=delivery.tenant_id, key=f"overdue-{delivery.pk}")
    if state == Acknowledgement.REJECTED:
        notify(
            tenant=delivery.tenant,
            key=f"rejected-{delivery.pk}",
            title=f"{delivery.partner} rejected {delivery}",
            text=f"{delivery.reason} {delivery.remedy}",
            url=delivery.get_absolute_url(),
        )
