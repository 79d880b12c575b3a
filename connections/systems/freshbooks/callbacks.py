"""Keeping our webhooks registered at FreshBooks.

FreshBooks switches a callback off when our address failed too often, and may drop it; polling goes on, but
slower. So the list of callbacks is looked at every day: missing ones are registered again, unverified ones
are asked for a new handshake, and leftovers of ours are removed.
"""

import contextlib
import logging
import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from connections.models import Callback, Connection, Poll, PollKind
from connections.systems.base import Rejected, SystemFailure
from connections.systems.freshbooks.client import PER_PAGE, Client, Row
from connections.systems.freshbooks.webhooks import token_hash
from mappings.freshbooks.values import identifier, rows, text

# What is heard of in any case; whoever asks for the upkeep adds what its routes read. A noun stands for all its
# verbs.
EVENTS = ("invoice",)
MOST_PAGES = 50
# When FreshBooks could not be told the verifier, the upkeep does not wait for its day.
LOOK_AGAIN = timedelta(minutes=5)

log = logging.getLogger(__name__)


def address_prefix() -> str:
    """What all our callback addresses begin with."""
    return f"{settings.SITE_URL}/hooks/freshbooks/"


def keep_webhooks(connection: Connection, events: Iterable[str] = EVENTS) -> int:
    """Bring the callbacks at FreshBooks to what they should be; returns how many needed something.

    Raises a `SystemFailure` when FreshBooks cannot be asked.
    """
    client = Client(connection)
    try:
        return _Upkeep(connection, client).run(set(events))
    finally:
        client.close()


def verify(callback: Callback) -> None:
    """Answer the handshake: give FreshBooks the verifier that it sent. Doing it twice is harmless.

    A verifier that FreshBooks does not take is forgotten; the next upkeep asks for another one.
    """
    verifier = callback.verifier
    if callback.is_verified or not verifier or not callback.callback_id:
        return
    client = Client(callback.connection)
    client.http.hide(verifier)
    try:
        answer = _call(client, "PUT", callback.callback_id, {"verifier": str(verifier)})
    except Rejected:
        log.warning("FreshBooks did not take back the verifier of callback %s", callback.pk)
        Callback.objects.filter(pk=callback.pk, is_verified=False).update(verifier="")
        return
    except SystemFailure:
        soon = timezone.now() + LOOK_AGAIN
        upkeep = Poll.objects.filter(connection=callback.connection, kind=PollKind.UPKEEP)
        upkeep.filter(next_at__gt=soon).update(next_at=soon)
        raise
    finally:
        client.close()
    if answer.get("verified", True) is True:
        # The verifier again: another handshake may have replaced it while FreshBooks answered.
        Callback.objects.filter(pk=callback.pk).update(verifier=verifier, is_verified=True)


def remove_webhooks(connection: Connection, client: Client) -> None:
    """Remove all callbacks of a connection, here and, as far as FreshBooks can be reached, there."""
    for callback in connection.callbacks.all():
        if callback.callback_id:
            with contextlib.suppress(SystemFailure):
                _delete(client, callback.callback_id)
        callback.delete()


class _Upkeep:
    """One look at the callbacks of one connection."""

    def __init__(self, connection: Connection, client: Client) -> None:
        self.connection = connection
        self.client = client

    def run(self, events: set[str]) -> int:
        remote = {identifier(row, "callbackid", "id"): row for row in self._listed()}
        mended = self._remove_leftovers(remote)
        local = {callback.event: callback for callback in self.connection.callbacks.all()}
        for event in local.keys() - events:
            self._forget(local[event], remote)
            mended += 1
        for event in sorted(events):
            mended += self._ensure(event, local.get(event), remote)
        return mended

    def _listed(self) -> Iterable[Row]:
        for number in range(1, MOST_PAGES + 1):
            params = {"page": number, "per_page": PER_PAGE}
            body = self.client.request("GET", self._path(), what="the webhooks", params=params)
            result = _result(body)
            yield from (dict(row) for row in rows(result, "callbacks"))
            if number >= int(text(result, "pages") or 0):
                return

    def _ensure(self, event: str, callback: Callback | None, remote: dict[str, Row]) -> int:
        """Registered, at our address and verified; 1 if something had to be done for it."""
        if callback is None:
            self._register(Callback(connection=self.connection, event=event))
            return 1
        found = _remote_of(callback, remote)
        if found is None or text(found, "event") != event:
            if found is not None:
                _delete(self.client, identifier(found, "callbackid", "id"))
            self._register(callback)
            return 1
        if found.get("verified") is not True:
            self._ask_for_handshake(callback, identifier(found, "callbackid", "id"))
        elif callback.is_verified:
            return 0
        elif callback.verifier and callback.callback_id:
            # FreshBooks took the verifier, but we did not hear of it.
            verify(callback)
        else:
            self._ask_for_handshake(callback, identifier(found, "callbackid", "id"))
        return 1

    def _register(self, callback: Callback) -> None:
        """The row is saved first: the handshake may come before FreshBooks has answered us."""
        token = secrets.token_urlsafe(32)
        callback.token_hash = token_hash(token)
        callback.callback_id, callback.verifier, callback.is_verified = "", "", False
        callback.registered_at = timezone.now()
        callback.save()
        body = {"event": callback.event, "uri": f"{address_prefix()}{token}"}
        answer = _call(self.client, "POST", "", body)
        # Only the id, and only if the handshake has not brought it: it may have brought the verifier as well.
        waiting = Callback.objects.filter(pk=callback.pk, token_hash=callback.token_hash, callback_id="")
        waiting.update(callback_id=identifier(answer, "callbackid", "id"))

    def _ask_for_handshake(self, callback: Callback, callback_id: str) -> None:
        Callback.objects.filter(pk=callback.pk).update(
            callback_id=callback_id, verifier="", is_verified=False
        )
        _call(self.client, "PUT", callback_id, {"resend": True})

    def _forget(self, callback: Callback, remote: dict[str, Row]) -> None:
        found = _remote_of(callback, remote)
        if found is not None:
            _delete(self.client, identifier(found, "callbackid", "id"))
        callback.delete()

    def _remove_leftovers(self, remote: dict[str, Row]) -> int:
        """Callbacks at our address that no connection of any tenant knows: registered, and then lost."""
        ours = {_hash_in(row): callback_id for callback_id, row in remote.items() if _hash_in(row)}
        known = set(Callback.objects.filter(token_hash__in=ours).values_list("token_hash", flat=True))
        leftovers = [callback_id for found, callback_id in ours.items() if found not in known]
        for callback_id in leftovers:
            _delete(self.client, callback_id)
            del remote[callback_id]
        return len(leftovers)

    def _path(self) -> str:
        return _path(self.client, "")


def _remote_of(callback: Callback, remote: dict[str, Row]) -> Row | None:
    """The callback as FreshBooks has it, known by the token in its address."""
    return next((row for row in remote.values() if _hash_in(row) == callback.token_hash), None)


def _hash_in(row: Row) -> str:
    uri = text(row, "uri")
    return token_hash(uri.removeprefix(address_prefix())) if uri.startswith(address_prefix()) else ""


def _delete(client: Client, callback_id: str) -> None:
    """Gone is gone: somebody else may have been quicker."""
    with contextlib.suppress(Rejected):
        client.request("DELETE", _path(client, callback_id), what="the webhook")


def _call(client: Client, method: str, callback_id: str, values: dict[str, Any]) -> Row:
    body = {"callback": values}
    answer = client.request(method, _path(client, callback_id), what="the webhook", body=body)
    callback = _result(answer).get("callback")
    return callback if isinstance(callback, dict) else {}


def _path(client: Client, callback_id: str) -> str:
    path = f"/events/account/{client.account_id}/events/callbacks"
    return f"{path}/{callback_id}" if callback_id else path


def _result(body: Any) -> Row:
    response = body.get("response") if isinstance(body, dict) else None
    result = response.get("result") if isinstance(response, dict) else None
    return result if isinstance(result, dict) else {}
