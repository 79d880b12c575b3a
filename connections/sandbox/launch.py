"""All stand-ins in one process: FreshBooks, the partner systems with their token services, and an index page.

with running(Options(ports=Ports.from_base(0))) as sandbox:
    sandbox.freshbooks.bookkeeper.book_invoice(55001)
    sandbox.addresses["IBM Sterling"]
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from wsgiref.types import WSGIApplication

from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from connections.sandbox import cleo, ibm_sterling, pages, sftp, sps_commerce, stampli
from connections.sandbox.common import Clock, StandIn, serve
from connections.sandbox.freshbooks import FreshBooks
from connections.sandbox.sftp import SftpSandbox


class PortError(Exception):
    """A port cannot be had; the text names it and the option that chooses another."""


@dataclass(frozen=True)
class Ports:
    """Where each part listens; 0 takes a free port. The names are those of the command's options."""

    index: int = 0
    freshbooks: int = 0
    sterling: int = 0
    sterling_token: int = 0
    sftp: int = 0
    sftp_control: int = 0
    stampli: int = 0
    stampli_control: int = 0
    cleo: int = 0
    cleo_sftp: int = 0
    cleo_sftp_control: int = 0
    sps: int = 0
    sps_token: int = 0

    @classmethod
    def from_base(cls, base: int) -> "Ports":
        """Ports in a row from `base` on, in the order of the fields; 0: free ones."""
        return cls(*(base and base + offset for offset in range(len(fields(cls)))))


@dataclass(frozen=True)
class Options:
    """How to run. `state_dir` None keeps nothing. Times are seconds; `book_every` 0 books nothing."""

    host: str = "127.0.0.1"
    ports: Ports = field(default_factory=Ports)
    state_dir: Path | None = None
    book_every: float = 0
    ack_after: float = 10
    partners_every: float = 2
    redirect_uris: Sequence[str] = ()
    webhook_timeout: float = 10
    webhook_disable_after: int = 10
    sterling_auth: str = "any"
    sterling_partners: Sequence[str] = ("acme",)
    sftp_partner: bool = True
    sftp_public_keys: Sequence[str] = ()
    cleo_partners: Sequence[str] = ("acme",)
    cleo_shape: str = cleo.PLAIN.name


@dataclass(frozen=True)
class Sandbox:
    """What is running. `addresses` maps what people call a part to its address."""

    freshbooks: FreshBooks
    sterling: ibm_sterling.Sterling
    identity: ibm_sterling.Identity
    sftp: sftp.SftpSandbox
    stampli: stampli.StampliSandbox
    cleo: cleo.Cleo
    cleo_sftp: SftpSandbox
    sps: sps_commerce.Sps
    addresses: dict[str, str]
    credentials: dict[str, str]


@contextmanager
def running(options: Options) -> Iterator[Sandbox]:
    """Run everything while the block lasts, then stop and save.

    Raises PortError, StateFileError for a damaged saved state, ValueError for an unusable redirect URI.
    """
    with ExitStack() as stack:
        folder = options.state_dir or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sandbox = _make(options, folder)
        ports, addresses = options.ports, sandbox.addresses

        def start(name: str, part: WSGIApplication | StandIn, port: int, option: str) -> None:
            with _naming(port, option):
                addresses[name] = stack.enter_context(serve(part, options.host, port)).url

        start("Index", index(addresses, sandbox.credentials), ports.index, "--index-port")
        start("FreshBooks", sandbox.freshbooks, ports.freshbooks, "--freshbooks-port")
        start("IBM Sterling: tokens", sandbox.identity, ports.sterling_token, "--sterling-token-port")
        start("IBM Sterling", sandbox.sterling, ports.sterling, "--sterling-port")
        for name, part, port, control, option in (
            ("SFTP", sandbox.sftp, ports.sftp, ports.sftp_control, "--sftp"),
            ("Stampli", sandbox.stampli, ports.stampli, ports.stampli_control, "--stampli"),
            ("Cleo: SFTP", sandbox.cleo_sftp, ports.cleo_sftp, ports.cleo_sftp_control, "--cleo-sftp"),
        ):
            with _naming(port, f"{option}-port"):
                taken = part.listen(options.host, port)
            stack.callback(part.close)
            addresses[name] = f"sftp://{options.host}:{taken}"
            start(f"{name}: control", part, control, f"{option}-control-port")
        start("Cleo", sandbox.cleo, ports.cleo, "--cleo-port")
        start("SPS Commerce: tokens", sandbox.sps.auth, ports.sps_token, "--sps-token-port")
        start("SPS Commerce", sandbox.sps, ports.sps, "--sps-port")
        yield sandbox


def index(addresses: dict[str, str], credentials: dict[str, str]) -> WSGIApplication:
    """The page that leads to the others, and says how to sign in to each."""

    def application(request: Request) -> Response:
        if request.path != "/":
            return NotFound().get_response()
        rows: list[tuple[object, ...]] = [
            (_link(name, address), Markup("<code>{}</code>").format(address), credentials.get(name, ""))
            for name, address in addresses.items()
            if name != "Index"
        ]
        return pages.page(
            "Sandbox",
            pages.paragraph(
                "Stand-ins of the outside systems. They run on this machine and hold nothing real."
            ),
            pages.table(("Stand-in", "Address", "Sign in with"), rows, empty="Nothing runs."),
        )

    return Request.application(application)


def _link(name: str, address: str) -> Markup:
    if address.startswith("sftp:"):
        return Markup("{}").format(name)
    return Markup("<a href='{}/'>{}</a>").format(address, name)


def _make(options: Options, folder: Path) -> Sandbox:
    def saved(name: str) -> Path | None:
        return options.state_dir and options.state_dir / f"{name}.json"

    freshbooks = FreshBooks(
        redirect_uris=options.redirect_uris,
        allow_http=True,
        book_every=options.book_every,
        webhook_timeout=options.webhook_timeout,
        disable_after=options.webhook_disable_after,
        save_to=saved("freshbooks"),
    )
    clock = Clock()  # of both, so that moving it lets tokens expire; tokens themselves are not kept
    identity = ibm_sterling.Identity(clock=clock)
    sterling = ibm_sterling.Sterling(
        clock=clock,
        auth=options.sterling_auth,
        identity=identity,
        partners=[ibm_sterling.Site(name, options.ack_after) for name in options.sterling_partners],
        tick_every=options.partners_every,
        save_to=saved("ibm_sterling"),
    )
    user = sftp.User(public_keys=tuple(options.sftp_public_keys))
    server = sftp.SftpSandbox(
        folder / "sftp",
        users=[user],
        tick_every=options.partners_every,
        partner={"active": options.sftp_partner, "ack_after": options.ack_after},
        save_to=saved("sftp"),
    )
    stampli_server = stampli.StampliSandbox(
        folder / "stampli",
        users=[replace(stampli.USER, public_keys=tuple(options.sftp_public_keys))],
        tick_every=options.partners_every,
        partner={"ack_after": options.ack_after},
        save_to=saved("stampli"),
    )
    mailbox = cleo.partner_mailbox(folder / "cleo", save_to=saved("cleo_sftp"))
    tenant = cleo.Cleo(
        mailbox.storage,
        shape=cleo.SHAPES[options.cleo_shape],
        partners=[_cleo_partner(name, options) for name in options.cleo_partners],
        tick_every=options.partners_every,
        save_to=saved("cleo"),
    )
    sps_auth = sps_commerce.Auth()
    sps = sps_commerce.Sps(
        auth=sps_auth,
        clock=sps_auth.clock,
        consume_after=options.ack_after,
        tick_every=options.partners_every,
        save_to=saved("sps_commerce"),
    )
    credentials = {
        "FreshBooks": f"client {freshbooks.oauth.app.client_id}, secret {freshbooks.oauth.app.client_secret}",
        "IBM Sterling": f"user {ibm_sterling.USERNAME}, password {ibm_sterling.PASSWORD}",
        "IBM Sterling: tokens": f"client {identity.client_id}, secret {identity.client_secret}",
        "SFTP": f"user {user.name}, password {user.password}",
        "Stampli": f"user {stampli.USER.name}, password {stampli.PASSWORD}",
        "Cleo": f"user {cleo.USERNAME}, password {cleo.PASSWORD}",
        "Cleo: SFTP": f"user {cleo.USERNAME}, password {cleo.PASSWORD}",
        "SPS Commerce": f"client {sps_auth.client_id}, secret {sps_auth.client_secret}",
    }
    return Sandbox(
        freshbooks, sterling, identity, server, stampli_server, tenant, mailbox, sps, {}, credentials
    )


def _cleo_partner(name: str, options: Options) -> cleo.Site:
    """Files lie for as long as until an answer before they are taken, so that one sees them."""
    return cleo.Site(name, pick_up_after=options.partners_every, ack_after=options.ack_after)


@contextmanager
def _naming(port: int, option: str) -> Iterator[None]:
    """Turn the system's word about a port into one that says which option chooses another."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise PortError(f"Port {port} cannot be used: {reason}. Choose another with {option}.") from error
