"""A FreshBooks stand-in on a free port and a bare client for it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from connections.sandbox.common import Clock, Server, serve
from connections.sandbox.freshbooks import FreshBooks

REDIRECT_URI = "https://connector.example/callback"
# Noon in Boston on a winter day.
NOON = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)


class Api:
    """Requests with an access token; the accounting methods take a path below the account."""

    def __init__(self, server: Server, token: str) -> None:
        self.url = server.url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.session.request(method, f"{self.url}{path}", timeout=10, **options)

    def accounting(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.call(method, f"/accounting/account/Zx9Qw1/{path}", **options)

    def page(self, path: str, **params: Any) -> dict[str, Any]:
        """The result of a list; `search__x` is sent as `search[x]`, or as `search[x][]` for a list."""
        answer = self.accounting("GET", path, params=[*_query(params)])
        assert answer.status_code == 200, answer.text
        return answer.json()["response"]["result"]

    def rows(self, path: str, **params: Any) -> list[dict[str, Any]]:
        return self.page(path, per_page=100, **params)[path.split("/")[-1]]

    def ids(self, path: str, **params: Any) -> list[int]:
        return [row.get("id") or row["vendorid"] for row in self.rows(path, **params)]

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return _only(self.accounting("GET", path, params=[*_query(params)]))

    def create(self, path: str, name: str, data: dict[str, Any], **params: Any) -> dict[str, Any]:
        return _only(self.accounting("POST", path, json={name: data}, params=[*_query(params)]))

    def update(self, path: str, name: str, data: dict[str, Any], **params: Any) -> dict[str, Any]:
        return _only(self.accounting("PUT", path, json={name: data}, params=[*_query(params)]))

    def refused(
        self, method: str, path: str, name: str = "", data: Any = None
    ) -> tuple[int, int, str | None]:
        """Status, errno and field of the first error of a request that is refused."""
        body = {name: data} if name else None
        answer = self.accounting(method, path, json=body)
        error = answer.json()["response"]["errors"][0]
        return answer.status_code, error["errno"], error["field"]


def _query(params: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in params.items():
        if key == "include":
            yield from (("include[]", one) for one in value)
        elif not key.startswith("search__"):
            yield key, value
        elif isinstance(value, list):
            yield from ((f"search[{key[8:]}][]", one) for one in value)
        else:
            yield f"search[{key[8:]}]", value


def _only(answer: requests.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    (record,) = answer.json()["response"]["result"].values()
    return record


@pytest.fixture
def clock() -> Clock:
    """A clock that starts at noon in Boston on 5 March 2026."""
    clock = Clock()
    clock.move_to(NOON)
    return clock


@pytest.fixture
def books(clock: Clock) -> FreshBooks:
    return FreshBooks(
        redirect_uris=[REDIRECT_URI],
        scopes=[*FULL_SCOPES],
        clock=clock,
        retry_pauses=(),
    )


@pytest.fixture
def server(books: FreshBooks) -> Iterator[Server]:
    with serve(books) as running:
        yield running


@pytest.fixture
def api(books: FreshBooks, server: Server) -> Iterator[Api]:
    api = Api(server, books.oauth.mint(expires_in=10**9)["access_token"])
    with api.session:
        yield api


FULL_SCOPES = [
    f"user:{name}:{verb}"
    for name in (
        "bill_payments",
        "bill_vendors",
        "billable_items",
        "bills",
        "clients",
        "expenses",
        "invoices",
        "journal_entries",
        "payments",
        "taxes",
    )
    for verb in ("read", "write")
] + ["user:profile:read", "user:reports:read"]
