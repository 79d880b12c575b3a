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

    def by_edifact(self, sender: str, receiver: str) -> TradingPartner | None:
        """The partner with these ends of an interchange, each written `14:4012345000009`; without qualifier `ACME`."""
        return next(
            (
                partner
                for partner in self._partners
                if _written(partner.edifact_receiver_qualifier, partner.their_edifact_id) == sender
                and _written(partner.edifact_sender_qualifier, partner.our_edifact_id) == receiver
            ),
            None,
        )

    def by_rsx(self, sender: str) -> TradingPartner | None:
        """The only partner whom SPS Commerce calls so, else the one whose files lie here."""
        found = [partner for partner in self._partners if sender and partner.rsx_partner_id == sender]
        if sender:
            return found[0] if len(found) == 1 else None
        return self.by_place

    def by_wire(self, format_: str, sender: str, receiver: str) -> TradingPartner | None:
        """The partner with the ids that an arrival in `format_` (x12, edifact, rsx-json ...) gave."""
        if format_ == "x12":
            return self.by_x12(sender, receiver)
        if format_ == "edifact":
            return self.by_edifact(sender, receiver)
        return self.by_rsx(sender)

    @cached_property
    def by_place(self) -> TradingPartner | None:
        """The only partner whose files lie here, for files that do not name their sender."""
        places = DeliveryPlace.objects.for_tenant(self.tenant).filter(connection=self.connection_id)
        own = places.filter(inbound=self.place) if self.place else places.none()
        here = set((own if own.exists() else places.filter(inbound="")).values_list("partner", flat=True))
        return next((one for one in self._partners if {one.pk} == here), None)


def _written(qualifier: str, id_: str) -> str:
    return f"{qualifier}:{id_}" if qualifier else id_
