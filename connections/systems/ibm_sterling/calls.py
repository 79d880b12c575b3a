"""At most so many calls at once to one installation, by all workers of all hosts together.

The API is slow on bulk data, and shares its machine with the processes that move the customer's documents.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone

from audit.leases import free, held
from connections.models import CallSlot
from connections.systems.base import Temporary

WAIT_SECONDS = 30.0
COME_BACK_AFTER = timedelta(seconds=5)


class Calls:
    """The slots of one installation (`host:port`), `most` of them. A killed worker's slot comes free by itself."""

    def __init__(self, installation: str, most: int) -> None:
        self._installation = installation[:200].lower()
        self._most = max(1, most)
        self._are_made = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """Hold a slot for the length of the block. Raises `Temporary` when none comes free in time."""
        give_up = time.monotonic() + WAIT_SECONDS
        while True:
            for slot in self._free():
                with held(slot) as token:
                    if token:
                        yield
                        return
            if time.monotonic() > give_up:
                raise Temporary(
                    "Other work keeps the installation busy; ours comes next.", retry_after=COME_BACK_AFTER
                )
            time.sleep(random.uniform(0.02, 0.1))  # noqa: S311 - so that waiting workers do not move in step

    def _free(self) -> list[CallSlot]:
        if not self._are_made:
            for number in range(1, self._most + 1):
                CallSlot.objects.get_or_create(installation=self._installation, number=number)
            self._are_made = True
        slots = CallSlot.objects.filter(
            free(timezone.now()), installation=self._installation, number__lte=self._most
        )
        return list(slots)
