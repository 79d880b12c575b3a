"""Where deliveries stand, in the words of support, and how many of a tenant's wait for a person.

Each condition names all three answers, so that one index (`delivery_by_standing`) finds its rows in order.
"""

from dataclasses import dataclass, field

from django.db.models import Count, Q

from audit.models import Delivery
from audit.states import Acknowledgement, Document, Transfer
from tenants.models import Tenant


def _not_delivered(document: str, transfer: str) -> Q:
    return Q(document=document, transfer=transfer, acknowledgement=Acknowledgement.NONE)


def _delivered(acknowledgement: str) -> Q:
    return Q(document=Document.VALID, transfer=Transfer.DELIVERED, acknowledgement=acknowledgement)


STANDINGS: dict[str, tuple[str, Q]] = {
    "held": ("Held", _not_delivered(Document.HELD, Transfer.READY)),
    "failed": ("Failed", _not_delivered(Document.VALID, Transfer.FAILED)),
    "in_doubt": ("In doubt", _not_delivered(Document.VALID, Transfer.IN_DOUBT)),
    "rejected": ("Rejected by the partner", _delivered(Acknowledgement.REJECTED)),
    "overdue": ("Acknowledgement overdue", _delivered(Acknowledgement.OVERDUE)),
    "ready": ("Ready", _not_delivered(Document.VALID, Transfer.READY)),
    "sending": ("Being sent", _not_delivered(Document.VALID, Transfer.SENDING)),
    "waiting": ("Waiting to try again", _not_delivered(Document.VALID, Transfer.WAITING)),
    "unanswered": ("Delivered, answer awaited", _delivered(Acknowledgement.WAITING)),
    "delivered": ("Delivered, no answer expected", _delivered(Acknowledgement.NONE)),
    "accepted": ("Accepted", _delivered(Acknowledgement.ACCEPTED)),
    "accepted_with_errors": ("Accepted with errors", _delivered(Acknowledgement.ACCEPTED_WITH_ERRORS)),
    "skipped": ("Skipped", _not_delivered(Document.VALID, Transfer.SKIPPED)),
    "skipped_held": ("Skipped while held", _not_delivered(Document.HELD, Transfer.SKIPPED)),
    "dismissed": ("Dismissed", _not_delivered(Document.VALID, Transfer.DISMISSED)),
    "dismissed_held": ("Dismissed while held", _not_delivered(Document.HELD, Transfer.DISMISSED)),
}

# What waits for a person, worst first.
TROUBLES = ("in_doubt", "failed", "rejected", "held", "overdue")


@dataclass(slots=True)
class Trouble:
    """How many of one tenant's deliveries wait for a person, by standing."""

    tenant: Tenant
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def cells(self) -> list[dict[str, object]]:
        """One per kind of trouble, in their order."""
        return [{"standing": standing, "count": self.counts.get(standing, 0)} for standing in TROUBLES]


def tenants_in_trouble() -> list[Trouble]:
    """Every tenant with a delivery that waits for a person, the most troubled first."""
    by_tenant: dict[int, dict[str, int]] = {}
    for standing in TROUBLES:
        waiting = Delivery.unscoped.filter(STANDINGS[standing][1]).order_by()
        for tenant_id, count in waiting.values_list("tenant").annotate(Count("pk")):
            by_tenant.setdefault(tenant_id, {})[standing] = count
    tenants = Tenant.objects.in_bulk(by_tenant)
    troubles = [Trouble(tenants[pk], counts) for pk, counts in by_tenant.items()]
    return sorted(troubles, key=lambda trouble: (-trouble.total, trouble.tenant.name))
