"""The connection test: each step in words, and what to do."""

import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from connections.models import Connection, SystemKind
from connections.sandbox import ibm_sterling as sandbox
from connections.sandbox.common import serve
from connections.systems.base import Step, StepState
from connections.systems.ibm_sterling.system import Sterling
from tenants.models import Tenant
from tests.ibm_sterling.conftest import Connect, connection_to, messages_in


def steps_of(system: Sterling) -> list[Step]:
    with system:
        return list(system.check())


def failed_step(steps: list[Step]) -> Step:
    [failed] = [step for step in steps if step.state == StepState.FAILED]
    assert all(step.state == StepState.NOT_RUN for step in steps[steps.index(failed) + 1 :])
    assert all(step.state == StepState.PASSED for step in steps[: steps.index(failed)])
    return failed


def test_every_step_passes(installation: sandbox.Running, connect: Connect) -> None:
    steps = steps_of(connect(test_writes=True))

    assert [step.key for step in steps] == [
        "resolve",
        "reach",
        "secure",
        "sign_in",
        "permission",
        "outbound",
        "inbound",
        "ack",
        "archive",
        "write",
    ]
    assert {step.state for step in steps} == {StepState.PASSED}
    assert installation.sterling.mistakes == []


class TestWhatElseIsRead:
    ASKED = {
        "file_gateway": ("fgarrivedfiles", "fgroutes", "fgdeliveries"),
        "workflow": ("workflowmonitors",),
    }
    LISTS = {"read_partners": True, "code_list": "GL_SEGMENTS|FRESHBOOKS|ERP|1"}

    @pytest.mark.parametrize("source", list(ASKED))
    @pytest.mark.parametrize("empty", [200, 404])
    def test_it_is_asked_for_by_reading_alone(
        self, installation: sandbox.Running, connect: Connect, source: str, empty: int
    ) -> None:
        if empty != 200:
            installation.sterling.faults.set("empty_list", status=empty)
        steps = steps_of(connect(status_source=source, **self.LISTS))

        keys = [step.key for step in steps]
        assert keys[9:] == [*self.ASKED[source], "tradingpartners", "code_list"]
        assert {step.state for step in steps} == {StepState.PASSED}
        assert steps[-1].text == "It is, with 4 accounts."
        assert {call["method"] for call in installation.sterling.calls} == {"GET"}
        assert installation.sterling.mistakes == []

    @pytest.mark.parametrize(
        ("resource", "status", "said"),
        [
            (
                "fgroutes",
                403,
                "may not read fgroutes. Ask the Sterling administrator to let it read fgroutes",
            ),
            ("fgarrivedfiles", 404, "does not offer fgarrivedfiles. Ask the Sterling administrator whether"),
            ("tradingpartners", 403, "may not read tradingpartners"),
        ],
    )
    def test_what_cannot_be_read_says_what_to_ask_for(
        self, installation: sandbox.Running, connect: Connect, resource: str, status: int, said: str
    ) -> None:
        installation.sterling.faults.set("html_error", status=status, path=f"*/{resource}/")
        failed = failed_step(steps_of(connect(status_source="file_gateway", **self.LISTS)))
        assert failed.key == resource
        assert said in failed.text

    def test_a_code_list_that_is_not_there_is_named(self, connect: Connect) -> None:
        failed = failed_step(steps_of(connect(code_list="OTHER|FRESHBOOKS|ERP|1")))
        assert failed.key == "code_list"
        assert "There is no code list “OTHER|FRESHBOOKS|ERP|1”" in failed.text


def test_the_probe_of_writing_leaves_nothing_behind(installation: sandbox.Running, connect: Connect) -> None:
    steps_of(connect(test_writes=True))

    assert messages_in(installation) == []
    assert installation.sterling.store.documents == {}


def test_it_writes_only_when_it_was_allowed_to(installation: sandbox.Running, connect: Connect) -> None:
    steps = steps_of(connect())

    assert "write" not in [step.key for step in steps]
    assert {call["method"] for call in installation.sterling.calls} == {"GET"}


def test_an_insecure_connection_says_so_loudly(connect: Connect) -> None:
    [secure] = [step for step in steps_of(connect()) if step.key == "secure"]

    assert "INSECURE" in secure.text


@pytest.mark.django_db
def test_with_oauth_the_token_is_a_step_of_its_own(tenant: Tenant) -> None:
    with sandbox.start(auth="oauth") as running:
        credentials = {"client_id": sandbox.CLIENT_ID, "client_secret": "wrong"}
        connection = connection_to(running, credentials, auth_mode="oauth", token_url=running.token_url)
        connection.tenant, connection.key, connection.name = tenant, "sterling", "Sterling"
        connection.save()
        assert failed_step(steps_of(Sterling(connection))).key == "token"

        connection.credentials = credentials | {"client_secret": sandbox.CLIENT_SECRET}
        assert {step.state for step in steps_of(Sterling(connection))} == {StepState.PASSED}


def test_a_wrong_password_is_said_at_the_sign_in_and_tried_once(
    installation: sandbox.Running, connect: Connect
) -> None:
    failed = failed_step(steps_of(connect(credentials={"username": "ml-connector", "password": "no"})))

    assert failed.key == "sign_in"
    assert failed.detail["failure"] == "NeedsSignIn"
    signed = [call for call in installation.sterling.calls if call["status"] == 401]
    assert len(signed) == 2  # one without credentials, to see the certificate


def test_a_missing_api_permission_is_said_after_the_sign_in(connect: Connect) -> None:
    failed = failed_step(steps_of(connect(credentials={"username": "no-api", "password": "no-api-password"})))

    assert failed.key == "permission"
    assert "API User" in failed.text


@pytest.mark.parametrize("setting", ["outbound_path", "inbound_path", "ack_path", "archive_path"])
def test_a_missing_mailbox_is_named(connect: Connect, setting: str) -> None:
    failed = failed_step(steps_of(connect(**{setting: "/acme/nowhere"})))

    assert failed.key == setting.removesuffix("_path")
    assert "“/acme/nowhere”" in failed.text


def test_a_mailbox_that_may_not_be_read_names_its_permission(
    installation: sandbox.Running, connect: Connect
) -> None:
    installation.sterling.faults.set("mailbox_forbidden", mailbox="/acme/ack")

    failed = failed_step(steps_of(connect()))

    assert failed.key == "ack"
    assert "/acme/ack Mailbox" in failed.text


@pytest.mark.parametrize("status", [400, 404])
def test_empty_mailboxes_pass_however_they_are_answered(
    installation: sandbox.Running, connect: Connect, status: int
) -> None:
    installation.sterling.faults.set("empty_list", status=status)

    assert {step.state for step in steps_of(connect())} == {StepState.PASSED}


def test_an_address_that_is_something_else_is_said(installation: sandbox.Running, connect: Connect) -> None:
    identity = installation.token_url.removesuffix("/oauth2/token")

    failed = failed_step(steps_of(connect(base_url=identity)))

    assert failed.key == "sign_in"
    assert "not the REST API of IBM Sterling" in failed.text


@pytest.mark.parametrize(
    ("wrong", "step"),
    [
        ({"base_url": "https://no-such-host.invalid:5443"}, "resolve"),
        ({"base_url": "https://127.0.0.1:1"}, "reach"),
        ({"base_url": "sterling.example.com"}, "resolve"),
        ({"base_url": "http://127.0.0.1:5443", "insecure": False}, "resolve"),
        ({"page_size": "many"}, "settings"),
        ({"ca_bundle": "not a certificate"}, "settings"),
    ],
)
def test_a_wrong_address_or_setting_is_said_at_its_step(
    connect: Connect, wrong: dict[str, object], step: str
) -> None:
    assert failed_step(steps_of(connect(**wrong))).key == step


def test_the_service_may_be_named_with_or_without_its_path(
    installation: sandbox.Running, connect: Connect
) -> None:
    for ending in ("", "/", "/B2BAPIs/svc", "/B2BAPIs/svc/", "/b2bapis/svc"):
        settings = connect(base_url=installation.url + ending).api.settings
        assert settings.service_url.lower() == f"{installation.url}/b2bapis/svc"


def test_a_resource_may_be_spelled_another_way(installation: sandbox.Running, connect: Connect) -> None:
    system = connect(resource_paths=["mailboxcontents=mailboxContents"])

    assert {step.state for step in steps_of(system)} == {StepState.PASSED}
    assert any("/mailboxContents/" in call["path"] for call in installation.sterling.calls)


class Certificate(NamedTuple):
    pem: str
    key_pem: str
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


def certify(name: str, issuer: Certificate | None = None) -> Certificate:
    """A certificate for 127.0.0.1, signed by `issuer` or by itself (an authority)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    key_pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Certificate(certificate.public_bytes(Encoding.PEM).decode(), key_pem, key, certificate)


class TestCertificates:
    """An installation with certificates of its own, which asks us for ours."""

    @pytest.fixture
    def authority(self) -> Certificate:
        return certify("Acme authority")

    @pytest.fixture
    def url(self, authority: Certificate, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
        server = certify("Sterling", authority)
        chain = tmp_path / "server.pem"
        chain.write_text(server.pem + server.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        if getattr(request, "param", "") == "asks for ours":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=authority.pem)
        with serve(sandbox.Sterling(), ssl_context=context) as running:
            yield running.url

    def connect(self, url: str, key: str = "", **settings: object) -> Sterling:
        credentials = {"username": sandbox.USERNAME, "password": sandbox.PASSWORD, "client_key": key}
        values = {"base_url": url, "outbound_path": "/acme/outbound"}
        connection = Connection(
            system=SystemKind.IBM_STERLING, settings=values | settings, credentials=credentials
        )
        return Sterling(connection)

    def test_its_authority_makes_it_trusted(self, url: str, authority: Certificate) -> None:
        steps = steps_of(self.connect(url, ca_bundle=authority.pem))

        assert {step.state for step in steps} == {StepState.PASSED}
        assert "certificate was accepted" in steps[2].text

    @pytest.mark.parametrize("trusted", ["", "another"])
    def test_without_its_authority_nothing_is_sent(self, url: str, trusted: str) -> None:
        ca_bundle = certify("Another authority").pem if trusted else ""

        failed = failed_step(steps_of(self.connect(url, ca_bundle=ca_bundle)))

        assert failed.key == "secure"
        assert "was not accepted" in failed.text

    def test_another_name_than_that_of_the_certificate_is_refused(
        self, url: str, authority: Certificate
    ) -> None:
        by_name = url.replace("127.0.0.1", "localhost")

        assert failed_step(steps_of(self.connect(by_name, ca_bundle=authority.pem))).key == "secure"

    @pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
    def test_the_loud_switch_trusts_anybody(self, url: str) -> None:
        steps = steps_of(self.connect(url, insecure=True))

        assert {step.state for step in steps} == {StepState.PASSED}
        assert "INSECURE" in steps[2].text

    @pytest.mark.parametrize("url", ["asks for ours"], indirect=True)
    def test_it_may_ask_for_our_certificate(self, url: str, authority: Certificate) -> None:
        ours = certify("ml-connector", authority)

        without = steps_of(self.connect(url, ca_bundle=authority.pem))
        with_ours = steps_of(
            self.connect(url, ours.key_pem, ca_bundle=authority.pem, client_certificate=ours.pem)
        )

        assert failed_step(without).key == "secure"
        assert {step.state for step in with_ours} == {StepState.PASSED}
