"""Access tokens that a connection's workers share: kept in the database, asked for by one worker at a time.

For the client-credentials grant (RFC 6749, 4.4), which has no refresh token: when a token ends a new one is asked for.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from audit.leases import held
from connections.models import AccessToken, Connection
from connections.systems.base import Temporary

WAIT_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Granted:
    """A new token, and how long it may be used: its life less a margin."""

    token: str = field(repr=False)
    usable_for: timedelta


class SharedToken:
    """The current token of a connection.

    `ask` gets a new one; it raises a `SystemFailure`. `purpose` says what a token is for (whose keys, which
    audience): one that was given for another purpose is not used.
    """

    def __init__(self, connection: Connection, purpose: str, ask: Callable[[], Granted]) -> None:
        self._connection = connection
        self._purpose = purpose
        self._ask = ask

    def current(self, spent: str = "") -> str:
        """A token that is good for now and is not `spent`, which has been refused."""
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            row, _ = AccessToken.objects.get_or_create(connection=self._connection)
            if self._is_usable(row, spent):
                return str(row.access_token)
            with held(row) as lease:
                if lease:
                    row.refresh_from_db()
                    return str(row.access_token) if self._is_usable(row, spent) else self._renew(row)
            if time.monotonic() > give_up:
                raise Temporary(
                    "Another worker is still asking for an access token.", retry_after=timedelta(seconds=15)
                )
            time.sleep(random.uniform(0.05, 0.2))  # noqa: S311 - so that waiting workers do not move in step

    def _renew(self, row: AccessToken) -> str:
        granted = self._ask()
        row.access_token = granted.token
        row.expires_at = timezone.now() + granted.usable_for
        row.scope = self._purpose
        row.generation += 1
        row.save(update_fields=["access_token", "expires_at", "scope", "generation", "updated_at"])
        return granted.token

    def _is_usable(self, row: AccessToken, spent: str) -> bool:
        return bool(
            row.access_token
            and row.access_token != spent
            and row.scope == self._purpose
            and row.expires_at is not None
            and row.expires_at > timezone.now()
        )
