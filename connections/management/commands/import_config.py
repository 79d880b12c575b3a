"""`manage.py import_config FILE`: bring a tenant's set-up to what the file says."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from connections.config.load import import_config
from connections.config.reading import ConfigError


class Command(BaseCommand):
    help = "Apply a YAML file with a tenant's connections, partners, links, GL mappings and routes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            tenant, done = import_config(options["file"])
        except ConfigError as error:
            raise CommandError(f"Nothing was changed.\n{error}") from error
        counts = ", ".join(f"{done[word]} {word}" for word in ("created", "changed", "unchanged"))
        self.stdout.write(f"{tenant}: {counts}.")
