"""Signing in: the password grant at `/api/authentication`, with lock-out, expired passwords and two factors."""

import secrets
from collections.abc import Callable
from typing import NoReturn

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, Clock, Faults, json_response

TOKEN_PATH = "/api/authentication"
USERNAME = "ml-connector"
# With characters that break a form body that was put together by hand.
PASSWORD = "cleo&p@ss+word%21"
LOCK_AFTER = 5
LOCK_WINDOW_SECONDS = 60
LOCKED_SECONDS = 15 * 60

NoteMistake = Callable[[Request, str], None]


class Access:
    """Who may in. `logins` counts the tokens that were given out, `refusals` the sign-ins that failed.

    `token_life` are seconds; refresh tokens are given out only while the switch `refresh_tokens` is on.
    """

    def __init__(self, clock: Clock, faults: Faults, note_mistake: NoteMistake) -> None:
        self.users = {USERNAME: PASSWORD}
        self.token_life = 3600
        self.logins = 0
        self.refusals = 0
        self._clock = clock
        self._faults = faults
        self._note_mistake = note_mistake
        self._valid_until: dict[str, float] = {}
        self._refresh_tokens: set[str] = set()
        self._failures: dict[str, list[float]] = {}
        self._locked_until: dict[str, float] = {}
        declare_switches(faults)

    def issue(self, request: Request) -> Response:
        """A token for a user name and a password, sent as a form; no client id is known here."""
        if request.mimetype != "application/x-www-form-urlencoded":
            self._note_mistake(
                request, f"The sign-in came as {request.mimetype or 'nothing'}, not as a form."
            )
            raise Answer(json_response({"message": "Unsupported media type"}, 415))
        if {"client_id", "client_secret"} & set(request.form) or request.authorization:
            self._note_mistake(request, "The sign-in names a client that nobody has issued.")
        grant = request.form.get("grant_type")
        if grant == "refresh_token" and request.form.get("refresh_token") in self._refresh_tokens:
            self._refresh_tokens.discard(request.form["refresh_token"])
            return self._token()
        if grant != "password":
            self._refuse("The grant type is not supported.", 400)
        self._check(request.form.get("username", ""), request.form.get("password", ""))
        return self._token()

    def accepts(self, request: Request) -> bool:
        """Whether the call bears a token that is good now."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme == "Bearer" and self._valid_until.get(token, 0) > self._clock.epoch()

    def revoke_all(self) -> None:
        """Make every token worthless, as a restart does."""
        self._valid_until.clear()

    def unlock(self) -> None:
        """Let locked accounts in again."""
        self._failures.clear()
        self._locked_until.clear()

    def _check(self, username: str, password: str) -> None:
        now = self._clock.epoch()
        if self._locked_until.get(username, 0) > now:
            self.refusals += 1
            self._refuse("The account is locked.", 403)
        if self._faults.take("password_expired"):
            self.refusals += 1
            self._refuse("Password expired. Sign in to the portal and choose a new one.", 401)
        if self._faults.take("two_factor"):
            self.refusals += 1
            self._refuse("A one-time code is required.", 403)
        if self.users.get(username) != password:
            self._count_failure(username, now)
            self._refuse("Invalid username or password", 401)
        self._failures.pop(username, None)

    def _count_failure(self, username: str, now: float) -> None:
        self.refusals += 1
        recent = [at for at in self._failures.get(username, []) if at > now - LOCK_WINDOW_SECONDS]
        self._failures[username] = [*recent, now]
        if len(recent) + 1 >= LOCK_AFTER:
            self._locked_until[username] = now + LOCKED_SECONDS

    def _token(self) -> Response:
        life = 60 if self._faults.take("short_tokens") else self.token_life
        token = secrets.token_urlsafe(24)
        self._valid_until[token] = self._clock.epoch() + life
        self.logins += 1
        answer: dict[str, object] = {"access_token": token}
        if not self._faults.take("token_without_expiry"):
            answer |= {"token_type": "Bearer", "expires_in": life}
        if self._faults.take("refresh_tokens"):
            answer["refresh_token"] = secrets.token_urlsafe(24)
            self._refresh_tokens.add(str(answer["refresh_token"]))
        return json_response(answer)

    def _refuse(self, text: str, status: int) -> NoReturn:
        changed = self._faults.take("refusal_status")
        raise Answer(json_response({"message": text}, int(changed["status"]) if changed else status))


def declare_switches(faults: Faults) -> None:
    faults.declare("token_without_expiry", "The token answer holds the token and nothing else.")
    faults.declare("short_tokens", "Tokens are good for 60 seconds.")
    faults.declare("refresh_tokens", "The token answer has a refresh token as well.")
    faults.declare("password_expired", "The password has expired: signing in is refused.")
    faults.declare("two_factor", "Signing in asks for a second factor, which no program has.")
    faults.declare("refusal_status", "A refused sign-in has this status.", status=400)
