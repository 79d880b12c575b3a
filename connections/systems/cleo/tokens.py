"""The password grant, one login at a time, and never a second try with a password that was refused.

The answer is only known to hold `access_token`. A life that it states is believed; otherwise a token is kept
until it is refused, and no longer than the setting says.
Source: the vendor's page on sending data to Cleo Integration Cloud, and the vendor's own clients of Harmony.
"""

from datetime import timedelta
from typing import Any, NoReturn

from django.utils import timezone

from connections.models import AccessToken, Connection
from connections.systems.base import Misconfigured, NeedsSignIn, Temporary
from connections.systems.cleo.replies import error_text
from connections.systems.cleo.settings import Credentials, Settings
from connections.systems.http import Answer, Http
from connections.systems.tokens import Granted, SharedToken

MARGIN = timedelta(seconds=60)
SHORT_LIFE = timedelta(minutes=2)
# Where lock-out is on, five failures within a minute lock an account: so long is waited after one.
REST_AFTER_REFUSAL = timedelta(seconds=60)
REMEDY = (
    "Enter the password again. If it is right: passwords expire after 60 days unless the account is a "
    "service account, an account may be locked, may have to be signed in to once by a person, or may ask for a "
    "second factor. The administrator of the tenant can say."
)


class Tokens:
    """Gives the current token of a connection. `http` speaks with the tenant."""

    def __init__(self, connection: Connection, settings: Settings, http: Http) -> None:
        self._connection = connection
        self._settings = settings
        self._http = http
        # A token of another tenant or user is never sent here.
        self._purpose = f"{settings.origin} {settings.username}"
        self._shared = SharedToken(connection, self._purpose, self._ask)

    def current(self, spent: str = "") -> str:
        """A token that is good for now and is not `spent`, which the API has refused.

        Raises `NeedsSignIn`, `Misconfigured` or `Temporary`.
        """
        token = self._shared.current(spent)
        self._http.hide(token)
        return token

    def _ask(self) -> Granted:
        """Under the lease: refresh if that is set and possible, sign in otherwise."""
        row = AccessToken.objects.get(connection=self._connection)
        if self._settings.refresh_supported and row.refresh_token and row.scope == self._purpose:
            answer = self._post({"grant_type": "refresh_token", "refresh_token": row.refresh_token})
            if answer.ok and (granted := self._granted(answer)):
                return granted
        # What this worker holds may be older than what a person has entered since.
        self._connection.refresh_from_db(fields=["credentials", "credentials_set_at"])
        self._refuse_while_fresh(row)
        answer = self._sign_in()
        granted = self._granted(answer) if answer.ok else None
        if granted is None:
            self._refuse(answer)
        return granted

    def _sign_in(self) -> Answer:
        password = Credentials.of(self._connection.credentials).password
        if not self._settings.username or not password:
            raise NeedsSignIn("The user name or the password is missing.", remedy="Enter both.")
        self._http.hide(password)
        form = {"grant_type": "password", "username": self._settings.username, "password": password}
        return self._post(form)

    def _post(self, form: dict[str, str]) -> Answer:
        return self._http.call(
            "POST",
            self._settings.origin + self._settings.token_path,
            data=form,
            headers={"Accept": "application/json"},
            repeatable=True,
        )

    def _granted(self, answer: Answer) -> Granted | None:
        """The token, and what is to be remembered beside it; None if the answer holds none."""
        data: Any = answer.decoded()
        token = data.get("access_token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token:
            return None
        refresh = data.get("refresh_token")
        self._remember(
            refresh_token=refresh if isinstance(refresh, str) and self._settings.refresh_supported else "",
            refresh_failed_at=None,
        )
        return Granted(token, self._usable_for(data.get("expires_in")))

    def _usable_for(self, expires_in: object) -> timedelta:
        text = str(expires_in).strip()
        if not (text.isascii() and text.isdigit()):
            return timedelta(seconds=self._settings.token_max_age)
        life = timedelta(seconds=int(text[:9]))
        return life / 2 if life < SHORT_LIFE else life - MARGIN

    def _refuse_while_fresh(self, row: AccessToken) -> None:
        """Raise the refusal anew, without a try, while it is young and nobody has entered another password."""
        refused_at, entered_at = row.refresh_failed_at, self._connection.credentials_set_at
        if refused_at is None or timezone.now() - refused_at > REST_AFTER_REFUSAL:
            return
        if entered_at is None or entered_at < refused_at:
            raise NeedsSignIn(
                "Cleo refused this password a moment ago; it is not tried again at once, since that could lock the "
                "account.",
                remedy=REMEDY,
            )

    def _refuse(self, answer: Answer) -> NoReturn:
        """What an answer without a token means. Its shape is not documented; any of three is a refusal."""
        said = error_text(answer)
        if answer.status in (400, 401, 403):
            self._remember(refresh_failed_at=timezone.now())
            raise NeedsSignIn(
                f"Cleo does not let “{self._settings.username}” in with this password."
                + (f" It says: {said}" if said else ""),
                remedy=REMEDY,
                detail=answer.excerpt(),
            )
        if answer.status in (408, 425, 429) or answer.status >= 500:
            raise Temporary(
                "Cleo cannot give out tokens just now.",
                retry_after=answer.retry_after,
                detail=answer.excerpt(),
            )
        raise Misconfigured(
            "What answers at the address does not give us a token.",
            remedy="Check the address of the tenant; the token path is /api/authentication.",
            detail=answer.excerpt(),
        )

    def _remember(self, **values: Any) -> None:
        row = AccessToken.objects.get(connection=self._connection)
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
