"""SFTP servers: a file in a folder is an interchange."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from connections.models import Connection
from connections.systems.base import (
    Collected,
    Interchange,
    Outcome,
    Receipt,
    SaveProgress,
    Step,
    System,
)
from connections.systems.sftp.check import check
from connections.systems.sftp.collecting import Pickup, settle
from connections.systems.sftp.sending import Upload
from connections.systems.sftp.session import Session
from connections.systems.sftp.settings import Credentials, Settings


class Sftp(System):
    """A session with one server. Places are folders; relative ones begin where the login leads to.

    `memory`: what the caller keeps for each place between two calls of `collect` (a JSON object, changed in
    place). Without it no file ever counts as unchanged over two looks.
    `look_again`: after `collect`, when to look next for files that were still too fresh; None without such.
    `remarks`: after `collect`, a sentence for each file that was passed over and that a person should see.
    """

    def __init__(self, connection: Connection) -> None:
        """Raises `Misconfigured` for settings that cannot be read."""
        self.settings = Settings.of(connection.settings)
        self.session = Session(self.settings, Credentials.of(connection.credentials))
        self.memory: dict[str, Any] = {}
        self.look_again: timedelta | None = None
        self.remarks: list[str] = []

    def close(self) -> None:
        self.session.close()

    def check(self) -> Iterator[Step]:
        return check(self.session, self.settings)

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
