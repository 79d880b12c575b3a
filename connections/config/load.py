"""Import: bring a tenant's set-up to what a file says. Applying a file twice changes nothing."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from connections.config.fields import CONNECTION, ITEM, PARTNER, ROUTE
from connections.config.reading import ENV_REFERENCE, ConfigError, Section, read_file
from connections.models import Connection, ConnectionState, Route, SystemKind
from connections.systems.registry import REGISTRY
from mappings.models import (
    BookingMapping,
    DeliveryPlace,
    FileLayout,
    GLMapping,
    ItemMapping,
    PartnerLink,
    TradingPartner,
)
from mappings.models.booking import BookingKind
from mappings.models.gl import GLSource
from mappings.models.partners import PartyKind
from tenants.models import Tenant

Done = Counter[str]


def import_config(path: Path) -> tuple[Tenant, Done]:
    """Apply the file in one transaction; returns the tenant and counts by "created", "changed", "unchanged".

    Nothing is deleted. Raises `ConfigError` with every problem, and then nothing was changed.
    """
    root = read_file(path)
    with transaction.atomic():
        tenant, done = _apply(root)
        if root.problems:
            transaction.set_rollback(True)
            raise ConfigError(root.problems)
    return tenant, done


def _apply(root: Section) -> tuple[Tenant, Done]:
    done: Done = Counter()
    tenant = _tenant(root.section("tenant"), done)
    connections = _connections(root, tenant, done)
    partners = _partners(root, tenant, connections, done)
    layouts = {
        section.get("key"): _layout(section, tenant, partners, done) for section in root.sections("layouts")
    }
    for section in root.sections("gl_mappings"):
        _gl_mapping(section, tenant, connections, partners, done)
    for section in root.sections("bookings"):
        _booking(section, tenant, connections, partners, done)
    for section in root.sections("items"):
        _item(section, tenant, connections, partners, done)
    for section in root.sections("routes"):
        _route(section, tenant, {"connections": connections, "partners": partners, "layouts": layouts}, done)
    root.refuse_unknown()
    return tenant, done


def _tenant(section: Section, done: Done) -> Tenant:
    slug = section.required("slug")
    tenant = Tenant.objects.filter(slug=slug).first() or Tenant(slug=slug)
    values = {"name": section.required("name"), "time_zone": section.get("time_zone", "UTC")}
    _save(section, tenant, values, done)
    section.refuse_unknown()
    return tenant


def _connections(root: Section, tenant: Tenant, done: Done) -> dict[str, Connection]:
    made = {}
    for section in root.sections("connections"):
        key, system = section.required("key"), section.required("system")
        if system not in SystemKind.values:
            section.problem("system", f"“{system}” is unknown; known are: {', '.join(SystemKind.values)}")
            continue
        connection = _existing(Connection, tenant, key=key) or Connection(tenant=tenant, key=key)
        connection.system = system
        values = _values(section, CONNECTION)
        _refuse_plain_secrets(section)
        credentials = section.mapping("credentials")
        values["settings"] = _settings(section, connection, credentials)
        if connection.credentials != credentials and (credentials or not connection.pk):
            values["credentials"], values["credentials_set_at"] = credentials, timezone.now()
        if REGISTRY[system].form_class() and not connection.pk:
            values["state"] = ConnectionState.ACTIVE
        _save(section, connection, values, done)
        section.refuse_unknown()
        made[key] = connection
    return made


def _refuse_plain_secrets(section: Section) -> None:
    written = section.raw("credentials") or {}
    for name, value in written.items() if isinstance(written, dict) else ():
        if not (isinstance(value, str) and ENV_REFERENCE.fullmatch(value)):
            section.problem(
                f"credentials.{name}", "a secret is written as env:NAME, never in the file itself"
            )


def _settings(section: Section, connection: Connection, credentials: dict[str, Any]) -> dict[str, Any]:
    """What the file says on top of what is set, as the system's own form would store it."""
    settings = {**connection.settings, **section.mapping("settings")}
    form_class = REGISTRY[connection.system].form_class()
    if form_class is None:
        return settings
    fields = form_class.base_fields
    for name in set(settings) - set(fields):
        section.problem(f"settings.{name}", f"is unknown; known are: {', '.join(fields)}")
    lines = {name: "\n".join(map(str, value)) for name, value in settings.items() if isinstance(value, list)}
    defaults = {name: field.initial for name, field in fields.items()}
    form = form_class(None, {**defaults, **settings, **lines, **credentials})
    secrets = form.secret_names()
    for name in set(secrets) & set(settings):
        section.problem(f"settings.{name}", "is a secret: it belongs under credentials, as env:NAME")
    for name, messages in form.errors.items():
        for message in messages:
            section.problem(f"{'credentials' if name in secrets else 'settings'}.{name}", str(message))
    return {**settings, **{name: value for name, value in form.cleaned_data.items() if name not in secrets}}


def _partners(
    root: Section, tenant: Tenant, connections: dict[str, Connection], done: Done
) -> dict[str, TradingPartner]:
    made = {}
    for section in root.sections("partners"):
        code = section.required("code")
        partner = _existing(TradingPartner, tenant, code=code) or TradingPartner(tenant=tenant, code=code)
        _save(section, partner, _values(section, PARTNER), done)
        for place in section.sections("places"):
            _place(place, partner, connections, done)
        for link in section.sections("links"):
            _link(link, partner, connections, done)
        section.refuse_unknown()
        made[code] = partner
    return made


def _place(section: Section, partner: TradingPartner, connections: dict[str, Connection], done: Done) -> None:
    if connection := _named(section, "connection", connections):
        key = {"partner": partner, "connection": connection}
        place = _existing(DeliveryPlace, partner.tenant, **key) or DeliveryPlace(tenant=partner.tenant, **key)
        values = {"outbound": section.required("outbound"), "inbound": section.get("inbound", "")}
        _save(section, place, values, done)
    section.refuse_unknown()


def _link(section: Section, partner: TradingPartner, connections: dict[str, Connection], done: Done) -> None:
    kind = PartyKind.VENDOR if section.has("vendor") else PartyKind.CLIENT
    party = section.required(str(kind))
    if connection := _named(section, "connection", connections):
        key = {"connection": connection, "party_kind": kind, "party_id": str(party)}
        link = _existing(PartnerLink, partner.tenant, **key) or PartnerLink(tenant=partner.tenant, **key)
        _save(section, link, {"partner": partner}, done)
    section.refuse_unknown()


def _layout(
    section: Section, tenant: Tenant, partners: dict[str, TradingPartner], done: Done
) -> FileLayout | None:
    """A changed layout becomes the next version of the one with its key; None if it could not be saved."""
    key, name, data = section.required("key"), section.required("name"), section.raw("layout")
    section.required("layout")
    partner = _named(section, "partner", partners) if section.has("partner") else None
    section.refuse_unknown()
    if _hangs_on_nothing({"tenant": tenant, "partner": partner}):
        return None
    layout = _existing(FileLayout, tenant, key=key) or FileLayout(tenant=tenant, key=key)
    is_new, before = layout.pk is None, (layout.name, layout.partner, layout.latest)
    layout.name, layout.partner = name, partner
    try:
        layout.save_version(data)
    except ValidationError as error:
        section.take_errors(error)
        return None
    changed = before != (layout.name, layout.partner, layout.latest)
    done["created" if is_new else "changed" if changed else "unchanged"] += 1
    return layout


def _gl_mapping(
    section: Section,
    tenant: Tenant,
    connections: dict[str, Connection],
    partners: dict[str, TradingPartner],
    done: Done,
) -> None:
    kind = GLSource.ACCOUNT if section.has("account") else GLSource.ITEM
    source = str(section.required(str(kind)))
    partner = _named(section, "partner", partners) if section.has("partner") else None
    if connection := _named(section, "connection", connections):
        key = {"connection": connection, "partner": partner, "source_kind": kind, "source_key": source}
        mapping = _existing(GLMapping, tenant, **key) or GLMapping(tenant=tenant, **key)
        _save(section, mapping, {"segment": str(section.required("segment"))}, done)
    section.refuse_unknown()


def _booking(
    section: Section,
    tenant: Tenant,
    connections: dict[str, Connection],
    partners: dict[str, TradingPartner],
    done: Done,
) -> None:
    kind = next((kind for kind in BookingKind.values if section.has(kind)), BookingKind.CATEGORY)
    source = str(section.required(kind) or "")
    partner = _named(section, "partner", partners) if section.has("partner") else None
    target = {"target_id": str(section.get("id", "")), "target_name": str(section.get("name", ""))}
    if connection := _named(section, "connection", connections):
        key = {"connection": connection, "partner": partner, "kind": kind, "source_key": source}
        mapping = _existing(BookingMapping, tenant, **key) or BookingMapping(tenant=tenant, **key)
        _save(section, mapping, target, done)
    section.refuse_unknown()


def _item(
    section: Section,
    tenant: Tenant,
    connections: dict[str, Connection],
    partners: dict[str, TradingPartner],
    done: Done,
) -> None:
    number = str(section.required("buyer_item"))
    section.required("item")
    connection, partner = _named(section, "connection", connections), _named(section, "partner", partners)
    if connection and partner:
        key = {"connection": connection, "partner": partner, "buyer_item": number}
        mapping = _existing(ItemMapping, tenant, **key) or ItemMapping(tenant=tenant, **key)
        _save(section, mapping, {name: str(value) for name, value in _values(section, ITEM).items()}, done)
    section.refuse_unknown()


def _route(section: Section, tenant: Tenant, known: dict[str, dict[str, Any]], done: Done) -> None:
    key, connections = section.required("key"), known["connections"]
    source, target = _named(section, "source", connections), _named(section, "target", connections)
    values = _values(section, ROUTE)
    for name, rows in (("partner", known["partners"]), ("layout", known["layouts"])):
        if section.has(name):
            values[name] = _named(section, name, rows)
    if source and target:
        route = _existing(Route, tenant, key=key) or Route(tenant=tenant, key=key)
        _save(section, route, {**values, "source": source, "target": target}, done)
    section.refuse_unknown()


def _existing(model: Any, tenant: Tenant, **key: Any) -> Any:
    if tenant.pk is None or _hangs_on_nothing(key):
        return None
    return model.objects.for_tenant(tenant).filter(**key).first()


def _hangs_on_nothing(values: dict[str, Any]) -> bool:
    """One of the values is a row that could not be saved; its own problem has been named."""
    return any(isinstance(value, models.Model) and value.pk is None for value in values.values())


def _named(section: Section, key: str, known: dict[str, Any]) -> Any:
    name = section.required(key)
    if name and name not in known:
        section.problem(key, f"there is no “{name}” in this file; it has: {', '.join(known) or 'none'}")
    return known.get(name)


def _values(section: Section, fields: tuple[str, ...]) -> dict[str, Any]:
    return {field: _moment(section.get(field)) for field in fields if section.has(field)}


def _moment(value: Any) -> Any:
    """YAML gives times without a zone; they are UTC."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value


def _save(section: Section, row: models.Model, values: dict[str, Any], done: Done) -> None:
    """Set, check and save `row` if anything changes; a problem is named and the row left alone."""
    parents = {field.name: getattr(row, field.name, None) for field in row._meta.fields if field.is_relation}
    if _hangs_on_nothing({**parents, **values}):
        return
    is_new = row.pk is None
    changed = [name for name, value in values.items() if is_new or getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if not (is_new or changed):
        done["unchanged"] += 1
        return
    try:
        row.full_clean()
    except ValidationError as error:
        section.take_errors(error)
        return
    row.save()
    done["created" if is_new else "changed"] += 1
