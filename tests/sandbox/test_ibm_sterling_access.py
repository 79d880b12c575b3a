"""Who may call the Sterling stand-in: Basic, or tokens from an origin of its own."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from connections.sandbox.ibm_sterling import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    USERNAME,
    Identity,
    Running,
    start,
)

LIST = "/mailboxes/?_range=0-9"


@pytest.fixture
def basic() -> Iterator[Running]:
    with start() as running:
        yield running


@pytest.fixture
def oauth() -> Iterator[Running]:
    with start(auth="oauth") as running:
        yield running


def call(running: Running, **options: object) -> requests.Response:
    headers = {"Accept": "application/json", **options.pop("headers", {})}  # type: ignore[dict-item]
    return requests.get(f"{running.url}/B2BAPIs/svc{LIST}", headers=headers, timeout=30, **options)  # type: ignore[arg-type]


def ask_token(running: Running, *, client_auth: str = "basic", **form: str) -> requests.Response:
    form = {"grant_type": "client_credentials", **form}
    if client_auth == "post":
        form |= {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
        return requests.post(running.token_url, data=form, timeout=30)
    return requests.post(running.token_url, data=form, auth=(CLIENT_ID, CLIENT_SECRET), timeout=30)


def bearer(running: Running, token: str) -> requests.Response:
    return call(running, headers={"Authorization": f"Bearer {token}"})


class TestBasic:
    def test_the_right_password_gets_in(self, basic: Running) -> None:
        assert call(basic, auth=(USERNAME, PASSWORD)).status_code == 200

    def test_a_wrong_password_gets_the_error_object_and_a_challenge(self, basic: Running) -> None:
        answer = call(basic, auth=(USERNAME, "wrong"))

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="B2BAPIs"'
        assert answer.json()["errorCode"] == 401

    @pytest.mark.parametrize("header", ["", "Basic ???", "Basic", "Bearer abc", "Digest x"])
    def test_what_is_no_sign_in_is_refused(self, basic: Running, header: str) -> None:
        assert call(basic, headers={"Authorization": header}).status_code == 401

    def test_an_account_without_the_api_permission_is_forbidden(self, basic: Running) -> None:
        answer = call(basic, auth=("no-api", "no-api-password"))

        assert answer.status_code == 403
        assert "API User" in answer.json()["errorDescription"]

    def test_a_client_that_loops_on_401_locks_the_account(self, basic: Running) -> None:
        for _ in range(10):
            call(basic, auth=(USERNAME, "wrong"))

        answer = call(basic, auth=(USERNAME, PASSWORD))
        assert answer.status_code == 401
        assert "locked" in answer.json()["errorDescription"]

        requests.post(f"{basic.url}/_sandbox/unlock", timeout=30)
        assert call(basic, auth=(USERNAME, PASSWORD)).status_code == 200

    def test_success_forgets_earlier_failures(self, basic: Running) -> None:
        for _ in range(3):
            for _ in range(5):
                call(basic, auth=(USERNAME, "wrong"))
            assert call(basic, auth=(USERNAME, PASSWORD)).status_code == 200

    def test_the_refusal_can_be_a_page(self, basic: Running) -> None:
        basic.sterling.faults.set("unauthorized_page")

        answer = call(basic, auth=(USERNAME, "wrong"))

        assert answer.status_code == 401
        assert answer.headers["Content-Type"].startswith("text/html")

    def test_a_call_without_the_accept_header_is_noted(self, basic: Running) -> None:
        call(basic, auth=(USERNAME, PASSWORD), headers={"Accept": "*/*"})

        assert basic.sterling.mistakes[-1]["text"] == "No `Accept: application/json`."


def test_both_origins_can_speak_https(tmp_path: Path) -> None:
    certificate = tmp_path / "certificate.pem"
    with start(auth="oauth", ssl_context=own_certificate(certificate)) as running:
        form = {"grant_type": "client_credentials"}
        client = (CLIENT_ID, CLIENT_SECRET)
        answer = requests.post(running.token_url, data=form, auth=client, verify=str(certificate), timeout=30)

        assert running.url.startswith("https://")
        token = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert call(running, headers=token, verify=str(certificate)).status_code == 200
        with pytest.raises(requests.exceptions.SSLError):
            call(running, headers=token)


def own_certificate(path: Path) -> ssl.SSLContext:
    """A context with a new certificate for 127.0.0.1, as a customer's private authority might make one."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "b2bi-int")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    key_file = path.with_suffix(".key")
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, key_file)
    return context


class TestOAuth:
    @pytest.mark.parametrize("way", ["basic", "post"])
    def test_a_token_from_the_other_origin_opens_the_api(self, oauth: Running, way: str) -> None:
        answer = ask_token(oauth, client_auth=way, scope="b2b", audience="b2bapis")

        assert not oauth.token_url.startswith(oauth.url)
        assert answer.json()["token_type"] == "Bearer"
        assert answer.json()["expires_in"] == 300
        assert answer.headers["Cache-Control"] == "no-store"
        assert bearer(oauth, answer.json()["access_token"]).status_code == 200
        assert oauth.identity.requests == [{"client_auth": way, "scope": "b2b", "audience": "b2bapis"}]

    def test_a_token_ends_after_five_minutes_and_a_new_one_works(self, oauth: Running) -> None:
        old = ask_token(oauth).json()["access_token"]
        oauth.sterling.clock.move(seconds=301)

        assert bearer(oauth, old).status_code == 401
        assert bearer(oauth, ask_token(oauth).json()["access_token"]).status_code == 200

    def test_revoked_tokens_are_refused(self, oauth: Running) -> None:
        token = ask_token(oauth).json()["access_token"]

        oauth.identity.revoke_all()

        assert bearer(oauth, token).status_code == 401

    def test_basic_is_not_accepted_besides(self, oauth: Running) -> None:
        assert call(oauth, auth=(USERNAME, PASSWORD)).status_code == 401

    def test_an_installation_may_take_both(self) -> None:
        with start(auth="any") as running:
            assert call(running, auth=(USERNAME, PASSWORD)).status_code == 200
            assert bearer(running, ask_token(running).json()["access_token"]).status_code == 200

    def test_wrong_clients_and_grants_are_refused(self, oauth: Running) -> None:
        wrong = requests.post(oauth.token_url, data={"grant_type": "client_credentials"}, timeout=30)
        assert wrong.status_code == 401
        assert wrong.json() == {"error": "invalid_client"}
        assert ask_token(oauth, grant_type="password").json() == {"error": "unsupported_grant_type"}

    def test_the_service_can_insist_on_a_way_a_scope_and_a_life_time(self) -> None:
        with start(
            auth="oauth", identity=Identity(client_auth="post", scope="b2b", expires_in=60)
        ) as running:
            assert ask_token(running, client_auth="basic", scope="b2b").status_code == 401
            assert ask_token(running, client_auth="post").json() == {"error": "invalid_scope"}
            assert ask_token(running, client_auth="post", scope="b2b").json()["expires_in"] == 60

    def test_the_answer_can_lack_the_life_time(self, oauth: Running) -> None:
        oauth.identity.faults.set("token_without_expiry", times=1)

        assert "expires_in" not in ask_token(oauth).json()
        assert "expires_in" in ask_token(oauth).json()

    def test_the_api_host_gives_no_tokens(self, oauth: Running) -> None:
        answer = requests.post(f"{oauth.url}/oauth2/token", timeout=30)

        assert answer.status_code == 404
        assert oauth.sterling.mistakes[-1]["text"] == "Tokens are not given out by the API host."

    def test_the_dump_holds_no_token(self, oauth: Running) -> None:
        token = ask_token(oauth).json()["access_token"]

        assert (
            token
            not in requests.get(oauth.token_url.replace("/oauth2/token", "/_sandbox/state"), timeout=30).text
        )
