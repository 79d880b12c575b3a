"""Receiving what an HTTP action of CIC Studio sends.

What such an action sends is up to whoever made it: any body, any headers, no signature, nobody says whether it
is repeated. So the address holds a long random token, the body is stored as it came before anything else, the
answer comes at once, and all that follows is that we look into our folders now.
"""

import hashlib
import hmac
import re
import secrets
from email.message import Message

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from audit.models import Payload
from connections.models import Connection, Poll, PollKind, Push, PushAddress
from tenants.doorbell import ring

TOKEN_BYTES = 32
LARGEST_BODY = 8 * 1024 * 1024
# The newest of each connection; older ones have served.
KEPT = 200


def new_address(connection: Connection) -> PushAddress:
    """A new address; an earlier one of the connection is worthless from now on."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    values = {"token": token, "token_hash": _hash(token), "created_at": timezone.now()}
    return PushAddress.objects.update_or_create(connection=connection, defaults=values)[0]


def receive(token: str, body: bytes, *, name: str = "", media_type: str = "") -> bool:
    """Take in one push; False for an unknown token. When it returns True the body is committed."""
    known = PushAddress.objects.select_related("connection__tenant").defer("connection__credentials")
    address = known.filter(token_hash=_hash(token)).first()
    if address is None or not hmac.compare_digest(address.token.encode(), token.encode()):
        return False
    with transaction.atomic():
        _store(address.connection, body, name=name, media_type=media_type)
        _look_now(address.connection)
    _forget_old(address.connection)
    return True


def file_name(headers: dict[str, str], given: str) -> str:
    """The name that was given in the query, in `X-File-Name` or in `Content-Disposition`; perhaps empty."""
    disposition = Message()
    disposition["Content-Disposition"] = headers.get("Content-Disposition", "")
    name = given or headers.get("X-File-Name", "") or disposition.get_filename("")
    shown = "".join(c if c.isprintable() else "�" for c in str(name))
    return re.split(r"[/\\]", shown)[-1][:255]


def _store(connection: Connection, body: bytes, *, name: str, media_type: str) -> None:
    now, digest = timezone.now(), hashlib.sha256(body).hexdigest()
    same = Push.objects.for_tenant(connection.tenant).filter(connection=connection, sha256=digest, name=name)
    if same.update(count=F("count") + 1, last_at=now):
        return
    try:
        with transaction.atomic():
            payload = Payload.store(
                tenant_id=connection.tenant_id,
                content=body,
                media_type=media_type[:80],
                file_name=name or "push",
            )
            Push.objects.create(
                tenant=connection.tenant,
                connection=connection,
                name=name,
                media_type=media_type[:80],
                sha256=digest,
                size=len(body),
                payload=payload,
            )
    except IntegrityError:  # the same push at the same moment
        same.update(count=F("count") + 1, last_at=now)


def _look_now(connection: Connection) -> None:
    polls = Poll.objects.filter(connection=connection, kind=PollKind.PLACE)
    polls.update(next_at=timezone.now())
    for poll in polls:
        ring("connections.tasks.poll", poll.pk)


def _forget_old(connection: Connection) -> None:
    pushes = Push.objects.for_tenant(connection.tenant).filter(connection=connection)
    old = list(pushes.order_by("-last_at", "-pk")[KEPT : KEPT + 50])
    if old:
        with transaction.atomic():
            pushes.filter(pk__in=[push.pk for push in old]).delete()
            Payload.objects.for_tenant(connection.tenant).filter(
                pk__in=[push.payload_id for push in old]
            ).delete()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
