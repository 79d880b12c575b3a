"""What a connection to Cleo Integration Cloud is told by its people.

How a tenant spells its file API is not published, so nothing of it stands in this code: every path, method
and key is a setting (the profile), which the tenant's administrator knows. SFTP into the same Partner Mailbox
is documented and needs no profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from connections.systems.base import Misconfigured
from connections.systems.http import Tls
from connections.systems.sftp.settings import AfterCollect, TemporaryName, Writing
from connections.systems.sftp.settings import Settings as SftpSettings
from connections.systems.values import typed


class Transport(StrEnum):
    """By which door we reach the mailbox."""

    SFTP = "sftp"
    REST = "rest"


class Paging(StrEnum):
    """How a list is asked for piece by piece."""

    OFFSET = "offset"
    PAGE = "page"
    OFF = "off"


class UploadMode(StrEnum):
    """How a file travels, and where its name stands."""

    MULTIPART = "multipart"
    QUERY = "query"
    HEADER = "header"


class ArchiveMode(StrEnum):
    """What happens to a collected file when it is safe with us."""

    NONE = "none"
    MOVE = "move"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`Connection.settings` of system `cleo`. Folders are as the mailbox shows them, without a slash in front.

    Keys are dotted paths into JSON objects: `_links.self.href`. Paths may hold `{folder}`, `{id}`, `{name}`
    and `{href}`, each encoded for where it stands.
    """

    transport: Transport = Transport.SFTP
    username: str = ""
    password_set_on: str = ""  # as 2026-03-02; empty: the day it was entered here
    password_days: int = 60  # 0: it does not expire

    # SFTP
    host: str = ""
    port: int = 22
    # `keytype base64`, one per key, as in known_hosts; a person has confirmed each of them.
    host_keys: tuple[str, ...] = ()
    writing: Writing = Writing.RENAME
    temporary_name: TemporaryName = TemporaryName.DOT_PART
    check_size: bool = True

    # REST
    base_url: str = ""
    insecure: bool = False
    ca_bundle: str = ""
    token_path: str = "/api/authentication"  # noqa: S105 - a path
    token_max_age: int = 600  # seconds that a token is kept when its life is not stated
    refresh_supported: bool = False
    requests_per_second: int = 2  # 0: no limit
    reupload_on_unknown: bool = False

    outbound_folder: str = "upload"
    file_name: str = "{type}_{partner}_{number}_{revision}_{time}_{id}.edi"
    allowed_types: tuple[str, ...] = ()
    test_writes: bool = False

    inbound_folder: str = "download"
    archive_mode: ArchiveMode = ArchiveMode.NONE
    archive_folder: str = ""
    error_folder: str = ""
    patterns: tuple[str, ...] = ()
    settle_seconds: int = 30
    skip_empty: bool = True
    max_megabytes: int = 50

    # CSV files in the mailbox that are compared with FreshBooks' lists: lists/vendors.csv
    vendors_file: str = ""
    customers_file: str = ""
    accounts_file: str = ""

    # The profile
    list_method: str = "GET"
    list_path: str = ""
    list_items_key: str = ""
    total_key: str = ""
    paging: Paging = Paging.OFFSET
    page_start_param: str = ""
    page_count_param: str = ""
    page_size: int = 100
    first_page: int = 1  # the number of the first page, with paging by page
    item_id: str = ""  # empty: the name is the id
    item_name: str = ""
    item_size: str = ""
    item_mtime: str = ""
    item_href: str = ""
    download_method: str = "GET"
    download_path: str = ""
    download_json_key: str = ""
    upload_method: str = "POST"
    upload_path: str = ""
    upload_mode: UploadMode = UploadMode.MULTIPART
    upload_name_field: str = "file"
    upload_ok: str = "200, 201, 202, 204"
    upload_id_key: str = ""
    taken_folder: str = ""
    move_method: str = "POST"
    move_path: str = ""
    move_body: str = ""
    delete_method: str = "DELETE"
    delete_path: str = ""
    delete_ok: str = "200, 204, 404"
    run_path: str = ""

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The settings in `Connection.settings`; raises `Misconfigured`."""
        return typed(cls, values)

    @property
    def origin(self) -> str:
        """`https://host[:port]`; the `/api` that people add belongs to the paths. Raises `Misconfigured`."""
        url = self.base_url.strip().rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise Misconfigured(
                "The address of the Cleo tenant is missing or no web address.",
                remedy="Enter it as https://TENANT.cleointegration.com.",
            )
        if parts.path not in ("", "/api") or parts.query or parts.fragment:
            raise Misconfigured(
                "The address of the Cleo tenant has a path.",
                remedy="Enter the address alone, as https://TENANT.cleointegration.com; paths are in the profile.",
            )
        if parts.scheme == "http" and not self.insecure:
            raise Misconfigured(
                "The address of the Cleo tenant is not encrypted.",
                remedy="Enter it with https://, or allow insecure connections if this is a test installation.",
            )
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def rest_host(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def rest_port(self) -> int:
        parts = urlsplit(self.origin)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def tls(self) -> Tls:
        return Tls(ca_pem=self.ca_bundle, verify=not self.insecure)

    @property
    def max_bytes(self) -> int:
        return self.max_megabytes * 1024 * 1024

    @property
    def uploads_answered_with(self) -> frozenset[int]:
        return frozenset(statuses(self.upload_ok))

    @property
    def deletes_answered_with(self) -> frozenset[int]:
        return frozenset(statuses(self.delete_ok))

    def password_expires_on(self, entered: date | None) -> date | None:
        """The day from which the password may be refused; None if it does not expire or nobody knows."""
        if not self.password_days:
            return None
        since = date.fromisoformat(self.password_set_on) if self.password_set_on else entered
        return since + timedelta(days=self.password_days) if since else None

    @property
    def over_sftp(self) -> SftpSettings:
        """The same mailbox, in the words of an SFTP connection."""
        after = {
            ArchiveMode.NONE: AfterCollect.LEAVE,
            ArchiveMode.MOVE: AfterCollect.MOVE,
            ArchiveMode.DELETE: AfterCollect.DELETE,
        }
        return SftpSettings(
            host=self.host,
            port=self.port,
            username=self.username,
            host_keys=self.host_keys,
            outbound_folder=self.outbound_folder,
            inbound_folder=self.inbound_folder,
            processed_folder=self.archive_folder,
            error_folder=self.error_folder,
            writing=self.writing,
            temporary_name=self.temporary_name,
            check_size=self.check_size,
            after_collect=after[self.archive_mode],
            patterns=self.patterns,
            settle_seconds=self.settle_seconds,
            max_megabytes=self.max_megabytes,
            test_writes=self.test_writes,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`Connection.credentials` of system `cleo`: the password of the mailbox, for SFTP also a key."""

    password: str = field(default="", repr=False)
    private_key: str = field(default="", repr=False)
    passphrase: str = field(default="", repr=False)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return typed(cls, values)


def statuses(text: str) -> list[int]:
    """`200, 201` as numbers; `ValueError` for anything that is no HTTP status."""
    found = [int(part) for part in text.replace(",", " ").split()]
    if not all(100 <= status <= 599 for status in found):
        raise ValueError("an HTTP status is a number from 100 to 599")
    return found
