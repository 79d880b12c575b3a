"""The history of transfers: file states only, and later than the transfers themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from connections.sandbox.common import json_response
from connections.sandbox.sps_commerce.service import BASE, Service
from connections.sandbox.sps_commerce.store import Transfer

DEFAULT_LIMIT = 100


class History:
    def __init__(self, service: Service) -> None:
        self.service = service
        service.api("GET", f"{BASE}/history", self.show)

    def show(self, request: Request) -> Response:
        found = self._found(request)
        asked = self._number(request, "limit", DEFAULT_LIMIT)
        short = self.service.faults.take("history_page")
        limit = min(asked, int(short["rows"])) if short else asked
        by_page = self.service.faults.take("history_counts_pages")
        offset = self._number(request, "offset", 0)
        start = offset * limit if by_page else offset
        rows = found[start : start + limit]
        following = offset + 1 if by_page else offset + limit
        more = start + limit < len(found)
        paging = {
            "offset": offset,
            "limit": limit,
            "total_count": len(found),
            "next": {"url": self._url(request, following)} if more else None,
            "previous": None,
        }
        return json_response({"results": [_row(one) for one in rows], "paging": paging})

    def _found(self, request: Request) -> list[Transfer]:
        after, until = self._moment(request, "after"), self._moment(request, "until")
        lag = self.service.faults.take("history_lag")
        seconds = float(lag["seconds"]) if lag else 0
        shown_until = self.service.clock.now() - timedelta(seconds=seconds)
        return [
            one
            for one in self.service.store.history
            if one.began <= shown_until
            and (after is None or one.began >= after)
            and (until is None or one.began <= until)
        ]

    def _moment(self, request: Request, name: str) -> datetime | None:
        text = request.args.get(name)
        if text is None:
            return None
        try:
            return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
        except ValueError:
            self.service.fail(400, "Bad Request", f"{name} is not of the form YYYY-MM-DDTHH:mm:ss")

    def _number(self, request: Request, name: str, default: int) -> int:
        text = request.args.get(name, str(default))
        if not text.isdecimal():
            self.service.fail(400, "Bad Request", f"{name} is not a number")
        return int(text)

    def _url(self, request: Request, offset: int) -> str:
        query = urlencode({**request.args.to_dict(), "offset": offset})
        elsewhere = self.service.faults.take("history_elsewhere")
        root = f"https://{elsewhere['host']}/" if elsewhere else request.url_root
        return f"{root}{BASE.lstrip('/')}/history?{query}"


def _row(transfer: Transfer) -> dict[str, Any]:
    return {
        "id": transfer.id,
        "path": transfer.path,
        "direction": transfer.direction,
        "store_mode": "overwrite",
        "status_log": transfer.log,
    }
