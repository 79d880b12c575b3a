"""Echo: what a partner's document became in FreshBooks must not travel back to where it came from.

A supplier's invoice that was booked as a bill is a bill like any other when FreshBooks is read next; sent along
a route for bills it would order the goods once more.
"""

from django.db.models import Q

from audit.models import Delivery
from audit.states import Transfer
from connections.models import Route

UNFINISHED = (Transfer.SENDING, Transfer.WAITING, Transfer.IN_DOUBT)


def origin_of(delivery: Delivery, route: Route) -> Delivery | None:
    """The delivery to FreshBooks that made the record of `delivery`, if it came from the route's target.

    While its outcome is unknown its number has to do: the record may be read before its id is. A ship notice drafted
    from the bill is no echo: it answers the order that the bill was made of.
    """
    if route.as_ship_notice:
        return None
    made = Q(remote_id=delivery.source_id)
    if delivery.number:
        made |= Q(number=delivery.number, transfer__in=UNFINISHED)
    booked = Delivery.unscoped.filter(
        made, target=route.source_id, kind=delivery.kind, arrived__isnull=False, route__source=route.target_id
    )
    return booked.select_related("partner").first()
