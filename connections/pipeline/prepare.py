"""Prepare: from a canonical document to the bytes that will be sent, or to a reason why not.

Runs in the transaction that changed the delivery: control numbers, bytes and state belong together.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.text import capfirst

from audit.models import Delivery, Payload
from audit.services import lock, notify, record
from audit.states import Document, Transfer
from connections.models import SystemKind
from connections.pipeline.inbound import booking, owed
from connections.pipeline.orders import order_of
from connections.pipeline.status import as_taken
from connections.systems.base import NameParts, SystemFailure
from connections.systems.registry import open_system
from connections.systems.stampli.settings import NoNumber
from connections.systems.stampli.settings import Settings as StampliSettings
from mappings import translation
from mappings.canonical import Document as CanonicalDocument
from mappings.canonical import from_json
from mappings.message_type import message_type
from mappings.models import DeliveryPlace, PartnerLink, TradingPartner
from mappings.stampli_files import NoNumberError, as_stampli
from mappings.translation import Missing, Order

LOOK_AGAIN = timedelta(minutes=15)
HELD_NOTICE = "held-"
FOR_A_PERSON = ("changed_after_delivery", "unreadable", "changed", "needs_a_person")

log = logging.getLogger(__name__)


@transaction.atomic
def prepare(delivery: Delivery) -> None:
    """Make the interchange of a delivery that has none; what is missing holds it, by name.

    A document that trips us up is held like any other, so that it stops none but itself.
    """
    if booking.needs_look(delivery):
        _wait_for_a_look(delivery)
        return
    try:
        with transaction.atomic():
            if delivery.is_inbound:
                booking.make(delivery)
            elif delivery.arrival_id:
                owed.make(delivery)
            else:
                _make(delivery)
    except Missing as missing:
        hold(delivery, code=missing.code, reason=str(missing), remedy=missing.remedy)
        return
    except DatabaseError:
        raise
    except Exception:
        log.exception("a document could not be translated")
        hold(
            delivery,
            code="translation_failed",
            reason="an error of ours came up while it was translated.",
            remedy="Tell support; it goes by itself once that is mended.",
        )
        return
    now = timezone.now()
    delivery.next_attempt_at = now if delivery.replays else delivery.route.next_slot(now)
    finish(delivery)


def finish(delivery: Delivery) -> None:
    """The interchange is made: it may go."""
    delivery.document = Document.VALID
    delivery.reason_code = delivery.reason = delivery.remedy = ""
    delivery.save()
    record(
        delivery,
        "translated",
        f"Translated for {_reader(delivery)} as {delivery.interchange_name}.",
        data={
            "interchange_control": delivery.interchange_control,
            "group_control": delivery.group_control,
            "message_control": delivery.message_control,
            "freshbooks_id": delivery.freshbooks_id,
        },
        payload=delivery.interchange,
    )
    if delivery.is_dry_run:
        skip(delivery, code="dry_run", reason="the route is in dry run; this is what would have been sent.")


def _reader(delivery: Delivery) -> str:
    return "FreshBooks" if delivery.is_inbound else str(delivery.partner)


def _wait_for_a_look(delivery: Delivery) -> None:
    """FreshBooks is asked by the worker that delivers; what is held stays so until then."""
    now = timezone.now()
    if not delivery.is_held and not delivery.replays:
        now = delivery.route.next_slot(now)
    delivery.next_attempt_at = now
    delivery.save()


def _make(delivery: Delivery) -> None:
    """From the canonical document to the bytes for the partner."""
    partner = _partner(delivery)
    place = _place(delivery, partner)
    _translate(delivery, partner, _document(delivery, partner))
    delivery.place = place.outbound


def hold(delivery: Delivery, *, code: str, reason: str, remedy: str) -> None:
    """Keep it back until what is missing is there; said on the timeline once per reason."""
    is_news = (delivery.document, delivery.reason) != (Document.HELD, reason)
    delivery.document = Document.HELD
    delivery.reason_code, delivery.reason, delivery.remedy = code, reason, remedy
    delivery.next_attempt_at = None if waits_for_a_person(delivery) else timezone.now() + LOOK_AGAIN
    delivery.save()
    if is_news:
        record(delivery, "held", f"Held: {reason} {remedy}".strip(), data={"code": code})
        notify(
            tenant=delivery.tenant,
            key=f"{HELD_NOTICE}{code}",
            title=capfirst(f"{delivery} is held"),
            text=capfirst(f"{reason} {remedy} Others may be held for a like reason; Documents lists them."),
            url=delivery.get_absolute_url(),
        )


def skip(delivery: Delivery, *, code: str, reason: str) -> None:
    """It will not be sent, by rule; a person can still release it."""
    delivery.step(Transfer.SKIPPED)
    delivery.reason_code, delivery.reason, delivery.remedy = code, reason, ""
    delivery.next_attempt_at = None
    delivery.save()
    record(delivery, "skipped", f"Not sent: {reason}", data={"code": code})


def recheck(delivery: Delivery) -> bool:
    """Look again whether what a held delivery missed is there by now; True if it was released."""
    with transaction.atomic():
        delivery = lock(delivery)
        if not (delivery.is_held and delivery.transfer == Transfer.READY) or waits_for_a_person(delivery):
            return False
        prepare(delivery)
        return not delivery.is_held


def recheck_tenant(tenant_id: int) -> int:
    """A mapping was saved: look again at everything that is held; returns how many were released."""
    held = Delivery.unscoped.filter(tenant=tenant_id, document=Document.HELD, transfer=Transfer.READY)
    return recheck_all(held.order_by("id").iterator(chunk_size=200))


def recheck_all(deliveries: Iterable[Delivery]) -> int:
    """`recheck` each, whatever befalls one of them; returns how many were released."""
    released = 0
    for delivery in deliveries:
        try:
            released += recheck(delivery)
        except Exception:
            log.exception("delivery %s could not be looked at again", delivery.public_id)
    return released


def waits_for_a_person(delivery: Delivery) -> bool:
    """No mapping will release it: somebody has to decide, or the record itself has to change."""
    return delivery.reason_code in FOR_A_PERSON and not delivery.is_forced


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


def _translate(delivery: Delivery, partner: TradingPartner, document: CanonicalDocument) -> None:
    made = translation.encode(order(delivery, partner, [document]))
    delivery.interchange_name = _name(delivery, partner, made)
    delivery.sender, delivery.receiver = made.sender, made.receiver
    delivery.interchange_control = made.interchange_control
    delivery.group_control, delivery.message_control = made.numbers[0].group, made.numbers[0].message
    delivery.layout_version = made.layout_version
    delivery.interchange = Payload.store(
        tenant_id=delivery.tenant_id,
        content=as_taken(delivery, partner, made.content),
        media_type=made.media_type,
        file_name=delivery.interchange_name,
    )


def _name(delivery: Delivery, partner: TradingPartner, made: translation.Encoded) -> str:
    """What the interchange is called where it goes; the same for every attempt at it."""
    parts = NameParts(
        type=message_type(made.content) or delivery.kind,
        kind=delivery.kind,
        partner=translation.safe_name(partner.code),
        number=translation.safe_name(delivery.number or delivery.source_id),
        revision=delivery.revision,
        replays=delivery.replays,
        id=delivery.public_id,
        at=timezone.now(),
        extension=made.extension,
    )
    try:
        with open_system(delivery.target) as system:
            return system.name_of(parts)
    except SystemFailure as failure:
        raise Missing("unusable_settings", f"{delivery.target}: {failure}", failure.remedy) from None
