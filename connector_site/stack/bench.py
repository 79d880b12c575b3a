"""Measuring: how fast webhooks are taken, beside a bare view; how fast documents flow from end to end."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

import requests

from connections.models import Callback, Connection
from connections.systems.freshbooks.webhooks import token_hash
from connector_site.stack.environment import LOCALHOST
from connector_site.stack.processes import Stack, web
from connector_site.stack.running import ALIAS, RunningStack
from connector_site.stack.smoke import LINKED

CONNECTIONS = 8
POSTS = 800
DOCUMENTS = 200
PATIENCE = 600.0


@dataclass(frozen=True, slots=True)
class Load:
    """What a load of POSTs came to: rate per second, latencies in milliseconds."""

    rate: float
    median: float
    p99: float


def webhooks_beside_a_bare_view(stack: RunningStack) -> tuple[Load, Load]:
    """(webhook, bare view): the same number of POSTs from the same clients, in turns, on equal servers."""
    connection = Connection.unscoped.using(ALIAS).get(key="freshbooks")
    token, verifier = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
    # An event that no resource is fetched for: what is measured is the taking, not what follows.
    callback = Callback.objects.using(ALIAS).create(
        connection=connection,
        event="expense.update",
        token_hash=token_hash(token),
        verifier=verifier,
        is_verified=True,
    )
    account = connection.settings["account_id"]

    def webhook(number: int) -> tuple[str, dict[str, str]]:
        fields = {"name": "expense.update", "object_id": str(number), "account_id": account, "user_id": "1"}
        digest = hmac.new(verifier.encode(), json.dumps(fields).encode(), hashlib.sha256).digest()
        return urlencode(fields), {"X-FreshBooks-Hmac-SHA256": base64.b64encode(digest).decode()}

    def bare(number: int) -> tuple[str, dict[str, str]]:
        return urlencode({"connection": connection.pk, "object_id": number}), {}

    with _bare_server(stack) as bare_url:
        url = f"{stack.site.web_url}/hooks/freshbooks/{token}"
        _post(url, webhook, 20, start=10_000_000)
        _post(bare_url, bare, 20, start=10_000_000)
        rounds = [
            (_post(url, webhook, POSTS, start=n * POSTS), _post(bare_url, bare, POSTS, start=n * POSTS))
            for n in range(2)
        ]
    callback.delete()
    return _summary([pair[0] for pair in rounds]), _summary([pair[1] for pair in rounds])


@contextmanager
def _bare_server(stack: RunningStack) -> Iterator[str]:
    port = _free_port()
    command = [argument.replace("connector_site.wsgi", "connector_site.stack.bare") for argument in web(port)]
    environment = stack.site.environment()
    with Stack(stack.site.directory / "bare", {"web": command}, environment) as bare:
        url = f"http://{LOCALHOST}:{port}/bare"
        bare.wait_until(lambda: _is_up(url), what="The bare view", log="web")
        yield url


def _is_up(url: str) -> bool:
    try:
        requests.post(url, timeout=2)
    except requests.RequestException:
        return False
    return True


def _free_port() -> int:
    from connector_site.stack.ports import Ports

    return Ports.free().web


Request = Callable[[int], tuple[str, dict[str, str]]]


def _post(url: str, request: Request, posts: int, *, start: int) -> tuple[float, list[float]]:
    """(seconds, latencies) of `posts` POSTs over kept-open connections. Every answer must be a success."""
    latencies: list[float] = []
    failed: list[int] = []

    def client(numbers: range) -> None:
        session = requests.Session()
        for number in numbers:
            body, headers = request(number)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            began = time.perf_counter()
            answer = session.post(url, data=body, headers=headers, timeout=60)
            latencies.append(time.perf_counter() - began)
            if not answer.ok:
                failed.append(answer.status_code)

    share = posts // CONNECTIONS
    spans = [range(start + n * share, start + (n + 1) * share) for n in range(CONNECTIONS)]
    threads = [threading.Thread(target=client, args=(span,)) for span in spans]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise RuntimeError(f"{len(failed)} of {posts} POSTs to {url} failed, the first with {failed[0]}")
    return time.perf_counter() - began, latencies


def _summary(rounds: list[tuple[float, list[float]]]) -> Load:
    latencies = sorted(latency for _, some in rounds for latency in some)
    seconds = sum(taken for taken, _ in rounds)
    at = [latencies[int(len(latencies) * share)] * 1000 for share in (0.5, 0.99)]
    return Load(len(latencies) / seconds, *at)


def documents_per_second(stack: RunningStack) -> float:
    """Invoices a second from the first webhook until each is delivered to Sterling and to the SFTP server."""
    before = stack.deliveries.filter(transfer="delivered").count()
    began = time.monotonic()
    for number in range(DOCUMENTS):
        stack.book_invoice(LINKED[number % len(LINKED)])
    while stack.deliveries.filter(transfer="delivered").count() < before + 2 * DOCUMENTS:
        if time.monotonic() - began > PATIENCE:
            raise RuntimeError("not every document was delivered within ten minutes")
        time.sleep(0.2)
    return DOCUMENTS / (time.monotonic() - began)
