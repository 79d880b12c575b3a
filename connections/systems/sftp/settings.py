"""What a connection to an SFTP server is told by its people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from connections.systems.values import typed


class Writing(StrEnum):
    """How a file comes to its final name."""

    RENAME = "rename"
    DIRECT = "direct"


class TemporaryName(StrEnum):
    """What a file is called while it is being written."""

    DOT_PART = "dot_part"
    TMP = "tmp"

    def of(self, name: str) -> str:
        return f".{name}.part" if self is TemporaryName.DOT_PART else f"{name}.tmp"


class AfterCollect(StrEnum):
    """What happens to a collected file when it is safe with us."""

    MOVE = "move"
    DELETE = "delete"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`Connection.settings` of system `sftp`. Folders: relative ones begin where the login leads to."""

    host: str = ""
    port: int = 22
    username: str = ""
    # `keytype base64`, one per key, as in known_hosts; a person has confirmed each of them.
    host_keys: tuple[str, ...] = ()

    outbound_folder: str = "inbound"
    inbound_folder: str = "outbound"
    processed_folder: str = "outbound/processed"
    error_folder: str = "outbound/error"

    writing: Writing = Writing.RENAME
    temporary_name: TemporaryName = TemporaryName.DOT_PART
    write_marker: bool = False
    # What the name of a marker ends in, behind the whole name of its file: data.csv.done
    marker_ending: str = ".done"
    check_size: bool = True

    after_collect: AfterCollect = AfterCollect.MOVE
    # File names as in a shell, `*.csv`; none means every file.
    patterns: tuple[str, ...] = ()
    need_marker: bool = False
    settle_seconds: int = 30
    max_megabytes: int = 500

    # A text beside an unreadable file in the error folder that says what is wrong with it.
    write_report: bool = True

    test_writes: bool = False

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The settings in `Connection.settings`; raises `Misconfigured`."""
        return typed(cls, values)

    @property
    def max_bytes(self) -> int:
        return self.max_megabytes * 1024 * 1024

    @property
    def puts_aside(self) -> bool:
        """Whether every file leaves the folder once we have it, so that one that lies there was put back."""
        return (
            self.after_collect != AfterCollect.LEAVE
            and bool(self.error_folder)
            and (self.after_collect == AfterCollect.DELETE or bool(self.processed_folder))
        )

    def temporary(self, name: str) -> str:
        return self.temporary_name.of(name)

    def marker(self, name: str) -> str:
        return name + self.marker_ending


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`Connection.credentials` of system `sftp`; a key, a password, or both when the server asks for both."""

    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return typed(cls, values)
