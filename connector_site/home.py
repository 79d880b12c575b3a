"""What an organisation's home page says: does everything flow, what waits for a person, what is to be set up."""

from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet
from django.utils import timezone

from audit.models import Delivery, Notice
from audit.standing import STANDINGS, TROUBLES
from connections.models import Connection, ConnectionState, Heartbeat, Poll, Route, SystemKind
from connections.overview import WORK_LATE, WORKER_QUIET
from connections.pipeline.claim import due_everywhere
from mappings.models import TradingPartner
from tenants.models import Tenant

# Beyond that a count says "and more"; nobody reads on, and counting goes row by row.
COUNTED_AT_MOST = 1000
NOTICES_SHOWN = 20
DOCUMENTS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Trouble:
    """How many documents wait for a person because they stand so."""

    standing: str
    label: str
    count: int

    @property
    def words(self) -> str:
        return f"{self.count - 1}+" if self.count > COUNTED_AT_MOST else str(self.count)


def troubles(tenant: Tenant) -> list[Trouble]:
    """The kinds of trouble that there are, worst first; each count walks through the trouble alone."""
    found = []
    for standing in TROUBLES:
        label, condition = STANDINGS[standing]
        rows = Delivery.objects.for_tenant(tenant).filter(condition).order_by()
        if count := rows[: COUNTED_AT_MOST + 1].count():
            found.append(Trouble(standing, label, count))
    return found


def open_notices(tenant: Tenant) -> QuerySet[Notice]:
    rows: QuerySet[Notice] = Notice.objects.for_tenant(tenant).filter(closed_at__isnull=True)
    return rows.order_by("-id")[:NOTICES_SHOWN]


def last_documents(tenant: Tenant) -> QuerySet[Delivery]:
    rows: QuerySet[Delivery] = Delivery.objects.for_tenant(tenant).defer("progress")
    return rows.select_related("tenant", "partner", "route").order_by("-id")[:DOCUMENTS_SHOWN]


def connections_in_trouble(tenant: Tenant) -> QuerySet[Connection]:
    """Those that a person must put right, and those that rest after failures."""
    rows: QuerySet[Connection] = Connection.objects.for_tenant(tenant).defer("credentials")
    stopped = Q(state__in=[ConnectionState.NEEDS_SIGN_IN, ConnectionState.MISCONFIGURED])
    resting = Q(state=ConnectionState.ACTIVE, paused_until__gt=timezone.now())
    return rows.filter(stopped | resting).select_related("tenant").order_by("name")


def nothing_moves(tenant: Tenant) -> bool:
    """The workers give no sign of life, or leave the tenant's due work undone: our fault, not theirs."""
    now = timezone.now()
    if not Heartbeat.objects.filter(beat_at__gt=now - WORKER_QUIET).exists():
        return True
    late = now - WORK_LATE
    polls = Poll.objects.filter(Connection.working(now, "connection__"), next_at__lte=late)
    return polls.filter(connection__tenant=tenant).exists() or any(
        due_everywhere()
        .filter(STANDINGS[standing][1], Connection.working(now, "target__"))
        .filter(tenant=tenant, next_attempt_at__lte=late)
        .exists()
        for standing in ("ready", "waiting")
    )


@dataclass(frozen=True, slots=True)
class Step:
    """One step of setting up. `page` is the URL name of where it is done, `action` the words of its button."""

    title: str
    text: str
    page: str
    action: str
    is_done: bool
    is_next: bool = False


def set_up(tenant: Tenant) -> list[Step]:
    """The way from sign-up to live; empty once it has been walked."""
    if Delivery.objects.for_tenant(tenant).exists():
        return []
    connected = Connection.objects.for_tenant(tenant).exclude(state=ConnectionState.SETTING_UP)
    partners = TradingPartner.objects.for_tenant(tenant)
    steps = [
        Step(
            "Connect FreshBooks",
            "Sign in there as somebody who may see your invoices and clients.",
            "connections",
            "Go to the connections",
            connected.filter(system=SystemKind.FRESHBOOKS).exists(),
        ),
        Step(
            "Connect your trading partners' system",
            "Enter what they gave you, and see the connection test pass.",
            "connections",
            "Go to the connections",
            connected.exclude(system=SystemKind.FRESHBOOKS).exists(),
        ),
        Step(
            "Add a partner",
            "Say how you are known to each other, where its documents are put, and which FreshBooks client "
            "it is.",
            "partners",
            "Go to the partners",
            partners.filter(places__isnull=False, links__isnull=False).exists(),
        ),
        Step(
            "Switch on a route",
            "Look at an invoice as it would be sent. Then switch it on.",
            "routes",
            "Go to the routes",
            Route.objects.for_tenant(tenant).filter(is_on=True).exists(),
        ),
    ]
    upcoming = next((step for step in steps if not step.is_done), None)
    return [replace(step, is_next=step is upcoming) for step in steps] if upcoming else []
