"""`manage.py bench`: throughput and latency on this machine, as a table of ratios."""

import os
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from connector_site.stack import bench
from connector_site.stack.environment import Site
from connector_site.stack.ports import Ports
from connector_site.stack.processes import StackFailed
from connector_site.stack.running import running
from connector_site.stack.smoke import wait_for_webhooks


class Command(BaseCommand):
    help = "Measure on SQLite, and on the PostgreSQL of DATABASE_URL if there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        databases = {"SQLite": ""}
        if os.environ.get("DATABASE_URL", "").startswith("postgres"):
            databases["PostgreSQL"] = os.environ["DATABASE_URL"]
        self.stdout.write(
            f"{'database':<12}{'':<16}{'per second':>11}{'median ms':>11}{'p99 ms':>9}{'ratio':>8}"
        )
        flow = {name: self._measure(name, url) for name, url in databases.items()}
        first = next(iter(flow.values()))
        for name, rate in flow.items():
            self._row(name, "documents", f"{rate:.1f}", "", "", f"{rate / first:.2f}")

    def _measure(self, name: str, url: str) -> float:
        with tempfile.TemporaryDirectory(prefix="ml-connector-bench-") as folder:
            site = Site(Path(folder), Ports.free(), database_url=url)
            try:
                with running(site, sandbox_options=["--ack-after", "1"]) as stack:
                    wait_for_webhooks(stack)
                    flow = bench.documents_per_second(stack)
                    webhook, bare = bench.webhooks_beside_a_bare_view(stack)
            except (StackFailed, RuntimeError) as failure:
                raise CommandError(f"{name}: {failure}") from failure
        for what, load in (("bare view", bare), ("webhook", webhook)):
            ratio = f"{load.rate / bare.rate:.2f}"
            self._row(name, what, f"{load.rate:.0f}", f"{load.median:.1f}", f"{load.p99:.1f}", ratio)
        return flow

    def _row(self, *cells: str) -> None:
        widths = (-12, -16, 11, 11, 9, 8)
        self.stdout.write(
            "".join(
                f"{cell:<{-width}}" if width < 0 else f"{cell:>{width}}"
                for cell, width in zip(cells, widths, strict=True)
            )
        )
