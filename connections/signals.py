"""When the set-up changes: polls are kept in step, and what was held for a missing mapping looks again.

Signals, because set-up is saved from forms, the admin, imports and shells alike. They only ring: the sweep
does the same by itself, later.
"""

from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models.signals import post_delete, post_save

from audit.models import Event
from connections.models import Connection, Route, SystemKind
from connections.pipeline import notes
from connections.pipeline.poll import ensure_polls
from mappings.models import (
    BookingMapping,
    DeliveryPlace,
    GLMapping,
    ItemMapping,
    LayoutVersion,
    PartnerLink,
    TradingPartner,
)
from tenants.doorbell import ring

MAPPINGS: list[type[models.Model]] = [
    TradingPartner,
    PartnerLink,
    DeliveryPlace,
    GLMapping,
    ItemMapping,
    BookingMapping,
]
SET_UP: list[type[models.Model]] = [Connection, Route, DeliveryPlace]
SCHEDULING_FIELDS = {"settings", "poll_seconds", "state"}


def connect() -> None:
    post_save.connect(event_recorded, sender=Event)
    for mapping in MAPPINGS:
        post_save.connect(mapping_saved, sender=mapping)
    post_save.connect(layout_saved, sender=LayoutVersion)
    for part in SET_UP:
        post_save.connect(set_up_changed, sender=part)
        post_delete.connect(set_up_changed, sender=part)


def event_recorded(instance: Event, *, created: bool, **_kwargs: Any) -> None:
    """Whoever records an acknowledgement, the note that it asks for is planned in the same transaction."""
    if created and instance.kind == "acknowledgement":
        notes.plan(instance)


def mapping_saved(instance: models.Model, **_kwargs: Any) -> None:
    tenant_id = instance.tenant_id  # type: ignore[attr-defined]
    ring("connections.tasks.release_held", tenant_id)


def layout_saved(instance: LayoutVersion, **_kwargs: Any) -> None:
    ring("connections.tasks.release_held", instance.layout.tenant_id)


def set_up_changed(instance: Connection | Route | DeliveryPlace, **kwargs: Any) -> None:
    changed = kwargs.get("update_fields")
    if isinstance(instance, Connection):
        concerned = instance.pk
        if changed and not SCHEDULING_FIELDS & set(changed):
            return
    else:
        concerned = instance.source_id if isinstance(instance, Route) else instance.connection_id
    transaction.on_commit(partial(_ensure, concerned))


def _ensure(connection_id: int) -> None:
    connection = Connection.unscoped.select_related("tenant").filter(pk=connection_id).first()
    if connection is None:
        return
    ensure_polls(connection)
    if connection.system != SystemKind.FRESHBOOKS:
        # Whether FreshBooks' own lists are read hangs on whether another system has any.
        books = Connection.unscoped.filter(tenant=connection.tenant_id, system=SystemKind.FRESHBOOKS)
        for one in books.select_related("tenant"):
            ensure_polls(one)
