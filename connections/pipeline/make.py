"""Make: what an interchange is made of, its bytes under their control numbers, and its name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from audit.models import Delivery, Payload
from audit.models.deliveries import new_public_id
from connections.models import SystemKind
from connections.pipeline.naming import name_at
from connections.pipeline.orders import order_of
from connections.pipeline.status import as_taken
from connections.systems.base import NameParts
from connections.systems.stampli.settings import NoNumber
from connections.systems.stampli.settings import Settings as StampliSettings
from mappings import translation
from mappings.canonical import Document as CanonicalDocument
from mappings.canonical import from_json
from mappings.message_type import message_type
from mappings.models import DeliveryPlace, PartnerLink, TradingPartner
from mappings.models.control_numbers import next_file_number
from mappings.names import file_name, safe_name
from mappings.stampli_files import NoNumberError, as_stampli
from mappings.translation import Encoded, Missing, Order


@dataclass(frozen=True, slots=True)
class Ready:
    """A delivery with all that its interchange is made of."""

    delivery: Delivery
    partner: TradingPartner
    place: DeliveryPlace
    document: CanonicalDocument


def ready(delivery: Delivery) -> Ready:
    """Everything that its interchange is made of. Raises `Missing`."""
    partner = _partner(delivery)
    place = _place(delivery, partner)
    return Ready(delivery, partner, place, _document(delivery, partner))


def tried(delivery: Delivery) -> Ready:
    """As `ready`, and it is sure that an interchange can be made of it. No control number is used up."""
    found = ready(delivery)
    with transaction.atomic():
        make([found])
        transaction.set_rollback(True)
    return found


def make(found: Sequence[Ready]) -> Encoded:
    """One interchange of all the documents, which are for one partner along one route. Raises `Missing`."""
    first = found[0]
    return translation.encode(order(first.delivery, first.partner, [one.document for one in found]))


def store(found: Sequence[Ready], made: Encoded) -> None:
    """Keep the interchange, under its name; does not save the deliveries."""
    name, content = _name(found, made), made.content
    for one, numbers in zip(found, made.numbers, strict=True):
        delivery = one.delivery
        delivery.place = one.place.outbound
        delivery.interchange_name, delivery.batch_size = name, len(found)
        delivery.sender, delivery.receiver = made.sender, made.receiver
        delivery.interchange_control = made.interchange_control
        delivery.group_control, delivery.message_control = numbers.group, numbers.message
        delivery.layout_version = made.layout_version
        content = as_taken(delivery, one.partner, made.content)
    payload = Payload.store(
        tenant_id=found[0].delivery.tenant_id,
        content=content,
        media_type=made.media_type,
        file_name=name,
    )
    for one in found:
        one.delivery.interchange = payload


def _name(found: Sequence[Ready], made: Encoded) -> str:
    """What the interchange is called where it goes, by the route or by the system; the same for every attempt."""
    one, now = found[0], timezone.now()
    delivery, template = one.delivery, one.delivery.route.file_name
    parts = NameParts(
        type=message_type(made.content) or delivery.kind,
        kind=delivery.kind,
        partner=safe_name(one.partner.code),
        number=safe_name(delivery.number or delivery.source_id),
        revision=delivery.revision,
        replays=delivery.replays,
        id=new_public_id() if len(found) > 1 else delivery.public_id,
        at=now,
        extension=made.extension,
    )
    if template:
        return _by_template(template, parts, delivery, now.astimezone(delivery.tenant.zone))
    return name_at(delivery.target, parts)


def _by_template(template: str, parts: NameParts, delivery: Delivery, local: datetime) -> str:
    values = {
        "kind": parts.kind,
        "number": parts.number,
        "partner": parts.partner,
        "date": f"{local:%Y%m%d}",
        "time": f"{local:%H%M%S}",
        "id": f"{parts.id}{parts.again}",
    }
    if "{sequence}" in template:
        values["sequence"] = f"{next_file_number(delivery.tenant_id, delivery.target_id):06d}"
    return file_name(template, values, parts.extension)


def _partner(delivery: Delivery) -> TradingPartner:
    if delivery.route.partner:
        delivery.partner = delivery.route.partner
        return delivery.route.partner
    link = (
        PartnerLink.objects.for_tenant(delivery.tenant)
        .filter(
            connection=delivery.route.source_id,
            party_kind=delivery.party_kind,
            party_id=delivery.party_id,
        )
        .select_related("partner__tenant")
        .first()
    )
    if link is None:
        who = delivery.party_name or f"number {delivery.party_id}"
        raise Missing(
            "unmapped_party",
            f"the FreshBooks {delivery.party_kind} {who} is not linked to a trading partner.",
            "Link it under Partners; the document then goes by itself.",
        )
    delivery.partner = link.partner
    return link.partner


def _place(delivery: Delivery, partner: TradingPartner) -> DeliveryPlace:
    places = DeliveryPlace.objects.for_tenant(delivery.tenant)
    place = places.filter(partner=partner, connection=delivery.target_id).first()
    if place is None:
        raise Missing(
            "no_place",
            f"{partner} has no delivery place on {delivery.target}.",
            "Add the mailbox or folder to the partner; the document then goes by itself.",
        )
    return place


def _document(delivery: Delivery, partner: TradingPartner) -> CanonicalDocument:
    if delivery.canonical is None:
        raise Missing("unreadable", delivery.reason, delivery.remedy)
    document = from_json(bytes(delivery.canonical.content).decode())
    return outgoing(document, delivery, partner)


def outgoing(document: CanonicalDocument, delivery: Delivery, partner: TradingPartner) -> CanonicalDocument:
    """The document as it is sent along the delivery's route, with what the partner wants added."""
    route = delivery.route
    document = translation.enrich(document, partner=partner, connection_id=route.source_id)
    document = translation.as_sent(
        document,
        partner=partner,
        wire_format=route.format,
        order=order_of(document, partner) if route.follows_orders else None,
        ship_notice=route.as_ship_notice,
    )
    if delivery.target.system == SystemKind.STAMPLI:
        document = _for_stampli(document, delivery)
    return translation.as_replacement(document) if delivery.is_replacement else document


def _for_stampli(document: CanonicalDocument, delivery: Delivery) -> CanonicalDocument:
    """The document under the ids by which Stampli knows it again."""
    settings = StampliSettings.of(delivery.target.settings)
    try:
        return as_stampli(
            document,
            vendor_id=delivery.party_id,
            bill_id=delivery.pays_id,
            makes_numbers=settings.no_number == NoNumber.MAKE,
        )
    except NoNumberError as error:
        remedy = (
            "Give it one in FreshBooks, or let the connection make one; the document then goes by itself."
        )
        raise Missing("no_number", str(error), remedy) from error


def order(delivery: Delivery, partner: TradingPartner, documents: Sequence[CanonicalDocument]) -> Order:
    """What is to be encoded for the partner, along the delivery's route."""
    settings = delivery.target.settings
    return Order(
        documents=documents,
        partner=partner,
        wire_format=delivery.route.format,
        is_test=delivery.is_test,
        at=timezone.now(),
        layout=delivery.route.layout,
        context={name: value for name, value in settings.items() if isinstance(value, str)},
    )
