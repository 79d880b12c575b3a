"""Signing in to FreshBooks, and keeping the sign-in alive.

A refresh token works once: the pair that a refresh brings has to be on disk before anything else happens,
and only one worker may refresh at a time. The order is: take the lease on the token row, read the row again,
refresh, commit the new pair alone. No transaction is open during the HTTP call. Whoever loses the race for
the lease waits for the new generation of the row. A crash between answer and commit burns the refresh
token; the next refresh is then refused, and a person is asked to sign in again.

FreshBooks API documentation: Authentication, Scopes.
"""

import logging
import random
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from audit.leases import held
from audit.services import notify
from connections.models import AccessToken, Connection, ConnectionState
from connections.systems.base import Misconfigured, NeedsSignIn, Rejected, SystemFailure, Temporary
from connections.systems.freshbooks.problems import SIGN_IN, failure_of, problems_in
from connections.systems.http import Answer, Http

SCOPES = (
    "user:profile:read",
    "user:business:read",
    "user:clients:read",
    "user:clients:write",
    "user:invoices:read",
    "user:payments:read",
    "user:payments:write",
    "user:bills:read",
    "user:bills:write",
    "user:bill_vendors:read",
    "user:bill_vendors:write",
    "user:bill_payments:read",
    "user:expenses:read",
    "user:billable_items:read",
    "user:taxes:read",
    "user:journal_entries:read",
    "user:journal_entries:write",
    "user:reports:read",
    "user:notifications:read",
)
# Asked for only where a route notes acknowledgements on invoices.
WRITE_INVOICES = "user:invoices:write"
REFRESH_EARLY = timedelta(minutes=10)
# A pair this young is used whatever its stamps say: a refresh may bring back the creation time of the pair
# before it, and clocks differ. If it is really over, FreshBooks says so.
YOUNG = timedelta(minutes=5)
# An access token this close to its end is not used any more, whatever happened to its refresh.
USABLE_FOR = timedelta(seconds=30)
COOL_DOWN = timedelta(seconds=60)
# A worker waits this long for another worker's refresh: well below the length of a lease.
WAIT_SECONDS = 15.0
SAVE_ATTEMPTS = 4
DEFAULT_LIFE = 12 * 3600

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Grant:
    """An access token that may be used now; `generation` says which pair it belongs to."""

    access_token: str = field(repr=False)
    generation: int


def redirect_uri() -> str:
    """Where FreshBooks sends the browser after the consent; registered with the app, so always the same."""
    return f"{settings.SITE_URL}/oauth/freshbooks/callback"


def authorize_url(state: str, *, more: Iterable[str] = ()) -> str:
    """The consent page for our app; `more` are scopes beyond the usual.

    Raises `Misconfigured` when this installation has no app.
    """
    require_app()
    query = {
        "response_type": "code",
        "client_id": settings.FRESHBOOKS_CLIENT_ID,
        "redirect_uri": redirect_uri(),
        "scope": " ".join([*SCOPES, *more]),
        "state": state,
    }
    return f"{settings.FRESHBOOKS_AUTH_URL}/oauth/authorize/?{urlencode(query)}"


def require_app() -> None:
    """Raises `Misconfigured` when this installation is not registered with FreshBooks."""
    if not (settings.FRESHBOOKS_CLIENT_ID and settings.FRESHBOOKS_CLIENT_SECRET):
        raise Misconfigured(
            "This installation is not registered with FreshBooks yet.",
            remedy="Support: set FRESHBOOKS_CLIENT_ID and FRESHBOOKS_CLIENT_SECRET.",
        )


def exchange_code(connection: Connection, code: str, http: Http) -> None:
    """Turn the code of a consent (good for five minutes, once) into tokens and commit them.

    A pair that another worker is fetching at this moment loses against this one. Raises `Rejected` for a code
    that is no longer good, or another `SystemFailure`.
    """
    http.hide(code)
    answer = _token_call(http, grant_type="authorization_code", code=code)
    if _error_of(answer) == "invalid_grant":
        raise Rejected(
            "FreshBooks does not accept this confirmation any more.",
            remedy="It is good for five minutes and once: choose “Connect FreshBooks” again.",
        )
    fresh = _pair_in(answer, http)
    AccessToken.objects.get_or_create(connection=connection)
    _save(AccessToken.objects.filter(connection=connection), {**fresh, "generation": F("generation") + 1})


def access(connection: Connection, http: Http) -> Grant:
    """The access token of a connection, refreshed when its end is near.

    Raises `NeedsSignIn`, `Misconfigured` or `Temporary`.
    """
    token, now = _stored(connection), timezone.now()
    ends = token.expires_at or now
    if ends > now + REFRESH_EARLY or token.updated_at > now - YOUNG:
        return _grant(token, http)
    still_good = ends > now + USABLE_FOR
    if still_good and _cooling(token):
        return _grant(token, http)
    try:
        return renewed(connection, token.generation, http)
    except Temporary:
        if still_good:
            return _grant(token, http)
        raise


def renewed(connection: Connection, stale_generation: int, http: Http) -> Grant:
    """A token newer than `stale_generation`, which FreshBooks refused or which ends soon.

    One worker refreshes; the others wait for what it brings, a bounded time. Raises as `access` does.
    """
    give_up = time.monotonic() + WAIT_SECONDS
    while True:
        token = _stored(connection)
        if token.generation != stale_generation:
            return _grant(token, http)
        if wait := _cooling(token):
            raise Temporary("The sign-in to FreshBooks could not be renewed just now.", retry_after=wait)
        with held(token) as lease:
            if lease:
                return _refresh(connection, stale_generation, http)
        if time.monotonic() > give_up:
            raise Temporary(
                "Another worker is still renewing the sign-in to FreshBooks.",
                retry_after=timedelta(seconds=15),
            )
        time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - so that waiting workers do not move in step


def revoke(connection: Connection, http: Http) -> None:
    """End our access at FreshBooks and forget the tokens, even when FreshBooks cannot be reached.

    Raises the failure of the call after the tokens were forgotten.
    """
    token = AccessToken.objects.filter(connection=connection).first()
    if token is None:
        return
    AccessToken.objects.filter(pk=token.pk).delete()
    secret = token.refresh_token or token.access_token
    if secret:
        http.hide(secret)
        body = {**_app(), "token": str(secret)}
        answer = http.call("POST", _url("revoke"), json=body, repeatable=True)
        problems = problems_in(answer.decoded(), ok=answer.ok)
        if not answer.ok or problems:
            raise failure_of(answer, problems, what="the end of our access")


def _refresh(connection: Connection, stale_generation: int, http: Http) -> Grant:
    """Spend the refresh token; the lease on its row is ours."""
    token = _stored(connection)
    if token.generation != stale_generation:
        return _grant(token, http)
    http.hide(token.refresh_token)
    mine = AccessToken.objects.filter(pk=token.pk, generation=stale_generation)
    try:
        answer = _token_call(http, grant_type="refresh_token", refresh_token=str(token.refresh_token))
        if _error_of(answer) == "invalid_grant":
            raise NeedsSignIn("FreshBooks has ended our sign-in.", remedy=SIGN_IN)
        fresh = _pair_in(answer, http)
    except NeedsSignIn as failure:
        if mine.update(access_token="", refresh_token="", expires_at=None) == 0:
            return _grant(_stored(connection), http)
        _ask_for_sign_in(connection, failure)
        raise
    except Misconfigured:
        mine.update(refresh_failed_at=timezone.now())
        raise
    except SystemFailure as failure:
        # If the token was spent all the same, the next refresh finds out: it is refused.
        mine.update(refresh_failed_at=timezone.now())
        raise Temporary(str(failure), retry_after=COOL_DOWN, detail=failure.detail) from failure
    _save(mine, {**fresh, "generation": stale_generation + 1})
    return _grant(_stored(connection), http)


def _save(rows: Any, values: Mapping[str, Any]) -> None:
    """Commit a new pair alone and at once: this is its only copy. A busy database is asked again."""
    for attempt in range(1, SAVE_ATTEMPTS + 1):
        try:
            with transaction.atomic(durable=True):
                rows.update(**values)
        except OperationalError:
            if attempt == SAVE_ATTEMPTS:
                raise
            log.warning("the new FreshBooks token could not be saved; it is tried again")
            time.sleep(attempt)
        else:
            return


def _pair_in(answer: Answer, http: Http) -> dict[str, Any]:
    """The columns of a new token pair. Only the tokens themselves must be there."""
    body = answer.decoded()
    if answer.ok and isinstance(body, dict) and body.get("access_token") and body.get("refresh_token"):
        access_token, refresh_token = str(body["access_token"]), str(body["refresh_token"])
        http.hide(access_token, refresh_token)
        return {
            "access_token": access_token,
            "refresh_token": refresh_token,
            "expires_at": _expiry(body),
            "scope": str(body.get("scope") or ""),
            "refresh_failed_at": None,
            "updated_at": timezone.now(),
        }
    # From here on no excerpt of the answer: half a token pair may be in it.
    if _error_of(answer) in ("invalid_client", "unauthorized_client"):
        raise Misconfigured(
            "FreshBooks does not know this installation.",
            remedy="Support: check FRESHBOOKS_CLIENT_ID and FRESHBOOKS_CLIENT_SECRET.",
        )
    detail = f"HTTP {answer.status}, request {answer.request_id}"
    if answer.status == 429:
        raise Temporary(
            "FreshBooks asks us to slow down with signing in.", retry_after=answer.retry_after, detail=detail
        )
    raise Temporary("FreshBooks could not renew the sign-in just now.", detail=detail)


def _expiry(body: Mapping[str, Any]) -> datetime:
    """`created_at + expires_in`: a refresh may hand out a token that is already some time old."""
    now = timezone.now()
    try:
        life = int(body.get("expires_in") or DEFAULT_LIFE)
        created = int(body.get("created_at") or now.timestamp())
        return datetime.fromtimestamp(created + life, tz=UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return now + timedelta(seconds=DEFAULT_LIFE)


def _ask_for_sign_in(connection: Connection, failure: NeedsSignIn) -> None:
    Connection.unscoped.filter(pk=connection.pk).exclude(state=ConnectionState.OFF).update(
        state=ConnectionState.NEEDS_SIGN_IN, state_text=str(failure), state_remedy=failure.remedy
    )
    notify(
        tenant=connection.tenant,
        key=f"connection-stopped-{connection.pk}",
        title=f"{connection.name}: sign in again",
        text=f"{failure} Nothing moves until then, and nothing is lost. {failure.remedy}",
        url=connection.get_absolute_url(),
    )


def _stored(connection: Connection) -> AccessToken:
    token = AccessToken.objects.filter(connection=connection).first()
    if token is None or not token.refresh_token:
        raise NeedsSignIn("Nobody is signed in to FreshBooks.", remedy=SIGN_IN)
    return token


def _cooling(token: AccessToken) -> timedelta | None:
    """How long no refresh is tried, after one that failed; None if it may be."""
    if token.refresh_failed_at is None:
        return None
    wait = token.refresh_failed_at + COOL_DOWN - timezone.now()
    return wait if wait > timedelta(0) else None


def _grant(token: AccessToken, http: Http) -> Grant:
    http.hide(token.access_token)
    return Grant(str(token.access_token), token.generation)


def _token_call(http: Http, **fields: str) -> Answer:
    require_app()
    body = {**_app(), **fields, "redirect_uri": redirect_uri()}
    http.hide(settings.FRESHBOOKS_CLIENT_SECRET)
    return http.call("POST", _url("token"), json=body)


def _error_of(answer: Answer) -> str:
    body = answer.decoded()
    return str(body.get("error", "")) if isinstance(body, dict) and not answer.ok else ""


def _app() -> dict[str, str]:
    return {
        "client_id": settings.FRESHBOOKS_CLIENT_ID,
        "client_secret": settings.FRESHBOOKS_CLIENT_SECRET,
    }


def _url(verb: str) -> str:
    return f"{settings.FRESHBOOKS_API_URL}/auth/oauth/{verb}"
