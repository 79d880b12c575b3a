"""Finding documents by what a person typed: one index after the other, never the whole table."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import Q

from audit.models import ArrivedDocument, Delivery
from tenants import lookups  # noqa: F401 - makes `__begins` known
from tenants.models import Tenant

FOUND_AT_MOST = 200
SHORTEST_PREFIX = 3
PARTNERS_SEARCHED = 20
PUBLIC_ID = re.compile(r"[0-9a-f]{12}")
# Told from a document number by its decimals: 1,234.50 or $99.00 or 12.50 USD.
AMOUNT = re.compile(r"[A-Z$£€ ]{0,4}(-?\d[\d,]{0,20}\.\d\d)[A-Z$£€ ]{0,4}")


def documents_like(tenant: Tenant, text: str) -> list[int]:
    """The ids of up to `FOUND_AT_MOST` of the tenant's deliveries, found by the whole of a number or its
    beginning, FreshBooks id, control number, amount, or partner; newest first."""
    own = Delivery.objects.for_tenant(tenant).order_by()
    found: set[int] = set()
    for lookup in _by_the_tenants_indexes(tenant, text):
        found.update(own.filter(lookup).values_list("pk", flat=True)[:FOUND_AT_MOST])
    for lookup in _by_other_indexes(text):
        # In two steps, or SQLite would rather walk through all that the tenant has.
        anybodys = Delivery.unscoped.filter(lookup).order_by().values("pk")
        found.update(own.filter(pk__in=anybodys).values_list("pk", flat=True)[:FOUND_AT_MOST])
    for partner in _partners(tenant, text):
        found.update(partner.deliveries.order_by("-pk").values_list("pk", flat=True)[:FOUND_AT_MOST])
    return sorted(found, reverse=True)[:FOUND_AT_MOST]


def _by_the_tenants_indexes(tenant: Tenant, text: str) -> Iterator[Q]:
    """Conditions that, with the tenant, are each served by an index."""
    yield Q(number=text)
    if len(text) >= SHORTEST_PREFIX:
        for written in dict.fromkeys([text, text.upper()]):
            yield Q(number__begins=written)
    yield Q(source_id=text)
    # A remittance by its own number: its payments have those of the invoices.
    arrived = ArrivedDocument.objects.for_tenant(tenant).filter(number=text)
    yield Q(arrived__in=arrived.order_by().values("pk"))


def _by_other_indexes(text: str) -> Iterator[Q]:
    """Conditions that are each served by an index over all tenants."""
    yield Q(remote_id=text)
    if PUBLIC_ID.fullmatch(text.lower()):
        yield Q(public_id=text.lower())
    if text.isascii() and text.isdigit():
        number = text.lstrip("0") or "0"
        yield Q(interchange_control=number)
        yield Q(group_control=number)
    if amount := AMOUNT.fullmatch(text.upper()):
        yield Q(amount=Decimal(amount[1].replace(",", "")))


def _partners(tenant: Tenant, text: str) -> list[Any]:
    """The tenant's partners of that name or code; they are few, so they may be looked through."""
    if len(text) < SHORTEST_PREFIX:
        return []
    partners: Any = Delivery._meta.get_field("partner").related_model
    called = partners.objects.for_tenant(tenant).filter(Q(name__icontains=text) | Q(code__icontains=text))
    return list(called.order_by("name")[:PARTNERS_SEARCHED])
