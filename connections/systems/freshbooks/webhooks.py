"""Receiving webhooks. A delivery carries no data and no id of its own: it is a hint that a record changed.

A hint is committed before it is acknowledged. Many hints for one record are one row and cost one fetch. The
address holds a random token that names the callback, and with it the secret (the verifier) that signs.

The signature is the base64 of an HMAC-SHA256 over the form fields in the order received, written as JSON by
the rules of Python's `json.dumps` (FreshBooks API documentation, Webhooks). Libraries in other languages do
not escape what is not ASCII; both spellings need the secret, so both are accepted.
"""

import base64
import hashlib
import hmac
import json
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from urllib.parse import parse_qsl

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from connections.models import Callback, Hint
from tenants.doorbell import ring

SIGNATURE_HEADER = "X-FreshBooks-Hmac-SHA256"
HANDSHAKE = "callback.verify"
MAX_BODY = 16 * 1024
MAX_FIELDS = 40

log = logging.getLogger(__name__)


class Reply(IntEnum):
    """What FreshBooks is told."""

    NOTED = 204
    NOT_SIGNED = 401
    UNKNOWN = 404


@dataclass(frozen=True, slots=True)
class Notification:
    """What a delivery says: a record of our account changed. `verb` is empty for events without one."""

    account_id: str
    noun: str
    verb: str
    object_id: str


def token_hash(token: str) -> str:
    """Under which a callback is found; the token itself is nowhere kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def receive(token: str, body: bytes, signature: str) -> Reply:
    """Take in one delivery: when it returns NOTED, the hint is committed.

    A handshake is kept and answered from a task. What is not signed by the callback's verifier is counted and
    otherwise forgotten. Raises `DatabaseError` when nothing could be stored: FreshBooks then tries again.
    """
    callbacks = Callback.objects.select_related("connection").defer("connection__credentials")
    callback = callbacks.filter(token_hash=token_hash(token)).first()
    if callback is None:
        return Reply.UNKNOWN
    fields = fields_in(body)
    if fields.get("name") == HANDSHAKE and _keep_verifier(callback, fields):
        return Reply.NOTED
    if not callback.is_verified or not is_signed(fields, signature, callback.verifier):
        Callback.objects.filter(pk=callback.pk).update(refused=F("refused") + 1)
        return Reply.NOT_SIGNED
    notification = notification_in(fields)
    if notification and notification.account_id == callback.connection.settings.get("account_id"):
        _note(callback, notification)
    else:
        log.warning("callback %s told of something that we do not follow", callback.pk)
    return Reply.NOTED


def fields_in(body: bytes) -> dict[str, str]:
    """The form fields in the order received; of a repeated one the last value. Empty if it is no form."""
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=True,
            max_num_fields=MAX_FIELDS,
            errors="strict",
        )
    except ValueError:
        return {}
    return dict(pairs)


def is_signed(fields: dict[str, str], signature: str, verifier: str) -> bool:
    """Whether `signature` (base64) was made with `verifier` over these fields in this order."""
    if not verifier or not signature.isascii():
        return False
    spellings = (json.dumps(fields, ensure_ascii=escaped).encode() for escaped in (True, False))
    expected = [hmac.digest(verifier.encode(), spelling, "sha256") for spelling in spellings]
    return any(hmac.compare_digest(base64.b64encode(digest), signature.encode()) for digest in expected)


def notification_in(fields: dict[str, str]) -> Notification | None:
    """What the fields of a signed delivery say; None if something that we need is not there."""
    noun, _, verb = fields.get("name", "").partition(".")
    object_id = fields.get("object_id", "")
    known = noun.isascii() and noun.replace("_", "").isalnum() and len(noun) <= 24
    if not (known and object_id.isascii() and object_id.isdigit() and len(object_id) <= 20):
        return None
    verb = verb if verb.isascii() and verb.isalnum() else ""
    return Notification(fields.get("account_id", ""), noun, verb[:24], object_id)


def _keep_verifier(callback: Callback, fields: dict[str, str]) -> bool:
    """The handshake of a callback; False if it cannot be one.

    Whether its verifier is the real one shows when FreshBooks takes it back. A callback that is verified is
    left as it is: a stranger who learned the address cannot replace the secret.
    """
    verifier, object_id = fields.get("verifier", ""), fields.get("object_id", "")
    if not verifier or len(verifier) > 500 or not object_id.isalnum() or len(object_id) > 40:
        return False
    if not callback.is_verified and callback.callback_id in ("", object_id):
        unproven = Callback.objects.filter(pk=callback.pk, is_verified=False)
        unproven.update(verifier=verifier, callback_id=object_id)
        ring("connections.tasks.verify_callback", callback.pk)
    return True


def _note(callback: Callback, notification: Notification) -> None:
    """Commit the hint; ring for it unless somebody is on the way already."""
    now = timezone.now()
    with transaction.atomic():
        if _upsert(callback.connection_id, notification, now) and not _somebody_comes(
            callback.connection_id, notification, now
        ):
            ring("connections.tasks.fetch", callback.connection_id)
        # Last, because all deliveries of a callback share this row: it is locked for the shortest time.
        Callback.objects.filter(pk=callback.pk).update(heard=F("heard") + 1, last_heard_at=now)


# One statement for what Django would need four for, under the heaviest load that we have.
UPSERT = """
INSERT INTO {table}
    (connection_id, noun, object_id, verb, count, first_at, last_at, due_at, attempts_made, failure)
VALUES (%s, %s, %s, %s, 1, %s, %s, %s, 0, '')
ON CONFLICT (connection_id, noun, object_id) DO UPDATE
    SET count = {table}.count + 1, verb = excluded.verb, last_at = excluded.last_at
RETURNING count
"""


def _upsert(connection_id: int, notification: Notification, now: datetime) -> bool:
    """Store the hint, or count one more for the hint there is; True if it is new."""
    due_at = now + timedelta(seconds=settings.WEBHOOK_COALESCE_SECONDS)
    sql = UPSERT.format(table=connection.ops.quote_name(Hint._meta.db_table))
    stamps = [connection.ops.adapt_datetimefield_value(moment) for moment in (now, now, due_at)]
    with connection.cursor() as cursor:
        what = [notification.noun, notification.object_id, notification.verb]
        cursor.execute(sql, [connection_id, *what, *stamps])
        return bool(cursor.fetchone() == (1,))


def _somebody_comes(connection_id: int, notification: Notification, now: datetime) -> bool:
    """Whether another hint of the connection is about to be due: its doorbell has rung, and serves for both.

    Asked before the own hint is committed, so that of several that arrive together at least one rings.
    """
    others = Hint.objects.filter(connection_id=connection_id, attempts_made=0, due_at__gt=now)
    return others.exclude(noun=notification.noun, object_id=notification.object_id).exists()
