"""The Identity service of newer installations: OAuth tokens from an origin of its own."""

import base64
import binascii
import secrets
from typing import Any, NoReturn

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, StandIn, json_response

CLIENT_ID = "ml-connector"
CLIENT_SECRET = "sterling-client-secret"


class Identity(StandIn):
    """`/oauth2/token` for the client-credentials grant.

    `client_auth` is the way the client must name itself: `basic`, `post` (in the form), or `any`.
    `scope`, when set, is demanded. `requests` lists how each token was asked for, without secrets.
    """

    name = "IBM Sterling: Identity service"

    def __init__(
        self,
        *,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        client_auth: str = "any",
        expires_in: int = 300,
        scope: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.client_id = client_id
        self.client_secret = client_secret
        self.client_auth = client_auth
        self.expires_in = expires_in
        self.scope = scope
        self.requests: list[dict[str, str]] = []
        self._valid_until: dict[str, float] = {}
        self.faults.declare("token_without_expiry", "The token answer does not say how long it is good for.")
        self.route("POST", "/oauth2/token", self._issue)
        self.route("GET", "/", self._page)
        self.load_saved_state()

    def accepts(self, token: str) -> bool:
        """Whether an API call with this bearer token may pass now."""
        return self._valid_until.get(token, 0) > self.clock.epoch()

    def revoke_all(self) -> None:
        """Make every token given out so far worthless, as a restart of the service does."""
        self._valid_until.clear()

    def dump(self) -> dict[str, Any]:
        return {"requests": self.requests}

    def restore(self, state: dict[str, Any]) -> None:
        """Tokens do not survive a restart."""
        self.requests = state["requests"]

    def reset(self) -> None:
        self.requests = []
        self.revoke_all()

    def _issue(self, request: Request) -> Response:
        way, client_id, client_secret = _client_of(request)
        known = secrets.compare_digest(client_id.encode(), self.client_id.encode())
        right = secrets.compare_digest(client_secret.encode(), self.client_secret.encode())
        if not (known and right) or self.client_auth not in {way, "any"}:
            _refuse("invalid_client", 401)
        if request.form.get("grant_type") != "client_credentials":
            _refuse("unsupported_grant_type")
        scope = request.form.get("scope", "")
        if self.scope and self.scope not in scope.split():
            _refuse("invalid_scope")
        self.requests.append(
            {"client_auth": way, "scope": scope, "audience": request.form.get("audience", "")}
        )
        token = secrets.token_urlsafe(32)
        self._valid_until[token] = self.clock.epoch() + self.expires_in
        answer: dict[str, Any] = {"access_token": token, "token_type": "Bearer"}
        if not self.faults.take("token_without_expiry"):
            answer["expires_in"] = self.expires_in
        return json_response(answer, headers={"Cache-Control": "no-store"})

    def _page(self, _: Request) -> Response:
        text = f"{self.name}: {len(self.requests)} tokens given out, good for {self.expires_in} seconds each."
        return Response(text, content_type="text/plain; charset=utf-8")


def _client_of(request: Request) -> tuple[str, str, str]:
    """How the client named itself (`basic`, `post`), its id and its secret."""
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "post", request.form.get("client_id", ""), request.form.get("client_secret", "")
    try:
        client_id, _, client_secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        _refuse("invalid_client", 401)
    return "basic", client_id, client_secret


def _refuse(error: str, status: int = 400) -> NoReturn:
    headers = {"WWW-Authenticate": 'Basic realm="oauth2"'} if status == 401 else None
    raise Answer(json_response({"error": error}, status, headers))
