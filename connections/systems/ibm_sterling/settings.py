"""What a connection to IBM Sterling B2B Integrator is told by its people."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlsplit

from connections.systems.base import Misconfigured
from connections.systems.http import Tls
from connections.systems.values import typed

SERVICE = "/B2BAPIs/svc"
# What a word of the installation may amount to; the first says that it is still under way.
STATES = ("waiting", "accepted", "accepted_with_errors", "rejected")


class AuthMode(StrEnum):
    BASIC = "basic"
    OAUTH = "oauth"


class ClientAuth(StrEnum):
    """How the client names itself to the Identity service."""

    BASIC = "basic"
    POST = "post"


class UploadMode(StrEnum):
    """How a message comes into a mailbox."""

    TWO_STEP = "two_step"
    BATCH = "batch"


class EnvelopeOwner(StrEnum):
    """Who writes ISA to IEA, or UNB to UNZ, and gives out the control numbers."""

    CONNECTOR = "connector"
    STERLING = "sterling"


class StatusSource(StrEnum):
    """Where the state of a document is read that no acknowledgement by EDI comes for."""

    NONE = "none"
    FILE_GATEWAY = "file_gateway"
    WORKFLOW = "workflow"


class FinishAction(StrEnum):
    """What happens to a collected message when it is safe with us."""

    NONE = "none"
    MOVE = "move"
    EXTRACT = "extract"
    HIDE = "hide"
    DELETE = "delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`Connection.settings` of system `ibm_sterling`. Paths of mailboxes are as the API account sees them."""

    base_url: str = ""
    auth_mode: AuthMode = AuthMode.BASIC
    token_url: str = ""
    client_auth: ClientAuth = ClientAuth.BASIC
    scope: str = ""
    audience: str = ""

    ca_bundle: str = ""
    client_certificate: str = ""
    insecure: bool = False

    outbound_path: str = ""
    inbound_path: str = ""
    ack_path: str = ""
    archive_path: str = ""
    finish_action: FinishAction = FinishAction.MOVE
    test_writes: bool = False

    envelope_owner: EnvelopeOwner = EnvelopeOwner.CONNECTOR
    status_source: StatusSource = StatusSource.NONE
    # `word=meaning`, one of STATES each: what the installation's words for states amount to.
    state_map: tuple[str, ...] = ()

    read_partners: bool = False
    # The code list of accounts and GL segments: `name|sender|receiver|version`.
    code_list: str = ""
    write_code_list: bool = False

    upload_mode: UploadMode = UploadMode.TWO_STEP
    life_span: int = 0  # minutes until Sterling may purge what we stored; 0: as the installation does
    page_size: int = 200
    most_calls: int = 2  # at once, by all workers together
    # `resource=path`, for installations that spell a resource another way: `mailboxmessages=mailboxMessages`.
    resource_paths: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """The settings in `Connection.settings`; raises `Misconfigured`."""
        return typed(cls, values)

    @property
    def service_url(self) -> str:
        """Where the resources begin, without a slash at the end. Raises `Misconfigured`."""
        url = self.base_url.strip().rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise Misconfigured(
                "The address of the Sterling installation is missing or no web address.",
                remedy="Enter it as https://host:port.",
            )
        if parts.scheme == "http" and not self.insecure:
            raise Misconfigured(
                "The address of the Sterling installation is not encrypted.",
                remedy="Enter it with https://, or allow insecure connections if this is a test installation.",
            )
        return url if url.lower().endswith(SERVICE.lower()) else url + SERVICE

    @property
    def host(self) -> str:
        return urlsplit(self.service_url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.service_url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def states(self) -> dict[str, str]:
        """Meaning by word, without regard to case."""
        pairs = (line.rpartition("=")[::2] for line in self.state_map)
        return {word.strip().casefold(): meaning.strip() for word, meaning in pairs}

    def resource(self, name: str) -> str:
        """The path of a resource below the service, as this installation spells it."""
        spelled = dict(entry.partition("=")[::2] for entry in self.resource_paths)
        return spelled.get(name, name).strip("/ ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`Connection.credentials` of system `ibm_sterling`: a user, or the client of the Identity service."""

    username: str = ""
    password: str = field(default="", repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        return typed(cls, values)


def tls_of(settings: Settings, credentials: Credentials) -> Tls:
    """Whom to trust, and the certificate that we show if the installation asks for one."""
    client_pem = ""
    if settings.client_certificate and credentials.client_key:
        client_pem = f"{settings.client_certificate.strip()}\n{credentials.client_key.strip()}\n"
    return Tls(ca_pem=settings.ca_bundle, client_pem=client_pem, verify=not settings.insecure)
