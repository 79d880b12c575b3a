"""`manage.py demo`: the whole product on this machine, with documents flowing."""

import signal
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from connector_site.stack.environment import Site
from connector_site.stack.ports import Ports, PortsTaken
from connector_site.stack.processes import StackFailed
from connector_site.stack.running import OWNER, PASSWORD, SUPPORT, RunningStack, running

WELCOME = """
ml-connector runs on this machine, against stand-ins of every outside system.

  Customers       {web}        {owner} / {password}
  Support staff   {web}/admin/ {support} / {password}
  Outside world   http://127.0.0.1:{index}        FreshBooks, Sterling and SFTP as they see it

The FreshBooks stand-in books an invoice every {every} seconds. What becomes of it is shown below.
Logs are in {directory}, e-mails in its folder mail. Ctrl-C stops everything; the next start goes on where this one was.
"""


class Command(BaseCommand):
    help = "Run web, worker and sandbox, with a demo tenant whose invoices flow to Sterling and SFTP."
    stopping = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port-base", type=int, default=8000, help="Port of the web server (8000).")
        parser.add_argument("--book-every", type=int, default=5, help="Seconds between invoices (5).")
        parser.add_argument("--directory", type=Path, default=settings.VAR_DIR / "demo")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        site = Site(options["directory"], Ports.from_base(options["port_base"]))
        every = options["book_every"]
        self.stdout.write("Starting…")
        try:
            with running(site, sandbox_options=["--book-every", str(every), "--ack-after", "5"]) as stack:
                self._welcome(site, every)
                self._show_what_happens(stack)
                self.stdout.write("\nStopping…")
        except (PortsTaken, StackFailed) as failure:
            raise CommandError(str(failure)) from failure
        self.stdout.write("Stopped.")

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _welcome(self, site: Site, every: int) -> None:
        self.stdout.write(
            WELCOME.format(
                web=site.web_url,
                owner=OWNER,
                support=SUPPORT,
                password=PASSWORD,
                index=site.ports.index,
                every=every,
                directory=site.directory,
            )
        )

    def _show_what_happens(self, stack: RunningStack) -> None:
        """Print the timeline of the stack's database as it grows."""
        latest = stack.last_event()
        while not self.stopping:
            for event in stack.events_after(latest):
                latest = event.pk
                subject = event.delivery or event.arrival
                self.stdout.write(f"{event.at:%H:%M:%S}  {str(subject)[:34]:<34}  {event.text[:110]}")
            time.sleep(1)
