"""Echo: what a partner's document became in FreshBooks must not travel back to where it came from.

A supplier's invoice that was booked as a bill is a bill like any other when FreshBooks is read next; sent along
a route for bills it would order the goods once more. Vendors and customers are kept in step in both directions: of
them only what the partner itself has said is an echo, and what somebody changed in FreshBooks is news.
"""

from dataclasses import replace
from typing import Any

from django.db.models import Q

from audit.models import Delivery
from audit.states import Transfer
from connections.models import Route
from connections.pipeline.inbound.booking import document_of
from connections.pipeline.inbound.parties import written
from mappings.canonical import Customer, Document, Vendor
from mappings.freshbooks import BridgeError, from_customer, from_vendor

UNFINISHED = (Transfer.SENDING, Transfer.WAITING, Transfer.IN_DOUBT)


def origin_of(route: Route, kind: str, source_id: str, number: str) -> Delivery | None:
    """The last delivery to FreshBooks that made or changed the record, if it came from the route's target.

    While its outcome is unknown its number has to do: the record may be read before its id is. A ship notice drafted
    from the bill is no echo: it answers the order that the bill was made of.
    """
    if route.as_ship_notice:
        return None
    made = Q(remote_id=source_id)
    if number:
        made |= Q(number=number, transfer__in=UNFINISHED)
    booked = Delivery.unscoped.filter(
        made, target=route.source_id, kind=kind, arrived__isnull=False, route__source=route.target_id
    )
    return booked.select_related("partner").first()


def as_known_there(document: Document, origin: Delivery) -> Document:
    """A client has no number of the partner's in FreshBooks: it goes back under the one that it came with."""
    return replace(document, number=origin.number) if isinstance(document, Customer) else document


def is_echo(origin: Delivery, document: Document, before: Delivery | None) -> bool:
    """Whether `document` says nothing but what came from the partner.

    `before` is what we knew of the record last: of what has changed since, each value is the partner's own.
    """
    if not isinstance(document, (Vendor, Customer)) or origin.transfer in UNFINISHED:
        return True
    said, theirs = _values(document), written(origin)
    known = _values(document_of(before)) if before and before.canonical else None
    looked_at = theirs if known is None else {f for f in {*said, *known} if said.get(f) != known.get(f)}
    return all(str(said.get(field, "")) == str(theirs.get(field, "")) for field in looked_at)


def _values(document: Document) -> dict[str, Any]:
    """What FreshBooks would be told of a vendor or customer."""
    try:
        if isinstance(document, Vendor):
            return from_vendor(document)
        return from_customer(document) if isinstance(document, Customer) else {}
    except BridgeError:
        return {}
