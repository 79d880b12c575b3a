"""Export: a tenant's set-up as the file that `import_config` reads. Secrets leave as `env:NAME` only."""

import re
from datetime import datetime
from typing import Any

import yaml
from django.db import models

from connections.config.fields import CONNECTION, ITEM, PARTNER, ROUTE, default_of
from connections.models import Connection, Route
from mappings.models import (
    BookingMapping,
    DeliveryPlace,
    FileLayout,
    GLMapping,
    ItemMapping,
    PartnerLink,
    TradingPartner,
)
from tenants.models import Tenant


def export_config(tenant: Tenant) -> str:
    """The YAML text. Imported into the same tenant, with its secrets in the environment, it changes nothing."""
    partners = TradingPartner.objects.for_tenant(tenant).order_by("code")
    whole = {
        "tenant": {"slug": tenant.slug, "name": tenant.name, "time_zone": tenant.time_zone},
        "connections": [_connection(row) for row in Connection.objects.for_tenant(tenant).order_by("key")],
        "partners": [_partner(row) for row in partners],
        "layouts": [_layout(row) for row in _layouts(tenant)],
        "gl_mappings": [_gl_mapping(row) for row in _related(GLMapping, tenant, "partner")],
        "bookings": [_booking(row) for row in _related(BookingMapping, tenant, "partner")],
        "items": [_item(row) for row in _related(ItemMapping, tenant, "partner")],
        "routes": [_route(row) for row in Route.objects.for_tenant(tenant).order_by("key")],
    }
    return yaml.safe_dump(whole, sort_keys=False, allow_unicode=True, width=100)


def secret_name(connection: Connection, key: str) -> str:
    """The environment variable that stands for a secret, such as ACME_STERLING_PASSWORD."""
    return re.sub(r"[^A-Z0-9]+", "_", f"{connection.tenant.slug}_{connection.key}_{key}".upper())


def _connection(connection: Connection) -> dict[str, Any]:
    secrets = {key: f"env:{secret_name(connection, key)}" for key in sorted(connection.credentials or {})}
    row = {
        "key": connection.key,
        "system": connection.system,
        **_fields(connection, CONNECTION),
        "settings": connection.settings,
        "credentials": secrets,
    }
    return {key: value for key, value in row.items() if value not in ({}, [])}


def _partner(partner: TradingPartner) -> dict[str, Any]:
    row = {"code": partner.code, **_fields(partner, PARTNER)}
    places = _related(DeliveryPlace, partner.tenant).filter(partner=partner)
    links = _related(PartnerLink, partner.tenant).filter(partner=partner)
    row["places"] = [_place(place) for place in places]
    row["links"] = [{"connection": link.connection.key, link.party_kind: link.party_id} for link in links]
    return {key: value for key, value in row.items() if value != []}


def _place(place: DeliveryPlace) -> dict[str, Any]:
    row = {"connection": place.connection.key, "outbound": place.outbound, "inbound": place.inbound}
    return {key: value for key, value in row.items() if value}


def _layouts(tenant: Tenant) -> models.QuerySet[FileLayout]:
    """Those that have a version: a mere draft is nobody's set-up yet."""
    rows: models.QuerySet[FileLayout] = FileLayout.objects.for_tenant(tenant).filter(latest__gt=0)
    return rows.select_related("partner").defer("sample").order_by("key")


def _layout(layout: FileLayout) -> dict[str, Any]:
    row = {"key": layout.key, "name": layout.name}
    if layout.partner:
        row["partner"] = layout.partner.code
    return {**row, "layout": layout.version.data}


def _gl_mapping(mapping: GLMapping) -> dict[str, Any]:
    row = {"connection": mapping.connection.key, mapping.source_kind: mapping.source_key}
    if mapping.partner:
        row["partner"] = mapping.partner.code
    return {**row, "segment": mapping.segment}


def _booking(mapping: BookingMapping) -> dict[str, Any]:
    row = {"connection": mapping.connection.key, mapping.kind: mapping.source_key}
    if mapping.partner:
        row["partner"] = mapping.partner.code
    target = {"id": mapping.target_id, "name": mapping.target_name}
    return {**row, **{key: value for key, value in target.items() if value}}


def _item(mapping: ItemMapping) -> dict[str, Any]:
    key = {"connection": mapping.connection.key, "partner": mapping.partner.code}
    return {**key, "buyer_item": mapping.buyer_item, **_fields(mapping, ITEM)}


def _route(route: Route) -> dict[str, Any]:
    row = {"key": route.key, "source": route.source.key, "target": route.target.key, **_fields(route, ROUTE)}
    if route.partner:
        row["partner"] = route.partner.code
    if route.layout:
        row["layout"] = route.layout.key
    return row


def _related(model: Any, tenant: Tenant, *more: str) -> models.QuerySet[Any]:
    return model.objects.for_tenant(tenant).select_related("connection", *more).order_by("id")


def _fields(row: models.Model, names: tuple[str, ...]) -> dict[str, Any]:
    """The fields that differ from their defaults; a default that is a moment differs always."""
    values = {name: getattr(row, name) for name in names}
    return {
        name: value
        for name, value in values.items()
        if isinstance(value, datetime) or value != default_of(type(row), name)
    }
