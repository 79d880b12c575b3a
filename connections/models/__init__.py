from connections.models.canary import KeyCanary
from connections.models.connection import (
    AccessToken,
    CallSlot,
    Connection,
    ConnectionState,
    Slot,
    SystemKind,
    Work,
)
from connections.models.notes import InvoiceNote
from connections.models.push import Push, PushAddress
from connections.models.reference import ReferenceEntry, ReferenceKind, ReferenceLink
from connections.models.route import Backfill, BackfillState, DocumentKind, Format, OnUpdate, Route
from connections.models.work import Callback, Heartbeat, Hint, Poll, PollKind, SourceRecord

__all__ = [
    "AccessToken",
    "Backfill",
    "BackfillState",
    "CallSlot",
    "Callback",
    "Connection",
    "ConnectionState",
    "DocumentKind",
    "Format",
    "Heartbeat",
    "Hint",
    "InvoiceNote",
    "KeyCanary",
    "OnUpdate",
    "Poll",
    "PollKind",
    "Push",
    "PushAddress",
    "ReferenceEntry",
    "ReferenceKind",
    "ReferenceLink",
    "Route",
    "Slot",
    "SourceRecord",
    "SystemKind",
    "Work",
]
