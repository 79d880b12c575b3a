"""Owed: the acknowledgements of what came in, each its own delivery to the partner's place, sent once."""

from collections.abc import Iterator

from django.utils import timezone

from audit.models import Arrival, Delivery, Payload
from connections.models import DocumentKind, Route
from connections.pipeline.naming import name_at
from connections.systems.base import NameParts
from mappings import answering
from mappings.answering import Owed
from mappings.models import DeliveryPlace
from mappings.names import safe_name
from mappings.senders import Senders
from mappings.translation import Missing


def owe(arrival: Arrival) -> Iterator[Delivery]:
    """Make the deliveries of the answers that are owed and were not made before; each has to be prepared."""
    for answer in _owed(arrival):
        route = _route(arrival)
        key = {"route": route, "source_id": f"{arrival.public_id}-{answer.number}"}
        if route.is_on and not Delivery.unscoped.filter(**key).exists():
            yield Delivery.unscoped.create(
                **key,
                tenant=arrival.tenant,
                target=arrival.connection,
                partner=answer.partner,
                arrival=arrival,
                kind=DocumentKind.ACKNOWLEDGEMENT,
                fingerprint=arrival.sha256,
                number=answer.control_number[:60],
                party_name=str(answer.partner),
                next_attempt_at=timezone.now(),
            )


def make(delivery: Delivery) -> None:
    """Set the interchange of an answer; does not save. Raises `Missing`."""
    arrival = delivery.arrival
    assert arrival is not None  # noqa: S101 - an answer has what it answers
    if Payload.is_removed(arrival.payload_id):
        raise Missing("bytes_gone", "what it answers was removed by your retention.", "Dismiss it.")
    number = delivery.source_id.rpartition("-")[2]
    answer = next((one for one in _owed(arrival) if str(one.number) == number), None)
    if answer is None:
        raise Missing(
            "not_owed",
            f"{delivery.partner} wants no acknowledgements any more.",
            "Dismiss it, or set it again.",
        )
    places = DeliveryPlace.objects.for_tenant(delivery.tenant)
    place = places.filter(partner=answer.partner, connection=delivery.target_id).first()
    if place is None:
        raise Missing(
            "no_place",
            f"{answer.partner} has no delivery place on {delivery.target}.",
            "Add the mailbox or folder to the partner; the acknowledgement then goes by itself.",
        )
    written = answering.write(answer, timezone.now())
    forms = sorted({one.form for one in answer.answers})
    delivery.place = place.outbound
    delivery.sender, delivery.receiver = answer.sender[:40], answer.receiver[:40]
    delivery.interchange_control = written.control_number
    parts = NameParts(
        type="-".join(forms),
        kind="-".join(forms),
        partner=safe_name(answer.partner.code),
        number=safe_name(written.control_number),
        revision=delivery.revision,
        replays=delivery.replays,
        id=delivery.public_id,
        at=timezone.now(),
        extension=written.extension,
    )
    delivery.interchange_name = name_at(delivery.target, parts)
    delivery.interchange = Payload.store(
        tenant_id=delivery.tenant_id,
        content=written.content,
        media_type=written.media_type,
        file_name=delivery.interchange_name,
    )


def _owed(arrival: Arrival) -> Iterator[Owed]:
    senders = Senders(arrival.tenant, arrival.connection_id, arrival.place)
    return answering.owed(arrival.payload.open(), arrival.format, senders)


def _route(arrival: Arrival) -> Route:
    """The route of all answers over this connection; people see it, and may switch it off."""
    connection = arrival.connection
    made, _ = Route.unscoped.get_or_create(
        tenant=arrival.tenant,
        kind=DocumentKind.ACKNOWLEDGEMENT,
        source=connection,
        target=connection,
        defaults={
            "key": f"acknowledgements-{connection.key}"[:40],
            "name": f"Acknowledgements to {connection}"[:80],
            "is_on": True,
        },
    )
    return made
