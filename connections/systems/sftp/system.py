"""SFTP servers: a file in a folder is an interchange."""

from collections.abc import Callable, Iterator
from datetime import timedelta
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
)
from connections.systems.sftp.check import questions
from connections.systems.sftp.collecting import Pickup, settle
from connections.systems.sftp.sending import Upload
from connections.systems.sftp.session import Session
from connections.systems.sftp.settings import Credentials, Settings


class Sftp(System):
    """A session with one server. Places are folders; relative ones begin where the login leads to.

    Without its `memory` no file ever counts as unchanged over two looks.
    """

    @cached_property
    def settings(self) -> Settings:
        return Settings.of(self.connection.settings)

    @cached_property
    def session(self) -> Session:
        return Session(self.settings, Credentials.of(self.connection.credentials))

    def close(self) -> None:
        if "session" in self.__dict__:
            self.session.close()

    def check(self) -> Iterator[Step]:
        return checking.run(lambda: list(questions(self.session, self.settings)))

    def places(self) -> list[str]:
        return [self.settings.inbound_folder] if self.settings.inbound_folder else []

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        """A name that another file has is `Rejected`; the same file under its name counts as delivered."""
        return Upload(self.session, self.settings, interchange).send(save_progress)

    def find(self, interchange: Interchange) -> Receipt | None:
        """The final name decides. The temporary name alone means: not sent."""
        return Upload(self.session, self.settings, interchange).find()

    def collect(self, place: str, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """The files in folder `place` that are complete, the oldest first."""
        pickup = Pickup(self.session, self.settings, place, self.memory)
        self.remarks, self.look_again = pickup.remarks, None
        yield from pickup.collect(seen)
        if pickup.waiting:
            self.look_again = timedelta(seconds=self.settings.settle_seconds)

    def settle(self, collected: Collected, outcome: Outcome) -> None:
        settle(self.session, self.settings, collected, outcome)
