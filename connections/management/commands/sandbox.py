"""`manage.py sandbox`: stand-ins of FreshBooks and the partner systems, until Ctrl-C or SIGTERM."""

import signal
from argparse import ArgumentParser, ArgumentTypeError
from dataclasses import fields, replace
from pathlib import Path
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from connections.sandbox.cleo import PLAIN, SHAPES
from connections.sandbox.common import StateFileError
from connections.sandbox.launch import Options, PortError, Ports, Sandbox, running

PORT_BASE = 8100
HIGHEST_PORT = 65_535
LONGEST = 86_400


class Command(BaseCommand):
    help = "Run stand-ins of the outside systems on this machine, until Ctrl-C or SIGTERM."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        add = parser.add_argument
        add("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        add(
            "--port-base",
            type=_port,
            default=PORT_BASE,
            help="first port of a row (default: %(default)s; 0: free ones)",
        )
        for port in fields(Ports):
            name = port.name.replace("_", "-")
            add(
                f"--{name}-port",
                type=_port,
                metavar="PORT",
                help=f"port of {name}, instead of one from --port-base",
            )
        add(
            "--state-dir",
            type=Path,
            default=settings.VAR_DIR / "sandbox",
            help="where to keep state and files",
        )
        add("--no-state", action="store_true", help="keep nothing after the end")
        add(
            "--book-every",
            type=_seconds,
            default=0,
            metavar="SECONDS",
            help="book an invoice so often; 0: never",
        )
        add(
            "--ack-after",
            type=_seconds,
            default=10,
            metavar="SECONDS",
            help="until a partner acknowledges (10)",
        )
        add(
            "--partners-every",
            type=_seconds,
            default=2,
            metavar="SECONDS",
            help="how often partners look (2)",
        )
        add(
            "--redirect-uri",
            action="append",
            metavar="URI",
            help="where FreshBooks may send people back to after consent; may be repeated (default: that of SITE_URL)",
        )
        add(
            "--webhook-timeout",
            type=_seconds,
            default=10,
            metavar="SECONDS",
            help="for an answer to a webhook (10)",
        )
        add(
            "--webhook-disable-after", type=int, default=10, metavar="N", help="failed webhooks in a row (10)"
        )
        add(
            "--sterling-auth",
            choices=["basic", "oauth", "any"],
            default="any",
            help="how clients sign in (any)",
        )
        add(
            "--sterling-partner",
            action="append",
            metavar="NAME",
            help="a partner with boxes below /NAME (acme)",
        )
        add(
            "--sftp-public-key",
            action="append",
            type=Path,
            metavar="FILE",
            help="lets its owner in besides the password",
        )
        add(
            "--cleo-partner",
            action="append",
            metavar="NAME",
            help="a partner with folders below NAME in Cleo (acme)",
        )
        add(
            "--cleo-shape",
            choices=[*SHAPES],
            default=PLAIN.name,
            help="how Cleo's file API is spelled (%(default)s)",
        )
        add("--no-sftp-partner", action="store_true", help="nobody takes files or answers them")

    def handle(self, *args: Any, **given: Any) -> None:
        stopped = Event()
        earlier = {
            number: signal.signal(number, lambda *_: stopped.set())
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            with running(_options(given)) as sandbox:
                self._tell(sandbox, given)
                stopped.wait()
                self.stdout.write("Stopping.")
        except (PortError, StateFileError, ValueError, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)

    def _tell(self, sandbox: Sandbox, given: dict[str, Any]) -> None:
        kept = "Nothing is kept." if given["no_state"] else f"State is kept in {given['state_dir']}."
        self.stdout.write(f"The sandbox is running. {kept}\n\n")
        for name, address in sandbox.addresses.items():
            self.stdout.write(f"  {name:22}{address:30}{sandbox.credentials.get(name, '')}".rstrip())
        freshbooks = sandbox.addresses["FreshBooks"]
        self.stdout.write("\nSettings for ml-connector (.env):\n\n")
        for name in ("API", "AUTH"):
            self.stdout.write(f"  FRESHBOOKS_{name}_URL={freshbooks}")
        self.stdout.write(f"  FRESHBOOKS_CLIENT_ID={sandbox.freshbooks.oauth.app.client_id}")
        self.stdout.write(f"  FRESHBOOKS_CLIENT_SECRET={sandbox.freshbooks.oauth.app.client_secret}")
        self.stdout.write("  OUTBOUND_ALLOW_LOOPBACK=1\n\nStop with Ctrl-C.")
        self.stdout.flush()


def _options(given: dict[str, Any]) -> Options:
    single = {port.name: given[f"{port.name}_port"] for port in fields(Ports)}
    ports = replace(
        Ports.from_base(given["port_base"]),
        **{name: port for name, port in single.items() if port is not None},
    )
    return Options(
        host=given["host"],
        ports=ports,
        state_dir=None if given["no_state"] else given["state_dir"],
        book_every=given["book_every"],
        ack_after=given["ack_after"],
        partners_every=given["partners_every"],
        redirect_uris=given["redirect_uri"] or [f"{settings.SITE_URL}/oauth/freshbooks/callback"],
        webhook_timeout=given["webhook_timeout"],
        webhook_disable_after=given["webhook_disable_after"],
        sterling_auth=given["sterling_auth"],
        sterling_partners=given["sterling_partner"] or ["acme"],
        sftp_partner=not given["no_sftp_partner"],
        cleo_partners=given["cleo_partner"] or ["acme"],
        cleo_shape=given["cleo_shape"],
        sftp_public_keys=[path.read_text().strip() for path in given["sftp_public_key"] or []],
    )


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > HIGHEST_PORT:
        raise ArgumentTypeError(f"{text} is no port: a number from 0 to {HIGHEST_PORT}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= LONGEST:
        raise ArgumentTypeError(f"{text} is no number of seconds from 0 to {LONGEST}")
    return seconds
