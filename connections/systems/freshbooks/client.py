"""Authorised requests for one connection, with the quirks of FreshBooks' accounting API kept in here.

Errors are looked for in every answer, whatever its status. A 401 is answered with one refresh and one more
try. Nothing here sleeps or repeats: what may be tried again is said by the failure that is raised.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

from django.conf import settings

from connections.models import Connection
from connections.systems.base import Misconfigured, Temporary, UnknownOutcome
from connections.systems.freshbooks import oauth
from connections.systems.freshbooks.catalogue import RESOURCES, Resource
from connections.systems.freshbooks.problems import (
    Problem,
    failure_of,
    is_unauthorised,
    is_unknown_record,
    problems_in,
)
from connections.systems.http import Answer, Http

# FreshBooks gives at most so many per page, whatever is asked for.
PER_PAGE = 100
DELETED = 1

Row = dict[str, Any]
Value = str | int | bool | Decimal | date
Filters = Mapping[str, Value | Sequence[Value]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list. `total` may count rows that we are not allowed to see."""

    rows: list[Row]
    number: int
    pages: int
    total: int


class Client:
    """The FreshBooks API for one connection; used by one thread. Opens nothing before the first call."""

    def __init__(self, connection: Connection, http: Http | None = None) -> None:
        self.connection = connection
        self.http = http or Http("FreshBooks")

    def close(self) -> None:
        self.http.close()

    @property
    def account_id(self) -> str:
        """The account of the chosen business. Raises `Misconfigured` before one is chosen."""
        return self._chosen("account_id")

    @property
    def business_uuid(self) -> str:
        return self._chosen("business_uuid")

    def request(
        self,
        method: str,
        path: str,
        *,
        what: str,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> Any:
        """The decoded answer to one request; `what` names its object in words ("the invoice").

        Raises the `SystemFailure` that the answer, or its absence, amounts to.
        """
        answer, problems = self._ask(method, path, params=params, body=body)
        if problems or not answer.ok:
            raise failure_of(answer, problems, what=what)
        return answer.json() if answer.content.strip() else {}

    def find(self, resource: Resource, record_id: str | int) -> Row | None:
        """The record, or None when FreshBooks does not know it (any more)."""
        path = self._path(resource, record_id)
        answer, problems = self._ask("GET", path, params=_includes(resource))
        if is_unknown_record(answer, problems):
            return None
        if problems or not answer.ok:
            raise failure_of(answer, problems, what=resource.title)
        return self._record(answer.json(), resource, repeatable=True)

    def page(
        self,
        resource: Resource,
        filters: Filters | None = None,
        *,
        number: int = 1,
        per_page: int = PER_PAGE,
        sort: str = "",
    ) -> Page:
        """One page of the records that pass `filters`; `ValueError` for a filter that would be ignored."""
        params = {**_search(resource, filters or {}), **_includes(resource)}
        params |= {"page": number, "per_page": min(per_page, PER_PAGE)}
        if sort:
            params["sort"] = sort
        answer, problems = self._ask("GET", self._path(resource), params=params)
        if is_unknown_record(answer, problems):
            raise Misconfigured(
                "FreshBooks does not know the chosen business any more.",
                remedy="Open the connection and choose “Connect FreshBooks” to choose it anew.",
                detail=answer.excerpt(),
            )
        if problems or not answer.ok:
            raise failure_of(answer, problems, what=resource.title)
        result = _result(answer.json())
        rows = result.get(resource.plural)
        if not isinstance(rows, list):
            _unreadable(resource, repeatable=True)
        rows = [row for row in rows if isinstance(row, dict)]
        return Page(rows, number, _whole(result.get("pages")), _whole(result.get("total")))

    def pages(self, resource: Resource, filters: Filters | None = None) -> Iterator[Page]:
        """Every page, each asked for when it is needed.

        There is no snapshot: a record that changes during the walk can come twice or be missed.
        """
        number = 1
        while True:
            page = self.page(resource, filters, number=number)
            yield page
            if number >= page.pages:
                return
            number += 1

    def rows(self, resource: Resource, filters: Filters | None = None) -> Iterator[Row]:
        """Every record that passes `filters`, each once."""
        seen: set[str] = set()
        for page in self.pages(resource, filters):
            for row in page.rows:
                record_id = str(row.get(resource.key))
                if record_id not in seen:
                    seen.add(record_id)
                    yield row

    def create(self, resource: Resource, values: Mapping[str, Any]) -> Row:
        """The new record as FreshBooks has it. `UnknownOutcome` means: look it up before trying again."""
        body = {resource.singular: values}
        answer = self.request("POST", self._path(resource), what=resource.title, body=body)
        return self._record(answer, resource, repeatable=False)

    def update(self, resource: Resource, record_id: str | int, values: Mapping[str, Any]) -> Row:
        """Change the given fields and no others. To delete is another call: in here it would win alone."""
        if any(key in ("vis_state", "ext_vis_state") or key.startswith("action_") for key in values):
            raise ValueError("vis_state and actions make FreshBooks drop every other field: send them alone")
        return self._put(resource, record_id, values)

    def delete(self, resource: Resource, record_id: str | int) -> Row:
        """Mark it deleted, as FreshBooks does it."""
        return self._put(resource, record_id, {"vis_state": DELETED})

    def _put(self, resource: Resource, record_id: str | int, values: Mapping[str, Any]) -> Row:
        path = self._path(resource, record_id)
        answer = self.request("PUT", path, what=resource.title, body={resource.singular: values})
        return self._record(answer, resource, repeatable=True)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        body: Mapping[str, Any] | None = None,
    ) -> tuple[Answer, tuple[Problem, ...]]:
        """The answer with the problems it states; a refused token is renewed once."""
        grant = oauth.access(self.connection, self.http)
        answer, problems = self._send(grant, method, path, params, body)
        if is_unauthorised(answer, problems):
            grant = oauth.renewed(self.connection, grant.generation, self.http)
            answer, problems = self._send(grant, method, path, params, body)
        return answer, problems

    def _send(
        self,
        grant: oauth.Grant,
        method: str,
        path: str,
        params: Mapping[str, Any] | None,
        body: Mapping[str, Any] | None,
    ) -> tuple[Answer, tuple[Problem, ...]]:
        answer = self.http.call(
            method,
            f"{settings.FRESHBOOKS_API_URL}{path}",
            params=params,
            json=body,
            headers={"Authorization": f"Bearer {grant.access_token}", "Accept": "application/json"},
        )
        return answer, problems_in(answer.decoded(), ok=answer.ok)

    def _path(self, resource: Resource, record_id: str | int = "") -> str:
        path = f"/accounting/account/{self.account_id}/{resource.path}"
        if record_id == "":
            return path
        if not (str(record_id).isascii() and str(record_id).isalnum()):
            raise ValueError(f"{record_id!r} is no id of a FreshBooks record")
        return f"{path}/{record_id}"

    def _record(self, body: Any, resource: Resource, *, repeatable: bool) -> Row:
        record = _result(body).get(resource.singular)
        if not isinstance(record, dict):
            _unreadable(resource, repeatable=repeatable)
        return record

    def _chosen(self, key: str) -> str:
        value = self.connection.settings.get(key)
        if not value:
            raise Misconfigured(
                "No FreshBooks business is chosen yet.", remedy="Open the connection and choose the business."
            )
        return str(value)


def resource_named(name: str) -> Resource:
    """The resource of that name. Raises `ValueError`."""
    if name not in RESOURCES:
        raise ValueError(f"{name!r} is no FreshBooks resource that we know")
    return RESOURCES[name]


def _search(resource: Resource, filters: Filters) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for name, value in filters.items():
        many = isinstance(value, list | tuple | set)
        if name not in (resource.list_filters if many else resource.filters):
            raise ValueError(f"FreshBooks would ignore the filter {name!r} of {resource.name}")
        params[f"search[{name}][]" if many else f"search[{name}]"] = (
            [_wire(item) for item in value] if many else _wire(value)  # type: ignore[union-attr]
        )
    return params


def _wire(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)


def _includes(resource: Resource) -> dict[str, Any]:
    return {"include[]": list(resource.includes)} if resource.includes else {}


def _result(body: Any) -> Row:
    response = body.get("response") if isinstance(body, dict) else None
    result = response.get("result") if isinstance(response, dict) else None
    return result if isinstance(result, dict) else {}


def _unreadable(resource: Resource, *, repeatable: bool) -> NoReturn:
    text = f"FreshBooks answered without {resource.title} in it."
    if repeatable:
        raise Temporary(text)
    raise UnknownOutcome(text)


def _whole(value: Any) -> int:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
