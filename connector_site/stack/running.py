"""A running stack: started, set up with the demo tenant, and ready to be looked at or driven."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import environ
import requests
from django.db import connections
from django.db.models import QuerySet

from audit.models import Attempt, Delivery, Event
from connections.models import Callback
from connector_site.stack.environment import Site
from connector_site.stack.processes import Stack, StackFailed, manage, web

OWNER = "owner@byron-supply.example"
SUPPORT = "support@ml-connector.example"
ALIAS = "stack"
# The companies behind the Sterling stand-in's mailboxes, as demo.yaml names them.
PARTNERS = ("acme", "bluebell", "canyon", "delta", "evergreen")
PASSWORD = "demo-password"  # noqa: S105 - printed on the screen, for this machine only


@contextmanager
def running(site: Site, *, sandbox_options: list[str]) -> Iterator["RunningStack"]:
    """Start everything, set the demo tenant up if it is not there, and stop everything afterwards.

    Raises `StackFailed` with the end of a log, `PortsTaken` before anything is started.
    """
    site.ports.check_free()
    site.sandbox_directory.mkdir(parents=True, exist_ok=True)
    _manage(site, "migrate", "--verbosity", "0")
    ports = site.ports
    sandbox = manage(
        "sandbox",
        *("--port-base", "0"),  # whatever the stack does not drive
        *("--freshbooks-port", str(ports.freshbooks), "--sterling-port", str(ports.sterling)),
        *("--sterling-token-port", str(ports.sterling_token), "--sftp-port", str(ports.sftp)),
        *("--sftp-control-port", str(ports.sftp_control), "--index-port", str(ports.index)),
        *("--state-dir", str(site.sandbox_directory), "--partners-every", "1"),
        *(option for partner in PARTNERS for option in ("--sterling-partner", partner)),
        *sandbox_options,
    )
    commands = {"sandbox": sandbox, "web": web(ports.web), "worker": manage("worker")}
    with Stack(site.directory, commands, site.environment()) as stack:
        for what, url, log in (
            ("The sandbox", site.sftp_url, "sandbox"),
            ("The web server", f"{site.web_url}/health/live", "web"),
        ):
            stack.wait_until(lambda url=url: _answers(url), what=what, log=log)  # type: ignore[misc]
        _manage(site, "demo_tenant")
        yield RunningStack(site, stack)


class RunningStack:
    """What the demo, the smoke run and the benchmark do with a stack."""

    def __init__(self, site: Site, stack: Stack) -> None:
        self.site = site
        self.stack = stack
        self._session = requests.Session()
        # An earlier stack of this process may have left its connection behind.
        if ALIAS in connections.databases:
            connections[ALIAS].close()
            del connections[ALIAS]
        connections.databases[ALIAS] = {
            **connections.databases["default"],
            **environ.Env.db_url_config(site.environment()["DATABASE_URL"]),
        }

    @property
    def deliveries(self) -> QuerySet[Delivery]:
        """The deliveries in the stack's own database, which is not this process's."""
        return Delivery.unscoped.using(ALIAS)

    @property
    def callbacks(self) -> list[Callback]:
        return list(Callback.objects.using(ALIAS))

    def ways_found(self, source_id: str) -> set[str]:
        """How we learned of a FreshBooks record: by webhook, by poll."""
        found = Event.unscoped.using(ALIAS).filter(delivery__source_id=source_id, kind="found")
        return {event.data["via"] for event in found}

    def attempts(self, source_id: str) -> list[str]:
        """How the attempts to deliver a FreshBooks record ended."""
        made = Attempt.objects.using(ALIAS).filter(delivery__source_id=source_id)
        return list(made.order_by("pk").values_list("outcome", flat=True))

    def last_event(self) -> int:
        return Event.unscoped.using(ALIAS).order_by("-pk").values_list("pk", flat=True).first() or 0

    def events_after(self, pk: int) -> QuerySet[Event]:
        events = Event.unscoped.using(ALIAS).filter(pk__gt=pk).order_by("pk")
        return events.select_related("delivery", "arrival")

    def sandbox(self, method: str, url: str, **body: Any) -> Any:
        """Call a stand-in's control surface, `url` being complete; returns the JSON answer."""
        answer = self._session.request(method, url, json=body or None, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def book_invoice(self, client: int, **options: Any) -> Any:
        """Book an invoice in the FreshBooks stand-in; returns the invoice as FreshBooks shows it."""
        return self.sandbox("POST", f"{self.site.freshbooks_url}/_sandbox/invoices", client=client, **options)


def _manage(site: Site, *arguments: str) -> None:
    done = subprocess.run(
        manage(*arguments),
        env={**os.environ, **site.environment()},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise StackFailed(f"manage.py {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).status_code < 500
    except requests.RequestException:
        return False
