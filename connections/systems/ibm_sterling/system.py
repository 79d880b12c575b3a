"""IBM Sterling B2B Integrator: a message in a mailbox is an interchange."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

from connections.models import ReferenceKind
from connections.systems import checking
from connections.systems.base import (
    Collected,
    Interchange,
    Outcome,
    Receipt,
    Reference,
    Rejected,
    RemoteState,
    SaveProgress,
    Step,
    System,
    Temporary,
)
from connections.systems.ibm_sterling import reference, status
from connections.systems.ibm_sterling.api import Api, Refused, failure_of
from connections.systems.ibm_sterling.check import questions
from connections.systems.ibm_sterling.collecting import Reading, finish
from connections.systems.ibm_sterling.sending import Posting
from connections.systems.ibm_sterling.settings import EnvelopeOwner, Settings, StatusSource


class Sterling(System):
    """A session with one installation. Places are paths of mailboxes, as the API account sees them."""

    @cached_property
    def api(self) -> Api:
        return Api(self.connection)

    def close(self) -> None:
        if "api" in self.__dict__:
            self.api.close()

    def check(self) -> Iterator[Step]:
        return checking.run(lambda: questions(self.api))

    def places(self) -> list[str]:
        settings = Settings.of(self.connection.settings)
        return [path for path in dict.fromkeys([settings.inbound_path, settings.ack_path]) if path]

    def send(self, interchange: Interchange, save_progress: SaveProgress) -> Receipt:
        """Another message of that name in the mailbox is `Rejected`; ours counts as sent."""
        with _refusals_mean(Rejected):
            return Posting(self.api, interchange).send(save_progress)

    def find(self, interchange: Interchange) -> Receipt | None:
        """By the name and the exact path of the mailbox, or by the document that an attempt had stored."""
        with _refusals_mean(Temporary):
            return Posting(self.api, interchange).find()

    def collect(self, place: str, seen: Callable[[str], bool]) -> Iterator[Collected]:
        """The messages in mailbox `place`, by their number."""
        reading = Reading(self.api, place, self.memory)
        self.remarks = reading.remarks
        with _refusals_mean(Temporary):
            yield from reading.collect(seen)

    def settle(self, collected: Collected, outcome: Outcome) -> None:
        with _refusals_mean(Temporary):
            finish(self.api, collected, outcome)

    def writes_envelope(self) -> bool:
        return Settings.of(self.connection.settings).envelope_owner == EnvelopeOwner.STERLING

    def tells_status(self) -> bool:
        return Settings.of(self.connection.settings).status_source != StatusSource.NONE

    def status(self, receipt: Receipt) -> RemoteState | None:
        """By the file gateway or by the steps of the process, as set, with the customer's words for states."""
        with _refusals_mean(Rejected):
            return status.read(self.api, receipt)

    def reference_kinds(self) -> Sequence[ReferenceKind]:
        return reference.kinds(Settings.of(self.connection.settings))

    def reference(self, kind: ReferenceKind) -> list[Reference]:
        """The file-gateway partners, or the accounts of the code list."""
        with _refusals_mean(Rejected):
            return reference.read(self.api, kind)

    def writes_reference(self) -> bool:
        settings = Settings.of(self.connection.settings)
        return bool(settings.code_list and settings.write_code_list)

    def add_reference(self, kind: ReferenceKind, entries: Sequence[Reference]) -> None:
        """Only accounts can be added."""
        with _refusals_mean(Rejected):
            reference.add_codes(self.api, entries)


@contextmanager
def _refusals_mean(kind: type[Rejected] | type[Temporary]) -> Iterator[None]:
    """A refusal that nobody below could explain."""
    try:
        yield
    except Refused as refused:
        raise failure_of(refused, kind, "IBM Sterling refuses a request of ours.") from None
