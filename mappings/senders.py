"""Who sent it: the trading partner behind an arrival, by its ids on the wire or by the place it lay in."""

from functools import cached_property

from mappings.models import DeliveryPlace, TradingPartner
from tenants.models import Tenant


class Senders:
    """The tenant's partners, as one place of one connection knows them."""

    def __init__(self, tenant: Tenant, connection_id: int, place: str) -> None:
        self.tenant = tenant
        self.connection_id = connection_id
        self.place = place

    @cached_property
    def _partners(self) -> list[TradingPartner]:
        return list(TradingPartner.objects.for_tenant(self.tenant).select_related("tenant").order_by("pk"))

    def by_x12(self, sender: str, receiver: str) -> TradingPartner | None:
        """The partner who calls itself `sender` and us `receiver`, each written `ZZ:ACME`."""
        return next(
            (
                partner
                for partner in self._partners
                if f"{partner.receiver_qualifier}:{partner.receiver_id}" == sender
                and f"{partner.sender_qualifier}:{partner.sender_id}" == receiver
            ),
            None,
        )

    def by_id(self, sender: str) -> TradingPartner | None:
        """The only partner with this id, where a format has no other: EDIFACT's interchange id, RSX's partner id."""
        found = [partner for partner in self._partners if sender and sender in _ids(partner)]
        return found[0] if len(found) == 1 else None

    def by_wire(self, format_: str, sender: str, receiver: str) -> TradingPartner | None:
        """The partner with the ids that an arrival in `format_` (x12, edifact, rsx-json ...) gave."""
        if format_ == "x12":
            return self.by_x12(sender, receiver)
        if format_ == "edifact":
            return self.by_id(sender.rpartition(":")[2])
        return self.by_id(sender) or self.by_place

    @cached_property
    def by_place(self) -> TradingPartner | None:
        """The only partner whose files lie here, for files that do not name their sender."""
        places = DeliveryPlace.objects.for_tenant(self.tenant).filter(connection=self.connection_id)
        own = places.filter(inbound=self.place) if self.place else places.none()
        here = set((own if own.exists() else places.filter(inbound="")).values_list("partner", flat=True))
        return next((one for one in self._partners if {one.pk} == here), None)


def _ids(partner: TradingPartner) -> tuple[str, ...]:
    """How the partner may call itself in EDIFACT and RSX."""
    return partner.receiver_id, partner.edifact_receiver_id, partner.rsx_partner_id
