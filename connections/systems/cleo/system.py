"""Cleo Integration Cloud: a file in a folder of a Partner Mailbox is an interchange.

The folders are reached over REST, spelled as the tenant's profile says, or over SFTP; places, names and what
becomes of collected files are the same by both doors.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from connections.models import ReferenceKind
from connections.systems import checking
from connections.systems.base import (
    Collected,
    Interchange,
    Misconfigured,
    NameParts,
    Outcome,
    Receipt,
    Reference,
    Rejected,
    SaveProgress,
    Step,
    System,
    SystemFailure,
    Temporary,
)
from connections.systems.cleo import reference
from connections.systems.cleo.api import Api, Refused, failure_of
from connections.systems.cleo.check import questions
from connections.systems.cleo.collecting import Reading, archive
from connections.systems.cleo.file_names import rendered
from connections.systems.cleo.sending import Placement, refuse_unusable_name
from connections.systems.cleo.settings import Credentials, Settings, Transport
from connections.systems.sftp import names
from connections.systems.sftp.client import Refusal
from connections.systems.sftp.settings import Settings as SftpSettings
from connections.systems.sftp.system import Sftp

WARN_BEFORE = timedelta(days=14)


class Cleo(System):
    """A session with one tenant, by the door that the connection is set to."""

    credentials_expire = True

    @cached_property
    def settings(self) -> Settings:
        return Settings.of(self.connection.settings)

    @cached_property
    def mailbox(self) -> "RestMailbox | SftpMailbox":
        over_rest = self.settings.transport == Transport.REST
        return RestMailbox(self.connection) if over_rest else SftpMailbox(self.connection)

    def close(self) -> None:
        if "mailbox" in self.__dict__:
            self.mailbox.close()

    def check(self) -> Iterator[Step]:
        try:
            mailbox = self.mailbox
        except SystemFailure as failure:
            problem = failure

            def fail() -> list[checking.Question]:
                raise problem

            yield from checking.run(fail)
            return
        yield from mailbox.check()

    def places(self) -> list[str]:
        return [self.settings.inbound_folder] if self.settings.inbound_folder else []

    def name_of(self, parts: NameParts) -> str:
        """By the connection's own pattern."""
        return rendered(self.settings.file_name, parts)

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        return self.mailbox.send(interchange, save_progress)

    def find(self, interchange: Interchange) -> Receipt | None:
        return self.mailbox.find(interchange)

    def collect(self, place: str, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """The files in folder `place` that are complete."""
        mailbox, skip_empty = self.mailbox, self.settings.skip_empty
        mailbox.memory = self.memory
        for collected in mailbox.collect(place, seen):
            if collected.content or not skip_empty:
                yield collected
        self.remarks, self.look_again = mailbox.remarks, mailbox.look_again

    def settle(self, collected: Collected, outcome: Outcome) -> None:
        self.mailbox.settle(collected, outcome)

    def reference_kinds(self) -> Sequence[ReferenceKind]:
        return tuple(reference.files(self.settings))

    def reference(self, kind: ReferenceKind) -> list[Reference]:
        """The rows of the CSV file that holds the list."""
        path = reference.files(self.settings)[kind]
        content = self.mailbox.file(*reference.folder_and_name(path))
        if content is None:
            raise Misconfigured(
                f"There is no file “{path}” in the mailbox.",
                remedy="Export the list there, or correct the path in the settings of the connection.",
            )
        return reference.entries(content, path)

    def expiring(self) -> str:
        """Ahead of the day from which the password may be refused, as far as anybody has said."""
        if not Credentials.of(self.connection.credentials).password:
            return ""  # signed in to by a key
        entered = self.connection.credentials_set_at
        zone = self.connection.tenant.zone
        expires = self.settings.password_expires_on(entered.astimezone(zone).date() if entered else None)
        today = timezone.now().astimezone(zone).date()
        if expires is None or expires - today > WARN_BEFORE:
            return ""
        when = f"expires on {expires:%-d %B %Y}" if expires >= today else f"expired on {expires:%-d %B %Y}"
        return (
            f"By what the settings say, the password of “{self.settings.username}” {when}. Choose a new one in the "
            "Cleo portal and enter it here, or say in the settings that it does not expire."
        )


class SftpMailbox(Sftp):
    """The mailbox by its SFTP door: the SFTP client, told in Cleo's words."""

    @cached_property
    def settings(self) -> SftpSettings:
        return Settings.of(self.connection.settings).over_sftp

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        refuse_unusable_name(Settings.of(self.connection.settings), interchange.name)
        return super().send(interchange, save_progress)

    def file(self, folder: str, name: str) -> bytes | None:
        path = names.join(folder, name)
        try:
            with self.session.watched():
                size = self.session.client.size_of(path)
                return None if size is None else self.session.client.get_bytes(path, size)
        except Refusal as refusal:
            raise refusal.as_failure("read from", folder) from None


class RestMailbox(System):
    """The mailbox by its REST door."""

    @cached_property
    def api(self) -> Api:
        return Api(self.connection)

    def close(self) -> None:
        if "api" in self.__dict__:
            self.api.close()

    def check(self) -> Iterator[Step]:
        return checking.run(lambda: list(questions(self.api)))

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        """Another file of that name is `Rejected` if Cleo says so; ours counts as sent."""
        with _refusals_mean(Rejected):
            return Placement(self.api, interchange).send(save_progress)

    def find(self, interchange: Interchange) -> Receipt | None:
        """By the name and the content, in the folder and where Cleo keeps what it has taken."""
        with _refusals_mean(Temporary):
            return Placement(self.api, interchange).find()

    def collect(self, place: str, seen: Callable[[str], bool]) -> Iterator[Collected]:
        reading = Reading(self.api, place, self.memory)
        self.remarks, self.look_again = reading.remarks, None
        with _refusals_mean(Temporary):
            yield from reading.collect(seen)
        if reading.waiting:
            self.look_again = timedelta(seconds=max(1, self.api.settings.settle_seconds))

    def settle(self, collected: Collected, outcome: Outcome) -> None:
        with _refusals_mean(Temporary):
            archive(self.api, collected, outcome)

    def file(self, folder: str, name: str) -> bytes | None:
        with _refusals_mean(Temporary):
            item = next((item for item in self.api.files(folder) if item.name == name), None)
            return self.api.content(folder, item) if item else None


@contextmanager
def _refusals_mean(kind: type[Rejected] | type[Temporary]) -> Iterator[None]:
    """A refusal that nobody below could explain."""
    try:
        yield
    except Refused as refused:
        raise failure_of(refused, kind, "Cleo refuses a request of ours.") from None
