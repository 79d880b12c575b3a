"""Access tokens of the Identity service (6.2.2 and later), shared by all workers of a connection.

They are good for minutes, come by the client-credentials grant from an address of their own, and have no
refresh token: when one ends a new one is asked for, by one worker at a time.
"""

import random
import time
from datetime import timedelta
from typing import NoReturn
from urllib.parse import quote

from django.utils import timezone

from audit.leases import held
from connections.models import AccessToken, Connection
from connections.systems.base import Misconfigured, NeedsSignIn, Temporary
from connections.systems.http import Answer, Http
from connections.systems.ibm_sterling.settings import ClientAuth, Credentials, Settings

# The product's default, for answers that do not say it.
USUAL_LIFE = timedelta(seconds=300)
MARGIN = timedelta(seconds=30)
WAIT_SECONDS = 20.0


class Tokens:
    """Gives the current token of a connection. `http` speaks with the Identity service."""

    def __init__(
        self, connection: Connection, settings: Settings, credentials: Credentials, http: Http
    ) -> None:
        self._connection = connection
        self._settings = settings
        self._credentials = credentials
        self._http = http

    def current(self, spent: str = "") -> str:
        """A token that is good for now and is not `spent`, which the API has refused.

        Raises `NeedsSignIn`, `Misconfigured` or `Temporary`.
        """
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            row, _ = AccessToken.objects.get_or_create(connection=self._connection)
            if _is_usable(row, spent):
                return str(row.access_token)
            with held(row) as lease:
                if lease:
                    row.refresh_from_db()
                    return str(row.access_token) if _is_usable(row, spent) else self._renew(row)
            if time.monotonic() > give_up:
                raise Temporary(
                    "Another worker is still asking for an access token.", retry_after=timedelta(seconds=15)
                )
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - so that waiting workers do not move in step

    def _renew(self, row: AccessToken) -> str:
        answer = self._ask()
        data = answer.decoded() if answer.ok else None
        token = data.get("access_token") if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(token, str) or not token:
            _refuse(answer)
        self._http.hide(token)
        life = _life(data.get("expires_in"))
        row.access_token = token
        row.expires_at = timezone.now() + life - min(MARGIN, life / 2)
        row.generation += 1
        row.save(update_fields=["access_token", "expires_at", "generation", "updated_at"])
        return token

    def _ask(self) -> Answer:
        if not self._settings.token_url:
            raise Misconfigured(
                "The address of the Identity service is missing.",
                remedy="Enter the full address where tokens are given out.",
            )
        client = (self._credentials.client_id, self._credentials.client_secret)
        if not all(client):
            raise NeedsSignIn("The client id or the client secret is missing.", remedy="Enter both.")
        form = {"grant_type": "client_credentials"}
        form |= {k: v for k in ("scope", "audience") if (v := getattr(self._settings, k))}
        # In the header both are form-encoded first (RFC 6749, 2.3.1).
        in_form = self._settings.client_auth == ClientAuth.POST
        if in_form:
            form |= {"client_id": client[0], "client_secret": client[1]}
        return self._http.call(
            "POST",
            self._settings.token_url,
            data=form,
            auth=None if in_form else (quote(client[0], safe=""), quote(client[1], safe="")),
            headers={"Accept": "application/json"},
            repeatable=True,
        )


def _is_usable(row: AccessToken, spent: str) -> bool:
    return bool(
        row.access_token
        and row.access_token != spent
        and row.expires_at is not None
        and row.expires_at > timezone.now()
    )


def _life(expires_in: object) -> timedelta:
    text = str(expires_in).strip()
    seconds = int(text[:9]) if text.isascii() and text.isdigit() else 0
    return timedelta(seconds=seconds) if seconds else USUAL_LIFE


def _refuse(answer: Answer) -> NoReturn:
    """What an answer without a token means (RFC 6749, 5.2)."""
    data = answer.decoded()
    error = str(data.get("error", "")) if isinstance(data, dict) else ""
    if error in ("invalid_client", "unauthorized_client") or (answer.status == 401 and not error):
        raise NeedsSignIn(
            "The Identity service does not accept the client id and secret.",
            remedy="Enter them again, and check how the client names itself (header or form).",
            detail=answer.excerpt(),
        )
    if error == "invalid_scope":
        raise Misconfigured(
            "The Identity service does not know the scope.", remedy="Correct it.", detail=answer.excerpt()
        )
    if answer.status == 429 or answer.status >= 500:
        raise Temporary(
            "The Identity service cannot give out tokens just now.",
            retry_after=answer.retry_after,
            detail=answer.excerpt(),
        )
    raise Misconfigured(
        "What answers at the address for tokens does not give us one.",
        remedy="Check the address: it is another host than that of the API.",
        detail=answer.excerpt(),
    )
