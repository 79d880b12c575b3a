"""OAuth 2.0 with the authorization code: consent, codes, rotating refresh tokens, scopes.

(FreshBooks API documentation, Authentication and Scopes.) A code lives five minutes and works once, an
access token twelve hours, a refresh token until it is used, once.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, Clock, Faults, json_object, json_response
from connections.sandbox.freshbooks import errors, pages
from connections.sandbox.freshbooks.errors import Problem, Refused, Unauthenticated

CODE_SECONDS = 300
ACCESS_TOKEN_SECONDS = 12 * 3600
PROFILE = "user:profile:read"
OBJECTS = (
    "bill_payments",
    "bill_vendors",
    "billable_items",
    "bills",
    "business",
    "clients",
    "credit_notes",
    "estimates",
    "expenses",
    "invoices",
    "journal_entries",
    "notifications",
    "online_payments",
    "other_income",
    "payments",
    "profile",
    "projects",
    "reports",
    "retainers",
    "taxes",
    "teams",
    "time_entries",
)
READ_ONLY_OBJECTS = {"profile", "notifications", "reports"}
SCOPES = frozenset(
    f"user:{name}:{verb}"
    for name in OBJECTS
    for verb in ("read", "write")
    if verb == "read" or name not in READ_ONLY_OBJECTS
)
# What the connector's app is registered for.
APP_SCOPES = (
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


@dataclass
class App:
    """The registered application. Raises ValueError for a redirect URI that the portal would refuse."""

    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    redirect_uris: list[str] = field(default_factory=list)
    scopes: Sequence[str] = APP_SCOPES
    allow_http: bool = False

    def __post_init__(self) -> None:
        for uri in self.redirect_uris:
            self.check_redirect_uri(uri)

    def check_redirect_uri(self, uri: str) -> None:
        parts = urlsplit(uri)
        if parts.scheme != "https" and not (self.allow_http and parts.scheme == "http"):
            raise ValueError(f"A redirect URI must be https: {uri}")
        if not parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"A redirect URI must have a host and neither query nor fragment: {uri}")


@dataclass(frozen=True)
class Consent:
    """What the person is asked to allow, or has allowed."""

    redirect_uri: str
    scopes: list[str]
    state: str | None
    expires_at: int


@dataclass(frozen=True)
class Access:
    """What an access token may do, and until when (seconds since 1970)."""

    grant_id: int
    scopes: list[str]
    created_at: int
    expires_at: int


@dataclass(frozen=True)
class Refresh:
    grant_id: int
    scopes: list[str]
    created_at: int  # of the access token that came with it
    redirect_uri: str | None = None


def declare(faults: Faults) -> None:
    """The switches of sign-in and tokens."""
    faults.declare("authorize_at_once", "The consent page is skipped and the answer is yes.")
    faults.declare("unauthorized", "401 although the access token is good.", method=None, path=None)
    faults.declare("scope_missing", "403 as if the token lacked the scope.", scope=None)
    faults.declare("refresh_keeps_created_at", "A refresh answers with the old created_at, one second less.")
    faults.declare("refresh_kills_access_token", "A refresh ends the earlier access token too.")
    faults.declare("new_consent_kills_old", "A fresh authorization ends all earlier tokens.")


class OAuth:
    """The authorization server and the keeper of all tokens."""

    def __init__(self, app: App, clock: Clock, faults: Faults, *, person: str, access_seconds: int) -> None:
        self.app = app
        self.clock = clock
        self.faults = faults
        self.person = person
        self.access_seconds = access_seconds
        self.clear()

    def clear(self) -> None:
        self.consents: dict[str, Consent] = {}
        self.codes: dict[str, Consent] = {}
        self.access: dict[str, Access] = {}
        self.refresh: dict[str, Refresh] = {}
        self.spent: set[str] = set()
        self.grants = 0
        self.refreshes = 0
        self.refused_refreshes = 0

    # For the other endpoints

    def require(self, request: Request, scope: str) -> Access:
        """The access token of a request that must hold `scope`. Raises Unauthenticated or Refused (403)."""
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        access = self.access.get(token) if kind.lower() == "bearer" else None
        if access is None or access.expires_at <= self.clock.epoch():
            raise Unauthenticated
        if self.faults.take("unauthorized", method=request.method, path=request.path):
            raise Unauthenticated
        if scope not in access.scopes or self.faults.take("scope_missing", scope=scope):
            held = " ".join(access.scopes)
            message = f"Access denied: the token holds the scopes {held}; this needs {scope}."
            raise Refused(403, Problem(errors.DENIED, message))
        return access

    # The consent page

    def show_consent(self, request: Request) -> Response:
        """GET authorize: the page with Allow and Deny."""
        args = request.args
        if args.get("client_id") != self.app.client_id:
            return pages.message("Something went wrong", "FreshBooks cannot show this page.", 500)
        if args.get("response_type") != "code" or args.get("redirect_uri") not in self.app.redirect_uris:
            text = "The redirect URI is not registered, or the response type is not code."
            return pages.message("This request cannot be granted", text, 400)
        wanted = args.get("scope", "").split() or list(self.app.scopes)
        scopes = [scope for scope in wanted if scope != PROFILE] + [PROFILE]
        consent = Consent(args["redirect_uri"], scopes, args.get("state"), self.clock.epoch() + CODE_SECONDS)
        if self.faults.take("authorize_at_once"):
            return self._decide(consent, allowed=True)
        nonce = secrets.token_urlsafe(16)
        self.consents[nonce] = consent
        return pages.consent(self.person, self.app.client_id, sorted(scopes), nonce)

    def decide_consent(self, request: Request) -> Response:
        """POST authorize: Allow or Deny was pressed."""
        consent = self.consents.pop(request.form.get("consent", ""), None)
        if consent is None:
            return pages.message("This page is out of date", "Start again from the application.", 400)
        return self._decide(consent, allowed=request.form.get("decision") == "allow")

    def _decide(self, consent: Consent, *, allowed: bool) -> Response:
        if not allowed:
            return _back(consent, error="access_denied")
        if set(consent.scopes) - set(self.app.scopes) - {PROFILE} or not SCOPES.issuperset(consent.scopes):
            text = "The requested scope is invalid, unknown, or malformed."
            return pages.message("An error has occurred", text, 400)
        code = secrets.token_hex(32)
        self.codes[code] = replace(consent, expires_at=self.clock.epoch() + CODE_SECONDS)
        return _back(consent, code=code)

    # The token endpoint

    def answer_token(self, request: Request) -> Response:
        """POST token, as JSON or as a form."""
        given = _fields(request)
        self._require_app(given)
        if given.get("grant_type") == "authorization_code":
            return json_response(self._exchange(given))
        if given.get("grant_type") == "refresh_token":
            return json_response(self._renew(given))
        raise _refuse(400, "unsupported_grant_type", "The grant type is not supported.")

    def answer_revoke(self, request: Request) -> Response:
        """POST revoke: ends the whole authorization that the token belongs to."""
        given = _fields(request)
        self._require_app(given)
        token = given.get("token", "")
        known = self.access.get(token) or self.refresh.get(token)
        if known is not None:
            self._end_grant(known.grant_id)
        return json_response({})

    def mint(self, scopes: Sequence[str] | None = None, expires_in: int | None = None) -> dict[str, Any]:
        """A token pair without the browser; shaped as the token endpoint answers."""
        self.grants += 1
        return self._issue(self.grants, list(scopes or self.app.scopes), None, expires_in)

    def expire_access_tokens(self) -> None:
        """End every access token now; refresh tokens stay good."""
        self.access.clear()

    def _exchange(self, given: MultiDict[str, str]) -> dict[str, Any]:
        consent = self.codes.pop(given.get("code", ""), None)
        if consent is None or consent.expires_at <= self.clock.epoch():
            raise _refuse(400, "invalid_grant", "The authorization code is invalid, expired or was used.")
        if given.get("redirect_uri") != consent.redirect_uri:
            raise _refuse(400, "invalid_grant", "The redirect URI differs from the authorization request.")
        if self.faults.take("new_consent_kills_old"):
            self.access.clear()
            self.spent.update(self.refresh)
            self.refresh.clear()
        self.grants += 1
        return self._issue(self.grants, consent.scopes, consent.redirect_uri)

    def _renew(self, given: MultiDict[str, str]) -> dict[str, Any]:
        token = given.get("refresh_token", "")
        refresh = self.refresh.get(token)
        if refresh is None:
            self.refused_refreshes += 1
            reason = "was used before" if token in self.spent else "is invalid or revoked"
            raise _refuse(400, "invalid_grant", f"The refresh token {reason}.")
        del self.refresh[token]
        self.spent.add(token)
        self.refreshes += 1
        if self.faults.take("refresh_kills_access_token"):
            self._end_access(refresh.grant_id)
        answer = self._issue(refresh.grant_id, refresh.scopes, refresh.redirect_uri)
        if self.faults.take("refresh_keeps_created_at"):
            access = self.access[answer["access_token"]]
            expires_at = refresh.created_at + self.access_seconds - 1
            self.access[answer["access_token"]] = replace(access, expires_at=expires_at)
            answer |= {"created_at": refresh.created_at, "expires_in": self.access_seconds - 1}
        return answer

    def _issue(
        self, grant_id: int, scopes: list[str], redirect_uri: str | None, expires_in: int | None = None
    ) -> dict[str, Any]:
        now = self.clock.epoch()
        lifetime = self.access_seconds if expires_in is None else expires_in
        token, refresh = _access_token(), secrets.token_hex(32)
        self.access[token] = Access(grant_id, scopes, now, now + lifetime)
        self.refresh[refresh] = Refresh(grant_id, scopes, now, redirect_uri)
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": lifetime,
            "created_at": now,
            "refresh_token": refresh,
            "scope": " ".join(scopes),
            "direct_buy_tokens": {},
        }

    def _require_app(self, given: MultiDict[str, str]) -> None:
        pair = (given.get("client_id"), given.get("client_secret"))
        if pair != (self.app.client_id, self.app.client_secret):
            raise _refuse(401, "invalid_client", "Client authentication failed.")

    def _end_access(self, grant_id: int) -> None:
        self.access = {token: held for token, held in self.access.items() if held.grant_id != grant_id}

    def _end_grant(self, grant_id: int) -> None:
        self._end_access(grant_id)
        self.refresh = {token: held for token, held in self.refresh.items() if held.grant_id != grant_id}

    # State

    def dump(self) -> dict[str, Any]:
        return {
            "access": {token: asdict(held) for token, held in self.access.items()},
            "refresh": {token: asdict(held) for token, held in self.refresh.items()},
            "spent": sorted(self.spent),
            **self.counts(),
        }

    def counts(self) -> dict[str, int]:
        """How many authorizations, refreshes and refused refreshes there were."""
        return {
            "grants": self.grants,
            "refreshes": self.refreshes,
            "refused_refreshes": self.refused_refreshes,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.clear()
        self.access = {token: Access(**held) for token, held in state["access"].items()}
        self.refresh = {token: Refresh(**held) for token, held in state["refresh"].items()}
        self.spent = set(state["spent"])
        self.grants = state["grants"]
        self.refreshes = state["refreshes"]
        self.refused_refreshes = state["refused_refreshes"]


def _access_token() -> str:
    """Random text of the length and look of a JWT."""
    parts = (secrets.token_bytes(size) for size in (60, 400, 256))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def _fields(request: Request) -> MultiDict[str, str]:
    if request.mimetype == "application/json":
        return MultiDict({key: str(value) for key, value in json_object(request).items()})
    return request.form


def _back(consent: Consent, **answer: str) -> Response:
    state = {} if consent.state is None else {"state": consent.state}
    return redirect(f"{consent.redirect_uri}?{urlencode(answer | state)}")


def _refuse(status: int, error: str, description: str) -> Answer:
    return Answer(json_response({"error": error, "error_description": description}, status))
