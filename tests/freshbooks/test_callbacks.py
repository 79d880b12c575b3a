"""Registering webhooks and keeping them registered, between the stand-in and our own server over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from connections.models import Callback, Connection, Hint, Poll, PollKind
from connections.sandbox.common import Server
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.sandbox.freshbooks import Notice
from connections.systems.base import Temporary
from connections.systems.freshbooks import callbacks, keep_webhooks, verify
from connections.systems.freshbooks.callbacks import remove_webhooks
from connections.systems.freshbooks.client import Client
from tests.freshbooks.conftest import connect, sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def our_server(live_server: Any, server: Server, settings: Any) -> None:
    """Our web server, where the stand-in delivers to."""
    settings.SITE_URL = live_server.url


def settle(books: Books) -> None:
    """Let all deliveries arrive and the tasks they rang for run."""
    books.webhooks.wait_until_idle()
    for callback in Callback.objects.filter(is_verified=False):
        verify(callback)


def registered(books: Books) -> list[dict[str, Any]]:
    return list(books.webhooks.callbacks.rows.values())


def set_up(connection: Connection, books: Books, **options: Any) -> Callback:
    keep_webhooks(connection, **options)
    settle(books)
    return Callback.objects.get(connection=connection)


def far_away(**sooner: int) -> datetime:
    return timezone.now() + timedelta(days=1) - timedelta(**sooner)


def test_from_registration_to_the_first_hint(connection: Connection, books: Books) -> None:
    assert keep_webhooks(connection) == 1
    books.webhooks.wait_until_idle()
    assert [queued.task["func"] for queued in OrmQ.objects.all()] == ["connections.tasks.verify_callback"]
    settle(books)
    (there,), here = registered(books), Callback.objects.get()
    assert there["verified"]
    assert here.is_verified
    assert here.callback_id == str(there["callbackid"])
    invoice = books.bookkeeper.book_invoice()
    books.webhooks.wait_until_idle()
    hint = Hint.objects.get()
    assert (hint.noun, hint.object_id, hint.verb) == ("invoice", str(invoice["id"]), "create")


def test_what_is_in_order_is_left_alone(connection: Connection, books: Books) -> None:
    set_up(connection, books)
    books.calls.clear()
    assert keep_webhooks(connection) == 0
    assert [call["method"] for call in books.calls] == ["GET"]


@pytest.mark.parametrize("shape", ["", "callback_documented_shape"])
def test_a_callback_that_was_dropped_is_registered_again(
    connection: Connection, books: Books, shape: str
) -> None:
    if shape:
        books.faults.set(shape)
    before = set_up(connection, books)
    books.webhooks.callbacks.clear()
    assert keep_webhooks(connection) == 1
    settle(books)
    after = Callback.objects.get()
    assert after.is_verified
    assert after.token_hash != before.token_hash
    assert keep_webhooks(connection) == 0


def test_a_callback_that_was_switched_off_is_asked_for_a_new_handshake(
    connection: Connection, books: Books
) -> None:
    set_up(connection, books)
    registered(books)[0]["verified"] = False
    assert keep_webhooks(connection) == 1
    assert not Callback.objects.get().is_verified
    settle(books)
    assert registered(books)[0]["verified"]
    assert Callback.objects.get().is_verified


def test_a_lost_handshake_is_asked_for_again(connection: Connection, books: Books) -> None:
    books.faults.set("handshake_lost", times=1)
    set_up(connection, books)
    assert not Callback.objects.get().is_verified
    assert keep_webhooks(connection) == 1
    settle(books)
    assert Callback.objects.get().is_verified


def test_a_registration_whose_reply_was_lost_is_found_again(connection: Connection, books: Books) -> None:
    """The handshake brings the id that the reply would have brought."""
    books.faults.set("reply_lost", times=1, method="POST", path="/events/*")
    with pytest.raises(Exception, match="not known"):
        keep_webhooks(connection)
    settle(books)
    assert Callback.objects.get().is_verified
    assert keep_webhooks(connection) == 0
    assert len(registered(books)) == 1


def test_a_registration_that_got_lost_with_its_handshake_is_found_by_its_address(
    connection: Connection, books: Books
) -> None:
    books.faults.set("handshake_lost", times=1)
    books.faults.set("reply_lost", times=1, method="POST", path="/events/*")
    with pytest.raises(Exception, match="not known"):
        keep_webhooks(connection)
    assert keep_webhooks(connection) == 1
    settle(books)
    assert Callback.objects.get().is_verified
    assert len(registered(books)) == 1


def test_a_verification_whose_reply_was_lost_is_made_again(connection: Connection, books: Books) -> None:
    keep_webhooks(connection)
    books.webhooks.wait_until_idle()
    upkeep: dict[str, Any] = {"connection": connection, "kind": PollKind.UPKEEP}
    Poll.objects.update_or_create(**upkeep, defaults={"next_at": far_away()})
    books.faults.set("reply_lost", times=1, method="PUT", path="/events/*")
    with pytest.raises(Temporary):
        verify(Callback.objects.get())
    assert registered(books)[0]["verified"]
    assert not Callback.objects.get().is_verified
    assert Poll.objects.get(**upkeep).next_at < far_away(hours=1)
    assert keep_webhooks(connection) == 1
    assert Callback.objects.get().is_verified


def test_a_forged_handshake_does_no_harm(connection: Connection, books: Books) -> None:
    """Somebody who knows the address sends a verifier of their own: FreshBooks does not take it."""
    books.faults.set("handshake_lost", times=1)
    keep_webhooks(connection)
    Callback.objects.update(verifier="of a stranger")
    settle(books)
    callback = Callback.objects.get()
    assert not callback.is_verified
    assert callback.verifier == ""
    keep_webhooks(connection)
    settle(books)
    assert Callback.objects.get().is_verified


def test_leftovers_of_ours_are_removed_and_those_of_others_are_not(
    connection: Connection, books: Books
) -> None:
    theirs = books.webhooks.register("invoice", "https://another.example/hooks/freshbooks/abc")
    leftover = books.webhooks.register("invoice", f"{callbacks.address_prefix()}forgotten")
    assert set_up(connection, books)
    left = {row["callbackid"] for row in registered(books)}
    assert theirs["callbackid"] in left
    assert leftover["callbackid"] not in left
    assert len(left) == 2


def test_two_connections_with_one_account_leave_each_other_alone(
    connection: Connection, books: Books
) -> None:
    other = connect(connection.tenant, books, key="second")
    sign_in(other, books)
    set_up(connection, books)
    set_up(other, books)
    assert keep_webhooks(connection) == keep_webhooks(other) == 0
    assert len(registered(books)) == 2
    invoice = books.bookkeeper.book_invoice()
    books.webhooks.wait_until_idle()
    assert {hint.connection_id for hint in Hint.objects.filter(object_id=invoice["id"])} == {
        connection.pk,
        other.pk,
    }


def test_our_address_has_changed(
    connection: Connection, books: Books, settings: Any, live_server: Any
) -> None:
    settings.SITE_URL = "http://127.0.0.1:9"
    keep_webhooks(connection)
    settings.SITE_URL = live_server.url
    set_up(connection, books)
    assert Callback.objects.get().is_verified


def test_events_nobody_wants_any_more_are_given_back(connection: Connection, books: Books) -> None:
    keep_webhooks(connection, ["invoice", "client"])
    settle(books)
    assert keep_webhooks(connection, ["invoice"]) == 1
    assert [row["event"] for row in registered(books)] == ["invoice"]
    assert [callback.event for callback in Callback.objects.all()] == ["invoice"]


@pytest.mark.parametrize("away", [False, True])
def test_removing_takes_them_away_here_and_if_possible_there(
    connection: Connection, books: Books, server: Server, away: bool
) -> None:
    set_up(connection, books)
    if away:
        server.stop()
    client = Client(connection)
    remove_webhooks(connection, client)
    client.close()
    assert not Callback.objects.exists()
    assert len(registered(books)) == (1 if away else 0)


@pytest.mark.parametrize(
    ("notice", "hints", "refused"),
    [
        (Notice(duplicates=3), 1, 0),
        (Notice(fields="reordered"), 1, 0),
        (Notice(fields="repeated"), 1, 0),
        (Notice(signature="forged"), 0, 1),
        (Notice(signature="missing"), 0, 1),
    ],
)
def test_deliveries_as_they_come_over_the_wire(
    connection: Connection, books: Books, notice: Notice, hints: int, refused: int
) -> None:
    set_up(connection, books)
    books.bookkeeper.edit_invoice(90001, notes="x", notify=notice)
    books.webhooks.wait_until_idle()
    assert Hint.objects.count() == hints
    assert (Callback.objects.get().refused > 0) == bool(refused)
