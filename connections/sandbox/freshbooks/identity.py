"""Who is signed in and which businesses they belong to: `GET /auth/api/v1/users/me`."""

from collections import deque
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Faults, json_response
from connections.sandbox.freshbooks import errors
from connections.sandbox.freshbooks.errors import Problem, Refused
from connections.sandbox.freshbooks.oauth import PROFILE

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

ACCOUNT_ID = "Zx9Qw1"
BUSINESS_ID = 77213
BUSINESS_UUID = "0c5f2f6e-0000-4000-8000-000000000002"
IDENTITY_ID = 31001
OTHER_BUSINESS_ID = 77214
PERSON = "Ada Byron"


def declare(faults: Faults) -> None:
    """The switches of the identity."""
    faults.declare("client_role_only", "The person is only a client here: no account_id, writing is refused.")


class Identity:
    """Ada Byron: owner of Byron Supply, client of Babbage Works.

    The endpoint allows `per_minute` calls a minute and says so in its headers.
    """

    account_id = ACCOUNT_ID
    business_id = BUSINESS_ID
    business_uuid = BUSINESS_UUID
    identity_id = IDENTITY_ID

    def __init__(self, books: "FreshBooks", *, per_minute: int) -> None:
        self.books = books
        self._per_minute = per_minute
        self._recent: deque[int] = deque()

    def require_write_role(self) -> None:
        """Raises Refused (403) when the person is only a client of the business."""
        if self.books.faults.take("client_role_only"):
            raise Refused(403, Problem(errors.DENIED, "You do not have access to this resource."))

    def answer_me(self, request: Request) -> Response:
        self.books.oauth.require(request, PROFILE)
        now = self.books.clock.epoch()
        while self._recent and self._recent[0] <= now - 60:
            self._recent.popleft()
        allowed = len(self._recent) < self._per_minute
        if allowed:
            self._recent.append(now)
        remaining = self._per_minute - len(self._recent)
        response = json_response({"response": self.me()}) if allowed else self.books.rate_limit_response()
        reset = self._recent[0] + 60 if self._recent else now + 60
        response.headers["X-RateLimit-Limit"] = str(self._per_minute)
        response.headers["X-RateLimit-Remaining"] = str(remaining)
        response.headers["X-RateLimit-Reset"] = str(reset)
        if remaining == 0:  # seen on the last answer that is still a 200, too
            response.headers["Retry-After"] = str(max(1, reset - now))
        return response

    def me(self) -> dict[str, Any]:
        client_only = self.books.faults.take("client_role_only") is not None
        memberships = [_membership(140201, "client", _other_business())]
        if not client_only:
            memberships.insert(0, _membership(140200, "owner", _byron_supply()))
        return {
            "id": IDENTITY_ID,
            "identity_id": IDENTITY_ID,
            "identity_uuid": "7a1c0d7e-0000-4000-8000-000000000001",
            "first_name": "Ada",
            "last_name": "Byron",
            "email": "ada@byron-supply.example",
            "language": "en",
            "confirmed_at": "2026-01-05T09:00:00Z",
            "created_at": "2026-01-05T08:58:00Z",
            "setup_complete": True,
            "permissions": {ACCOUNT_ID: {}},
            "subscription_statuses": {ACCOUNT_ID: "active"},
            "groups": [
                {
                    "id": 1,
                    "group_id": 77,
                    "role": "client" if client_only else "owner",
                    "identity_id": IDENTITY_ID,
                    "business_id": OTHER_BUSINESS_ID if client_only else BUSINESS_ID,
                    "active": True,
                }
            ],
            "business_memberships": memberships,
            "roles": [
                {
                    "id": 500,
                    "role": "client" if client_only else "admin",
                    "systemid": 600,
                    "userid": 1,
                    "created_at": "2026-01-05T09:00:00Z",
                    "accountid": ACCOUNT_ID,
                    "links": {"destroy": "/service/auth/api/v1/users/role/500"},
                }
            ],
        }


def _membership(membership_id: int, role: str, business: dict[str, Any]) -> dict[str, Any]:
    return {"id": membership_id, "role": role, "unacknowledged_change": False, "business": business}


def _byron_supply() -> dict[str, Any]:
    return {
        "id": BUSINESS_ID,
        "business_uuid": BUSINESS_UUID,
        "name": "Byron Supply",
        "account_id": ACCOUNT_ID,
        "date_format": "mm/dd/yyyy",
        "active": True,
        "timezone": "America/New_York",
        "address": {
            "id": 9,
            "street": "1 Main St",
            "city": "Boston",
            "province": "MA",
            "country": "United States",
            "postal_code": "02110",
        },
        "phone_number": None,
        "business_clients": [],
    }


def _other_business() -> dict[str, Any]:
    return {
        "id": OTHER_BUSINESS_ID,
        "business_uuid": "0c5f2f6e-0000-4000-8000-000000000003",
        "name": "Babbage Works",
        "account_id": None,
        "date_format": "dd/mm/yyyy",
        "active": True,
        "timezone": "America/Toronto",
        "address": None,
        "phone_number": None,
        "business_clients": [],
    }
