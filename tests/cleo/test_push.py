"""What an HTTP action of CIC Studio sends: stored first, answered at once, and no more than a hint."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from audit.models import Arrival, Payload
from connections.models import Connection, ConnectionState, Poll, PollKind, Push, PushAddress
from connections.pipeline.poll import ensure_polls
from connections.sandbox import cleo as sandbox
from connections.systems.cleo import push
from tenants.models import Role, Tenant, User
from tests.cleo.conftest import CONTENT, connection_to
from tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shape() -> str:
    return "plain"


@pytest.fixture
def connection(running: sandbox.Running, tenant: Tenant) -> Connection:
    made = connection_to(running, tenant)
    ensure_polls(made)
    Poll.objects.update(next_at=timezone.now() + timedelta(hours=1))
    return made


@pytest.fixture
def address(connection: Connection) -> str:
    return f"/hooks/cleo/{push.new_address(connection).token}"


def test_a_push_is_stored_as_it_came_and_makes_us_look_at_once(
    client: Client, connection: Connection, address: str
) -> None:
    answer = client.post(f"{address}?name=997_ACME.edi", CONTENT, content_type="application/x-what-ever")

    assert answer.status_code == 202
    [stored] = Push.objects.for_tenant(connection.tenant)
    assert bytes(stored.payload.content) == CONTENT
    assert (stored.name, stored.size) == ("997_ACME.edi", len(CONTENT))
    assert Poll.objects.get(kind=PollKind.PLACE).next_at <= timezone.now()
    assert not Arrival.unscoped.exists()  # a hint: what is true lies in the folder


def test_the_same_again_is_the_same_row_and_another_name_another(
    client: Client, connection: Connection, address: str
) -> None:
    for name in ("a", "a", "b"):
        client.post(address, CONTENT, content_type="text/plain", headers={"X-File-Name": name})

    assert sorted(Push.objects.for_tenant(connection.tenant).values_list("name", "count")) == [
        ("a", 2),
        ("b", 1),
    ]


@pytest.mark.parametrize("body", [b"", b"{not json", b"\x00\xff" * 100, b'{"file": "x"}'])
@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data; boundary=x"])
def test_anything_is_taken(client: Client, address: str, body: bytes, content_type: str) -> None:
    assert client.post(address, body, content_type=content_type).status_code == 202


def test_an_unknown_token_is_nobody_and_stores_nothing(client: Client, address: str) -> None:
    assert client.post(address[:-1] + "x", CONTENT, content_type="text/plain").status_code == 404
    assert client.get(address).status_code == 405
    assert not Payload.unscoped.exists()


def test_what_is_too_large_is_refused_unread(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "LARGEST_BODY", 10)
    assert client.post(address, b"x" * 11, content_type="text/plain").status_code == 413
    assert not Payload.unscoped.exists()


def test_only_the_newest_are_kept(
    client: Client, connection: Connection, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "KEPT", 3)
    for number in range(5):
        client.post(address, f"{number}".encode(), content_type="text/plain")

    kept = Push.objects.for_tenant(connection.tenant)
    assert {bytes(one.payload.content) for one in kept} == {b"2", b"3", b"4"}
    assert Payload.unscoped.count() == 3


@pytest.mark.parametrize(
    ("headers", "given", "name"),
    [
        ({}, "", ""),
        ({"X-File-Name": "../../etc/passwd"}, "", "passwd"),
        ({"Content-Disposition": 'attachment; filename="a b.edi"'}, "", "a b.edi"),
        ({"X-File-Name": "a\r\nb"}, "", "a��b"),
        ({"X-File-Name": "header"}, "query", "query"),
        ({"X-File-Name": "x" * 400}, "", "x" * 255),
    ],
)
def test_a_name_is_made_harmless(headers: dict[str, str], given: str, name: str) -> None:
    assert push.file_name(headers, given) == name


def test_the_stand_in_tells_of_new_files_over_http(
    live_server: LiveServer, running: sandbox.Running, connection: Connection
) -> None:
    running.cleo.push_to = f"{live_server}/hooks/cleo/{push.new_address(connection).token}"

    running.cleo.drop("download", "997_ACME.edi", CONTENT)

    assert running.cleo.pushed == [{"name": "997_ACME.edi", "status": 202}]
    assert Push.objects.for_tenant(connection.tenant).get().name == "997_ACME.edi"


class TestThePage:
    @pytest.fixture
    def alice_of(self, alice: User) -> Client:
        client = Client()
        client.force_login(alice)
        return client

    @pytest.fixture
    def viewer_of(self, tenant: Tenant) -> Client:
        member = MembershipFactory.create(tenant=tenant, role=Role.VIEWER)
        client = Client()
        client.force_login(member.user)
        return client

    def test_an_address_is_made_shown_replaced_and_removed(
        self, client: Client, connection: Connection, alice_of: Client
    ) -> None:
        page = f"/t/{connection.tenant.slug}/connections/cleo/"
        assert b"Make an address" in alice_of.get(page).content
        alice_of.post(f"{page}push/")
        first = PushAddress.objects.get().token
        assert first.encode() in alice_of.get(page).content

        assert b"stops working" in alice_of.get(f"{page}push/").content
        alice_of.post(f"{page}push/")
        assert PushAddress.objects.get().token != first
        assert client.post(f"/hooks/cleo/{first}", b"x", content_type="x/y").status_code == 404

        assert b"cannot be had again" in alice_of.get(f"{page}push/remove/").content
        alice_of.post(f"{page}push/remove/")
        assert not PushAddress.objects.exists()

    def test_a_password_is_entered_in_place(self, connection: Connection, alice_of: Client) -> None:
        Connection.unscoped.update(state=ConnectionState.NEEDS_SIGN_IN)
        page = f"/t/{connection.tenant.slug}/connections/cleo/"
        assert b"Enter the password again" in alice_of.get(page).content

        alice_of.post(f"{page}password/", {"password": "a new one"})

        connection.refresh_from_db()
        assert connection.credentials["password"] == "a new one"
        assert connection.credentials_set_at is not None
        assert connection.test_report["running"]
        assert b"a new one" not in alice_of.get(page).content

    def test_strangers_and_viewers_are_shown_neither(
        self, client: Client, connection: Connection, address: str, viewer_of: Client
    ) -> None:
        page = f"/t/{connection.tenant.slug}/connections/cleo/"
        token = PushAddress.objects.get().token.encode()
        assert token not in viewer_of.get(page).content
        for path in ("push/", "push/remove/", "password/"):
            assert viewer_of.post(f"{page}{path}").status_code == 403
            assert client.post(f"{page}{path}").status_code in (302, 404)
