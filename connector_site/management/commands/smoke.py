"""`manage.py smoke`: 25 invoices through the whole stack, on free ports, with a verdict."""

import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connector_site.stack import smoke
from connector_site.stack.environment import Site
from connector_site.stack.ports import Ports, PortsTaken
from connector_site.stack.processes import StackFailed
from connector_site.stack.running import running


class Command(BaseCommand):
    help = "Start everything headless, run 25 invoices through it, print what became of each."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--keep", type=Path, help="Keep logs and databases in this folder.")

    def handle(self, *args: Any, **options: Any) -> None:
        with tempfile.TemporaryDirectory(prefix="ml-connector-smoke-") as folder:
            site = Site(options["keep"] or Path(folder), Ports.free())
            try:
                with running(site, sandbox_options=["--ack-after", "1"]) as stack:
                    all_right = smoke.run(stack, self.stdout.write)
            except (PortsTaken, StackFailed) as failure:
                raise CommandError(str(failure)) from failure
        if not all_right:
            raise CommandError("Not every invoice ended as it should.")
