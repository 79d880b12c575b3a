"""The systems we know. A further one is one row here, a module, a settings form and a sandbox."""

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from connections.models import Connection, SystemKind
from connections.systems.base import System

if TYPE_CHECKING:
    from connections.systems.forms import SettingsForm


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a system's parts are; imported when first needed, since each brings its own libraries."""

    kind: str
    system: str
    form: str | None
    summary: str
    # How often we look for news unless somebody says otherwise.
    poll_seconds: int = 300

    @property
    def title(self) -> str:
        return SystemKind(self.kind).label

    def system_class(self) -> type[System]:
        return _load(self.system)

    def form_class(self) -> "type[SettingsForm] | None":
        """The form for its settings and credentials; None where signing in by browser is all."""
        return _load(self.form) if self.form else None


REGISTRY = {
    entry.kind: entry
    for entry in (
        Entry(
            SystemKind.FRESHBOOKS,
            "connections.systems.freshbooks.system.FreshBooks",
            None,
            "Your accounting: invoices, bills, payments.",
        ),
        Entry(
            SystemKind.IBM_STERLING,
            "connections.systems.ibm_sterling.system.Sterling",
            "connections.systems.ibm_sterling.forms.SterlingForm",
            "EDI documents into and out of Sterling mailboxes.",
        ),
        Entry(
            SystemKind.SFTP,
            "connections.systems.sftp.system.Sftp",
            "connections.systems.sftp.forms.SftpForm",
            "Files on a server of yours or of a partner.",
        ),
        Entry(
            SystemKind.SPS_COMMERCE,
            "connections.systems.sps_commerce.system.SpsCommerce",
            "connections.systems.sps_commerce.forms.SpsForm",
            "Invoices, ship notices and orders to and from retailers.",
        ),
        Entry(
            SystemKind.STAMPLI,
            "connections.systems.stampli.system.Stampli",
            "connections.systems.stampli.forms.StampliForm",
            "Bills for approval, and what became of them.",
            poll_seconds=900,
        ),
        Entry(
            SystemKind.CLEO,
            "connections.systems.cleo.system.Cleo",
            "connections.systems.cleo.forms.CleoForm",
            "EDI documents into and out of the folders of a Partner Mailbox.",
        ),
    )
}


def open_system(connection: Connection) -> System:
    """A session with the connection's system; use it as a context manager."""
    return REGISTRY[connection.system].system_class()(connection)


def _load(path: str) -> Any:
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)
