"""Signing in: client credentials as JSON, for one audience, at a host of its own.

Source: SPS Commerce's developer center on machine-to-machine applications.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import NoReturn

from connections.systems.base import Misconfigured, NeedsSignIn, Temporary
from connections.systems.http import Answer, Http
from connections.systems.sps_commerce import replies
from connections.systems.sps_commerce.settings import Credentials, Settings
from connections.systems.tokens import Granted

# For an answer that does not say it. SPS has announced shorter lives than the hour that is seen today.
USUAL_LIFE = timedelta(minutes=5)
LONGEST_MARGIN = timedelta(seconds=60)
MARGIN_PART = 10

Rest = Callable[[Answer], timedelta | None]


def ask_for_token(http: Http, settings: Settings, credentials: Credentials, rest: Rest) -> Granted:
    """A new token. Its life is the one that the answer states, less a tenth, at most a minute.

    `rest` says how long to wait after 429: giving out tokens is itself limited. Raises a `SystemFailure`.
    """
    if not credentials.client_id or not credentials.client_secret:
        raise NeedsSignIn("The client id or the client secret is missing.", remedy="Enter both.")
    body = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "audience": settings.audience,
    }
    answer = http.call("POST", settings.token_url, json=body, repeatable=True)
    data = answer.decoded() if answer.ok else None
    token = data.get("access_token") if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(token, str) or not _may_stand_in_a_header(token):
        _refuse(answer, settings, rest)
    http.hide(token)
    life = _life(data.get("expires_in"))
    return Granted(token, life - min(life / MARGIN_PART, LONGEST_MARGIN))


def _may_stand_in_a_header(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _life(expires_in: object) -> timedelta:
    text = str(expires_in).strip()
    seconds = int(text[:9]) if text.isascii() and text.isdigit() else 0
    return timedelta(seconds=seconds) if seconds else USUAL_LIFE


def _refuse(answer: Answer, settings: Settings, rest: Rest) -> NoReturn:
    """What an answer without a token means. A wrong audience and a wrong secret look alike but for the status."""
    data, said, detail = answer.decoded(), replies.error_text(answer), answer.excerpt()
    error = data.get("error") if isinstance(data, dict) else None
    if answer.status == 429:
        raise Temporary(
            "SPS Commerce gives us no further token for now.", retry_after=rest(answer), detail=detail
        )
    if answer.status >= 500:
        raise Temporary(
            "The sign-in of SPS Commerce fails just now.", retry_after=answer.retry_after, detail=detail
        )
    if error == "unauthorized_client":
        raise NeedsSignIn(
            "These keys are of an application that signs people in, not of a machine-to-machine one.",
            remedy="Create an application of type machine-to-machine in the Dev Center and enter its keys.",
            detail=detail,
        )
    if answer.status == 401 or error == "invalid_client":
        raise NeedsSignIn(
            "SPS Commerce does not accept the client id and secret.",
            remedy="Enter them again. Sandbox and production have key pairs of their own.",
            detail=detail,
        )
    if answer.status in (400, 403):
        raise Misconfigured(
            f"SPS Commerce gives these keys no token for the audience {settings.audience}. {said}".strip(),
            remedy="Try the other audience, or ask SPS Commerce which one the application has.",
            detail=detail,
        )
    raise Misconfigured(
        "What answers at the address for tokens does not give us one.",
        remedy="Check the address: it is another host than that of the API.",
        detail=detail,
    )
