"""Reversing: FreshBooks cannot change a journal entry, so it is booked once more with the sides exchanged."""

from dataclasses import replace

from django.db import transaction
from django.utils import timezone

from audit.models import Delivery, Payload
from audit.services import lock, record
from connections.pipeline.inbound.booking import document_of
from connections.pipeline.inbound.kinds import JOURNAL_ENTRY, source_id
from connections.pipeline.prepare import prepare
from mappings.canonical import JournalEntry, fingerprint, to_json
from tenants.models import User

PREFIX = "R-"


@transaction.atomic
def reverse(delivery: Delivery, *, actor: User) -> Delivery:
    """The delivery of the opposite entry, dated today; the same one however often it is asked for."""
    delivery = lock(delivery)
    key = {"route": delivery.route, "source_id": source_id(delivery.pk, "reversal")}
    if made := Delivery.unscoped.filter(**key).first():
        return made
    entry = document_of(delivery)
    assert isinstance(entry, JournalEntry)  # noqa: S101 - asked by `Delivery.can_be_reversed`
    opposite = replace(
        entry,
        number=f"{PREFIX}{entry.number}",
        date=timezone.now().astimezone(delivery.tenant.zone).date(),
        description=f"Reversal of {entry.number}",
        lines=tuple(replace(line, debit=line.credit, credit=line.debit) for line in entry.lines),
    )
    made = Delivery.unscoped.create(
        **key,
        tenant=delivery.tenant,
        target=delivery.target,
        partner=delivery.partner,
        arrival=delivery.arrival,
        arrived=delivery.arrived,
        kind=JOURNAL_ENTRY,
        fingerprint=fingerprint(opposite),
        number=opposite.number[:60],
        document_date=opposite.date,
        currency=opposite.currency,
        party_name=delivery.party_name,
        matching={"reverses": delivery.public_id},
        canonical=Payload.store(
            tenant_id=delivery.tenant_id,
            content=to_json(opposite).encode(),
            media_type="application/json",
            file_name=f"{JOURNAL_ENTRY}-{opposite.number}.json",
        ),
    )
    record(delivery, "reversed", f"{actor} reverses it with {made}.", actor=actor)
    record(made, "found", f"It reverses {delivery}, as {actor} wanted.", actor=actor, payload=made.canonical)
    prepare(made)
    return made
