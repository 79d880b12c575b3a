"""The kinds of business documents that leave FreshBooks: where each comes from and what it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from connections.models import DocumentKind
from mappings import freshbooks as bridge
from mappings.canonical import Document
from mappings.models.partners import PartyKind

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of document is read from FreshBooks."""

    kind: str
    noun: str  # as webhooks name it
    resource: str  # as our FreshBooks client names it
    party_kind: str
    party_roles: tuple[str, ...]  # in the canonical document, the first one found
    party_id: Callable[[Data], str]
    is_draft: Callable[[Data], bool]
    booked_at: Callable[[Data], datetime | None]
    dated: Callable[[Data], date | None]
    to_canonical: Callable[[Data], Document]


INVOICE = Kind(
    kind=DocumentKind.INVOICE,
    noun="invoice",
    resource="invoices",
    party_kind=PartyKind.CLIENT,
    party_roles=("bill_to", "buyer"),
    party_id=lambda data: str(data.get("customerid") or ""),
    is_draft=bridge.is_draft_invoice,
    booked_at=lambda data: bridge.eastern(data.get("created_at")),
    dated=lambda data: bridge.plain_date(data.get("create_date")),
    to_canonical=bridge.to_invoice,
)

KINDS = {kind.kind: kind for kind in (INVOICE,)}
BY_RESOURCE = {kind.resource: kind for kind in KINDS.values()}
BY_NOUN = {kind.noun: kind for kind in KINDS.values()}
