"""SPS Commerce: a file in its mailbox over HTTPS is an interchange."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

from connections.systems import checking
from connections.systems.base import (
    Collected,
    Interchange,
    Outcome,
    Receipt,
    SaveProgress,
    Step,
    System,
    Temporary,
)
from connections.systems.sps_commerce.api import Api, Refused
from connections.systems.sps_commerce.check import questions
from connections.systems.sps_commerce.collecting import Reading, finish
from connections.systems.sps_commerce.sending import Posting
from connections.systems.sps_commerce.settings import Settings


class SpsCommerce(System):
    """A session with the Transaction API. Places are directories, such as `in/` and `out/PO/`."""

    @cached_property
    def api(self) -> Api:
        return Api(self.connection)

    def close(self) -> None:
        if "api" in self.__dict__:
            self.api.close()

    def check(self) -> Iterator[Step]:
        return checking.run(lambda: questions(self.api))

    def places(self) -> list[str]:
        return Settings.of(self.connection.settings).directories

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        """Under the name that the template makes. Another file of that name is `Rejected`; ours counts as sent."""
        with _refusals_are_temporary():
            return Posting(self.api, interchange).send(save_progress)

    def find(self, interchange: Interchange) -> Receipt | None:
        """By the listing of its directory, then by the history of transfers."""
        with _refusals_are_temporary():
            return Posting(self.api, interchange).find()

    def collect(self, place: str, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """The files in directory `place` and below it."""
        reading = Reading(self.api, place)
        self.remarks = reading.remarks
        with _refusals_are_temporary():
            yield from reading.collect(seen)

    def settle(self, collected: Collected, outcome: Outcome) -> None:
        with _refusals_are_temporary():
            finish(self.api, collected, outcome)


@contextmanager
def _refusals_are_temporary() -> Iterator[None]:
    """A refusal that nobody below could explain."""
    try:
        yield
    except Refused as refused:
        reason = f" SPS says: {refused.text}" if refused.text else ""
        raise Temporary(
            f"SPS Commerce refuses a request of ours.{reason}", detail=refused.answer.excerpt()
        ) from None
