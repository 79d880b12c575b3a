"""The token endpoint of SPS Commerce, on a host of its own."""

import secrets
from typing import Any, NoReturn

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Answer, StandIn, json_response

CLIENT_ID = "sps-sandbox-client"
CLIENT_SECRET = "sps-sandbox-secret"
AUDIENCE = "https://spscommerce.com"
OLD_AUDIENCE = "api://api.spscommerce.com/"
A_MINUTE = 60


class Auth(StandIn):
    """`POST /oauth/token` for the client-credentials grant, with a JSON body or a form.

    `audiences` are those it knows, `expires_in` is the life of a token in seconds, and it gives out at most
    `tokens_per_minute`. `requests` lists how each token was asked for, without secrets.
    """

    name = "SPS Commerce: tokens"

    def __init__(
        self,
        *,
        client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET,
        audiences: tuple[str, ...] = (AUDIENCE, OLD_AUDIENCE),
        expires_in: int = 3600,
        tokens_per_minute: int = 60,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.client_id = client_id
        self.client_secret = client_secret
        self.audiences = audiences
        self.expires_in = expires_in
        self.tokens_per_minute = tokens_per_minute
        self.requests: list[dict[str, Any]] = []
        self._valid_until: dict[str, float] = {}
        declare = self.faults.declare
        declare("wrong_application", "403 unauthorized_client: keys of an application that signs people in.")
        declare("no_token_type", "The answer has no token_type.")
        declare("no_expiry", "The answer does not say how long the token is good for.")
        declare("short_life", "Tokens live this long.", seconds=2)
        declare("new_audience_only", "The old audience is switched off.")
        declare("old_audience_only", "Only the old audience is known.")
        self.route("POST", "/oauth/token", self._issue)
        self.route("GET", "/", self._page)
        self.load_saved_state()

    def accepts(self, token: str) -> bool:
        """Whether an API call with this bearer token may pass now."""
        return self._valid_until.get(token, 0) > self.clock.epoch()

    def revoke_all(self) -> None:
        """Make every token given out so far worthless."""
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
        body = _body(request)
        if self.faults.take("wrong_application"):
            _refuse(403, "unauthorized_client", "Grant type 'client_credentials' not allowed for the client.")
        if not self._knows(str(body.get("client_id")), str(body.get("client_secret"))):
            _refuse(401, "access_denied", "Unauthorized")
        if body.get("grant_type") != "client_credentials":
            _refuse(400, "unsupported_grant_type", "Only client_credentials is known here.")
        if body.get("audience") not in self._audiences():
            _refuse(403, "access_denied", f"Service not enabled within domain: {body.get('audience')}")
        now = self.clock.epoch()
        if sum(one["at"] > now - A_MINUTE for one in self.requests) >= self.tokens_per_minute:
            _refuse(429, "too_many_requests", "Global limit has been reached")
        self.requests.append(
            {
                "at": now,
                "json": request.is_json,
                "members": sorted(body),
                "audience": body["audience"],
                "authorization": "Authorization" in request.headers,
            }
        )
        return self._token(now)

    def _token(self, now: int) -> Response:
        token = f"eyJhbGciOiJSUzI1NiJ9.{secrets.token_urlsafe(48)}"
        short = self.faults.take("short_life")
        life = int(short["seconds"]) if short else self.expires_in
        self._valid_until[token] = now + life
        answer: dict[str, Any] = {"access_token": token, "token_type": "Bearer", "expires_in": life}
        if self.faults.take("no_token_type"):
            del answer["token_type"]
        if self.faults.take("no_expiry"):
            del answer["expires_in"]
        return json_response(answer, headers={"Cache-Control": "no-store"})

    def _knows(self, client_id: str, client_secret: str) -> bool:
        known = secrets.compare_digest(client_id.encode(), self.client_id.encode())
        return secrets.compare_digest(client_secret.encode(), self.client_secret.encode()) and known

    def _audiences(self) -> tuple[str, ...]:
        if self.faults.take("new_audience_only"):
            return (AUDIENCE,)
        if self.faults.take("old_audience_only"):
            return (OLD_AUDIENCE,)
        return self.audiences

    def _page(self, _: Request) -> Response:
        text = f"{self.name}: {len(self.requests)} tokens given out, good for {self.expires_in} seconds each."
        return Response(text, content_type="text/plain; charset=utf-8")


def _body(request: Request) -> dict[str, Any]:
    if request.mimetype == "application/x-www-form-urlencoded":
        return request.form.to_dict()
    data = request.get_json(silent=True)
    if not isinstance(data, dict):
        _refuse(400, "invalid_request", "The body is neither JSON nor a form.")
    return data


def _refuse(status: int, error: str, description: str) -> NoReturn:
    raise Answer(json_response({"error": error, "error_description": description}, status))
