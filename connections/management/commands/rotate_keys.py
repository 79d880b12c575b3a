from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from connections.key_rotation import encrypted_columns, rotate

SHOWN = 10


class Command(BaseCommand):
    help = (
        "Re-encrypt every stored secret with the newest key, the first in FIELD_ENCRYPTION_KEYS. Web and "
        "worker may run. It may be stopped and started again: what is done is not done twice."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="Count only; write nothing.")
        parser.add_argument("--batch-size", type=int, default=500, help="Rows read at a time.")
        parser.add_argument("--database", default="default")

    def handle(self, *, database: str, batch_size: int, dry_run: bool, **_: Any) -> None:
        done = "to re-encrypt" if dry_run else "re-encrypted"
        rotated, unreadable = 0, []
        for column in encrypted_columns():
            counts = rotate(column, using=database, batch_size=batch_size, dry_run=dry_run)
            rotated += counts.rotated
            unreadable += [f"{column.label} of row {key}" for key in counts.unreadable]
            self.stdout.write(
                f"{column.label}: {counts.rotated} {done}, {counts.current} already under the newest key, "
                f"{len(counts.unreadable)} unreadable"
            )
        if unreadable:
            raise CommandError(
                f"{len(unreadable)} values were left as they are, because none of the "
                f"{len(settings.FIELD_ENCRYPTION_KEY)} configured keys opens them: "
                + ", ".join(unreadable[:SHOWN])
                + (" and more" if len(unreadable) > SHOWN else "")
            )
        if dry_run:
            self.stdout.write(f"{rotated} values would be re-encrypted. Nothing was written.")
        else:
            self.stdout.write(
                self.style.SUCCESS(
                    f"{rotated} values re-encrypted: the newest key opens every value. "
                    "Older keys may go from FIELD_ENCRYPTION_KEYS once no backup needs them."
                )
            )
