"""The shared HTTP client against real sockets: what each kind of breakage is called."""

import datetime as dt
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Server, StandIn, json_response, serve
from connections.systems import http as http_module
from connections.systems.base import Misconfigured, SystemFailure, Temporary, UnknownOutcome
from connections.systems.http import Http, Tls, parse_retry_after

NOW = dt.datetime(2026, 3, 1, 12, 0, tzinfo=dt.UTC)


class Echo(StandIn):
    """Answers with what it got, and with some awkward bodies."""

    name = "Echo"

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Request] = []
        self.route("GET POST PUT", "/echo", self.echo)
        self.route("GET POST", "/text", lambda _: Response("<html>token s3cret-value\x00</html>"))
        self.route("GET", "/mislabelled", lambda _: Response('{"a": 1.10}', content_type="text/html"))
        self.route("GET", "/nan", lambda _: Response('{"a": NaN}', content_type="application/json"))
        self.route("GET", "/deep", lambda _: Response("[" * 100_000))
        self.route("GET POST", "/big", lambda _: Response(b"x" * 5000))
        self.route("GET", "/away", lambda _: Response("", 302, {"Location": "http://169.254.169.254/"}))
        self.route("GET", "/cookie", lambda _: Response("{}", headers={"Set-Cookie": "sid=1"}))
        self.route("GET", "/short", lambda _: Response(iter([b"abc"]), headers={"Content-Length": "10"}))
        self.load_saved_state()

    def echo(self, request: Request) -> Response:
        self.seen.append(request)
        return json_response({"query": request.query_string.decode(), "headers": dict(request.headers)})

    def dump(self) -> dict[str, Any]:
        return {}

    def restore(self, state: dict[str, Any]) -> None: ...

    def reset(self) -> None: ...


@pytest.fixture(autouse=True)
def loopback(settings: Any) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def server(echo: Echo) -> Iterator[Server]:
    with serve(echo) as running:
        yield running


@pytest.fixture
def http() -> Iterator[Http]:
    client = Http("Echo", read_seconds=5)
    yield client
    client.close()


def test_a_call_brings_a_request_id_and_encodes_its_parameters(http: Http, server: Server) -> None:
    answer = http.call("GET", f"{server.url}/echo", params={"search[email]": "A & B #1", "x": ["1", "2"]})
    sent = answer.json()
    assert sent["query"] == "search%5Bemail%5D=A+%26+B+%231&x=1&x=2"
    assert sent["headers"]["X-Request-Id"] == answer.request_id


def test_numbers_with_a_point_are_decimals_whatever_the_content_type(http: Http, server: Server) -> None:
    assert http.call("GET", f"{server.url}/mislabelled").json() == {"a": Decimal("1.10")}


@pytest.mark.parametrize("path", ["text", "nan", "deep"])
def test_what_is_no_json_is_a_temporary_failure_of_a_read(http: Http, server: Server, path: str) -> None:
    answer = http.call("GET", f"{server.url}/{path}")
    assert answer.decoded() is None
    with pytest.raises(Temporary, match="cannot be read"):
        answer.json()


def test_an_unreadable_success_of_a_post_leaves_the_outcome_unknown(http: Http, server: Server) -> None:
    with pytest.raises(UnknownOutcome):
        http.call("POST", f"{server.url}/text").json()


def test_an_excerpt_hides_secrets_and_control_characters(http: Http, server: Server) -> None:
    http.hide("s3cret-value")
    excerpt = http.call("GET", f"{server.url}/text").excerpt()
    assert "[hidden]" in excerpt
    assert "s3cret" not in excerpt
    assert "\x00" not in excerpt


def test_redirects_are_not_followed_and_cookies_not_kept(http: Http, server: Server) -> None:
    assert http.call("GET", f"{server.url}/away").status == 302
    http.call("GET", f"{server.url}/cookie")
    assert "Cookie" not in http.call("GET", f"{server.url}/echo").json()["headers"]


@pytest.mark.parametrize(
    ("method", "repeatable", "kind"),
    [
        ("GET", None, Temporary),
        ("PUT", None, Temporary),
        ("POST", None, UnknownOutcome),
        ("POST", True, Temporary),
        ("PUT", False, UnknownOutcome),
    ],
)
def test_a_lost_answer_is_unknown_unless_the_call_may_be_repeated(
    http: Http, echo: Echo, server: Server, method: str, repeatable: bool | None, kind: type[SystemFailure]
) -> None:
    echo.faults.set("reply_lost", times=1)
    with pytest.raises(kind):
        http.call(method, f"{server.url}/echo", repeatable=repeatable)
    assert len(echo.seen) == 1


def test_an_answer_that_does_not_come_in_time(http: Http, echo: Echo, server: Server) -> None:
    echo.faults.set("slow", seconds=30)
    with pytest.raises(Temporary, match="did not answer within"):
        http.call("GET", f"{server.url}/echo", read_seconds=0.2)


def test_an_answer_that_trickles_in_is_given_up(
    http: Http, echo: Echo, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http_module, "BODY_SECONDS", 0.2)
    echo.faults.set("slow_body", chunk=1, pause=0.05)
    with pytest.raises(Temporary, match="did not answer within"):
        http.call("GET", f"{server.url}/echo")


def test_an_answer_that_ends_early_is_not_taken_for_whole(http: Http, server: Server) -> None:
    with pytest.raises(Temporary):
        http.call("GET", f"{server.url}/short", read_seconds=0.5)


def test_an_answer_that_is_too_large_is_given_up(http: Http, server: Server) -> None:
    assert len(http.call("GET", f"{server.url}/big", max_bytes=5000).content) == 5000
    with pytest.raises(Temporary, match="larger than allowed"):
        http.call("GET", f"{server.url}/big", max_bytes=4999)
    with pytest.raises(UnknownOutcome, match="larger than allowed"):
        http.call("POST", f"{server.url}/big", max_bytes=4999)


def test_a_refused_connection_is_temporary_even_for_a_post(http: Http, server: Server) -> None:
    url = server.url
    server.stop()
    with pytest.raises(Temporary, match="refuses") as caught:
        http.call("POST", f"{url}/echo?token=s3cret-value")
    assert "s3cret" not in f"{caught.value} {caught.value.detail} {caught.value.remedy}"


def test_forbidden_addresses_are_a_setting_to_correct(http: Http, server: Server, settings: Any) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    with pytest.raises(Misconfigured, match="inside our own network"):
        http.call("GET", f"{server.url}/echo")


@pytest.mark.parametrize("url", ["ftp://example.test/", "http://", "http://[::1", "nonsense"])
def test_what_is_no_web_address_is_a_setting_to_correct(http: Http, url: str) -> None:
    with pytest.raises(Misconfigured):
        http.call("GET", url)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("7", 7),
        (" 0 ", 0),
        ("86400", 3600),
        ("9" * 6000, 3600),
        ("Sun, 01 Mar 2026 12:00:30 GMT", 30),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Mon, 02 Mar 2026 12:00:00 GMT", 3600),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("٣", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_date_and_capped(value: str, wait: int | None) -> None:
    expected = None if wait is None else dt.timedelta(seconds=wait)
    assert parse_retry_after(value, NOW) == expected


# TLS


class Authority:
    """A certificate authority of the test's own, and what it signs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
        self.certificate = self._sign(self.name, self.key, ca=True)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, name: str) -> str:
        """A certificate for `name` at 127.0.0.1 with its key, as one PEM text."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self._sign(subject, key, ca=False)
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return certificate.public_bytes(serialization.Encoding.PEM).decode() + private.decode()

    def server_context(self, *, ask_for_client: bool = False) -> ssl.SSLContext:
        file = self.folder / "server.pem"
        file.write_text(self.issue("server"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        if ask_for_client:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=self.pem)
        return context

    def _sign(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(hours=1))
            .not_valid_after(now + dt.timedelta(hours=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
                critical=False,
            )
            .sign(self.key, hashes.SHA256())
        )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_an_unknown_authority_is_refused_before_anything_is_sent(echo: Echo, authority: Authority) -> None:
    with (
        serve(echo, ssl_context=authority.server_context()) as server,
        pytest.raises(Misconfigured, match="certificate") as caught,
    ):
        Http("Echo").call("POST", f"{server.url}/echo")
    assert "authority" in caught.value.remedy
    assert not echo.seen


def test_an_uploaded_authority_is_trusted(echo: Echo, authority: Authority) -> None:
    with serve(echo, ssl_context=authority.server_context()) as server:
        http = Http("Echo", tls=Tls(ca_pem=authority.pem))
        assert http.call("GET", f"{server.url}/echo").ok
        http.close()


def test_our_certificate_is_shown_to_a_server_that_asks(echo: Echo, authority: Authority) -> None:
    with serve(echo, ssl_context=authority.server_context(ask_for_client=True)) as server:
        tls = Tls(ca_pem=authority.pem, client_pem=authority.issue("client"))
        http = Http("Echo", tls=tls)
        assert http.call("GET", f"{server.url}/echo").ok
        http.close()


def test_tls_to_a_port_without_tls_is_a_setting_to_correct(http: Http, server: Server) -> None:
    with pytest.raises(Misconfigured, match="secure connection"):
        http.call("GET", server.url.replace("http://", "https://"))


def test_a_server_that_breaks_off_the_handshake_is_temporary(http: Http) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
        with pytest.raises(Temporary, match="being secured"):
            http.call("POST", f"https://127.0.0.1:{listener.getsockname()[1]}/")


@pytest.mark.parametrize("tls", [Tls(ca_pem="nonsense"), Tls(client_pem="nonsense")])
def test_unreadable_certificates_are_a_setting_to_correct(tls: Tls) -> None:
    with pytest.raises(Misconfigured, match="cannot be"):
        Http("Echo", tls=tls)


def test_an_encrypted_key_is_refused_without_asking_for_its_password(authority: Authority) -> None:
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"password"),
    )
    with pytest.raises(Misconfigured, match="client certificate"):
        Http("Echo", tls=Tls(client_pem=authority.pem + key.decode()))


def test_no_secret_is_shown_by_repr() -> None:
    assert "s3cret" not in repr(Tls(client_pem="s3cret"))
