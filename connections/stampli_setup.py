"""Setting Stampli up: what a connection needs so that bills, vendors and bill payments can flow to it.

Everything it makes is a thing that people can edit: Stampli as a partner, a layout for each kind of file, and a
route for each, switched off. What is there already is left as it is, so it can be done again.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from connections.models import Connection, DocumentKind, OnUpdate, Route
from connections.systems.stampli.settings import Settings
from mappings.models import DeliveryPlace, FileLayout, TradingPartner
from mappings.stampli_files import template


@dataclass(frozen=True, slots=True)
class Flow:
    """One kind of document: its route's kind and name, its layout's kind, and what a change of a sent one asks for.

    A second row of a bill would be a second invoice at Stampli, so a changed one waits for a person.
    """

    kind: str
    layout_kind: str
    file: str
    name: str
    on_update: str


FLOWS = (
    Flow(DocumentKind.VENDOR, "vendor", "vendor", "Vendors", OnUpdate.REPLACE),
    Flow(DocumentKind.BILL, "bill", "invoice", "Bills", OnUpdate.HOLD),
    Flow(DocumentKind.BILL_PAYMENT, "payment", "payment", "Bill payments", OnUpdate.HOLD),
)


@transaction.atomic
def set_up(
    connection: Connection, books: Connection, *, starts_at: datetime, every_minutes: int, file_format: str
) -> list[Route]:
    """The routes from `books` to `connection`, made where there are none; files at once or every so many minutes.

    Collected documents go in one file of each kind. `file_format` is csv or xml.
    """
    partner = _partner(connection)
    routes = []
    for flow in FLOWS:
        rows = Route.objects.for_tenant(connection.tenant)
        route = rows.filter(source=books, target=connection, kind=flow.kind).first()
        routes.append(
            route or _route(flow, connection, books, partner, starts_at, every_minutes, file_format)
        )
    return routes


def _partner(connection: Connection) -> TradingPartner:
    """Stampli itself: all documents go to it, whoever their vendor is."""
    places = DeliveryPlace.objects.for_tenant(connection.tenant).filter(connection=connection)
    place = places.select_related("partner__tenant").order_by("pk").first()
    if place:
        return place.partner
    rows = TradingPartner.objects.for_tenant(connection.tenant)
    partner = rows.filter(code=connection.key).first() or TradingPartner(
        tenant=connection.tenant, code=connection.key, name=connection.name, acknowledges=""
    )
    partner.full_clean()
    partner.save()
    folder = Settings.of(connection.settings).outbound_folder
    DeliveryPlace.objects.create(
        tenant=connection.tenant, partner=partner, connection=connection, outbound=folder
    )
    return partner


def _route(
    flow: Flow,
    connection: Connection,
    books: Connection,
    partner: TradingPartner,
    starts_at: datetime,
    every_minutes: int,
    file_format: str,
) -> Route:
    company = Settings.of(connection.settings).company_id
    route = Route(
        tenant=connection.tenant,
        key=_free_route_key(connection, f"{connection.key}-{flow.file}s"),
        name=f"{flow.name} to {connection.name}"[:80],
        kind=flow.kind,
        source=books,
        target=connection,
        format=file_format,
        layout=_layout(flow, connection, partner, file_format),
        partner=partner,
        starts_at=starts_at,
        on_update=flow.on_update,
        every_minutes=every_minutes,
        batch=every_minutes > 0,
        file_name=f"{flow.file}_{company}_{{date}}T{{time}}_{{sequence}}",
    )
    route.full_clean()
    route.save()
    return route


def _layout(flow: Flow, connection: Connection, partner: TradingPartner, file_format: str) -> FileLayout:
    key = f"{connection.key}-{flow.file}s-{file_format}"[:40]
    found = FileLayout.objects.for_tenant(connection.tenant).filter(key=key).first()
    if found:
        return found
    layout = FileLayout(
        tenant=connection.tenant, key=key, name=f"{flow.name} for {connection.name}"[:80], partner=partner
    )
    layout.save_version(template(flow.layout_kind, file_format))
    return layout


def _free_route_key(connection: Connection, wanted: str) -> str:
    wanted = wanted[:36]
    taken = set(Route.objects.for_tenant(connection.tenant).values_list("key", flat=True))
    return next(key for key in [wanted, *(f"{wanted}-{n}" for n in range(2, 999))] if key not in taken)
