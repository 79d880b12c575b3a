"""Receiving webhooks: who may speak, what is kept, and that it is kept before it is acknowledged."""

import base64
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError, connections
from django.test import Client as Browser
from django_q.models import OrmQ
from hypothesis import given
from hypothesis import strategies as st

from connections.models import Callback, Connection, Hint
from connections.systems.freshbooks import webhooks
from connections.systems.freshbooks.webhooks import fields_in, is_signed, notification_in, token_hash
from tenants.models import Tenant
from tests.freshbooks.untimed import untimed

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TOKEN, VERIFIER = "t0ken-in-the-address", "vfy-Kx7Qm2Zp9RtL4sWb8NcD1"

NOTE = b"note=Caf%C3%A9+%E2%80%9CZo%C3%AB%E2%80%9D+%26+S%C3%B6hne+%2F+%E6%9D%B1%E4%BA%AC+100%25"

SYSTEM = b"system=https%3A%2F%2Fexample.freshbooks.com"

# FreshBooks API documentation, Webhooks: the JSON is that of Python's json.dumps.
VECTORS = [
    (
        "vfy-Kx7Qm2Zp9RtL4sWb8NcD1",
        b"name=invoice.create&object_id=1234567&account_id=6BApk&business_id=6543&identity_id=1234&user_id=1",
        "xJPcnG2PmNe0d7eJefOYPROIGjJjazuX9NHhmARV1x8=",
    ),
    (
        "vfy-Tq5Hn8Yd3UeJ6aVf0PgM2",
        b"user_id=1&name=bill_vendor.update&object_id=4821&account_id=Zx9Qw1&business_id=77213&identity_id=90210",
        "WT05gXomMh4HIIm+s/LevE9aebi5FYx3xoawEO77f90=",
    ),
    (
        "vfy-Éclair-Ω-2026",
        b"name=client.update&object_id=55001&account_id=ACM123&business_id=6543&identity_id=1234&user_id=1&"
        + NOTE,
        "gyC8hlPJXELcoQ5tWsSN6q5GomexKW8mcxqvkgRtEPw=",
    ),
    (
        "vfy-Tq5Hn8Yd3UeJ6aVf0PgM2",
        b"user_id=1&name=callback.verify&verifier=vfy-Tq5Hn8Yd3UeJ6aVf0PgM2&object_id=2001&account_id=Zx9Qw1&"
        + SYSTEM,
        "7e2cCzPhqoEhSPBKMgJQBJcIGz0G4X3KR6FSzZdHkWo=",
    ),
]
RAW_UTF8 = "jAY3CxWZQQt6KqYZaQaLVUmrNj5ebtbpeJE4jR2yFyw="
WRONG = {
    "compact": (0, "zSSrzhuqVYLWFNww553oqQ8cSvx8k3U+czz+DGOSbDA="),
    "raw body": (0, "9EmzY2rT3MSamUzbuHuT2OHoSa9fHKOyeLkEjlS8C98="),
    "sorted keys": (1, "LhwZbQ9hzpxRt/L+Ya8OFqwY/qF1EliMN1kDiXPUQfo="),
    "empty": (0, ""),
    "not base64": (0, "é"),
    "another's": (0, "WT05gXomMh4HIIm+s/LevE9aebi5FYx3xoawEO77f90="),
}


@pytest.mark.parametrize(("verifier", "body", "signature"), VECTORS)
def test_the_documented_signature_is_accepted(verifier: str, body: bytes, signature: str) -> None:
    assert is_signed(fields_in(body), signature, verifier)


def test_the_spelling_of_other_libraries_is_accepted_too() -> None:
    verifier, body, _ = VECTORS[2]
    assert is_signed(fields_in(body), RAW_UTF8, verifier)


@pytest.mark.parametrize(("vector", "signature"), WRONG.values(), ids=WRONG.keys())
def test_any_other_signature_is_refused(vector: int, signature: str) -> None:
    verifier, body, _ = VECTORS[vector]
    assert not is_signed(fields_in(body), signature, verifier)


def test_without_a_verifier_nothing_is_signed() -> None:
    body = VECTORS[0][1]
    assert not is_signed(fields_in(body), sign(fields_in(body), ""), "")


@untimed
@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=12), max_size=6), st.text(min_size=1)
)
def test_signing_and_checking_agree_whatever_the_fields_hold(fields: dict[str, str], verifier: str) -> None:
    sent = {key: value for key, value in fields.items() if not _has_surrogates(key + value)}
    if not _has_surrogates(verifier):
        received = fields_in(urlencode(sent).encode())
        assert received == sent
        assert is_signed(received, sign(sent, verifier), verifier)
        assert not is_signed({**received, "extra": "1"}, sign(sent, verifier), verifier)


@untimed
@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_harm(body: bytes) -> None:
    notification_in(fields_in(body))


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= char <= "\udfff" for char in text)


def sign(fields: dict[str, str], verifier: str) -> str:
    digest = hmac.new(verifier.encode(), json.dumps(fields).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


# The address


@pytest.fixture
def callback(tenant: Tenant) -> Callback:
    connection = Connection.unscoped.create(
        tenant=tenant, system="freshbooks", key="fb", name="FB", settings={"account_id": "Zx9Qw1"}
    )
    return Callback.objects.create(
        connection=connection,
        event="invoice",
        token_hash=token_hash(TOKEN),
        callback_id="2001",
        verifier=VERIFIER,
        is_verified=True,
    )


@pytest.fixture
def browser() -> Browser:
    return Browser(enforce_csrf_checks=True)


def delivery(**changes: str) -> dict[str, str]:
    fields = {"name": "invoice.create", "object_id": "90001", "account_id": "Zx9Qw1", "business_id": "77213"}
    return fields | changes


def post(
    browser: Browser,
    fields: dict[str, str] | None = None,
    *,
    body: bytes | None = None,
    signature: str | None = None,
    verifier: str = VERIFIER,
    token: str = TOKEN,
) -> int:
    fields = delivery() if fields is None else fields
    headers = {webhooks.SIGNATURE_HEADER: sign(fields, verifier) if signature is None else signature}
    return browser.post(
        f"/hooks/freshbooks/{token}",
        data=urlencode(fields).encode() if body is None else body,
        content_type="application/x-www-form-urlencoded",
        headers=headers,
    ).status_code


def rings() -> list[tuple[str, tuple[int, ...]]]:
    return [(queued.task["func"], queued.task["args"]) for queued in OrmQ.objects.all()]


@pytest.mark.django_db(transaction=True)
def test_a_signed_delivery_is_a_hint_and_rings(browser: Browser, callback: Callback) -> None:
    assert post(browser) == 204
    hint = Hint.objects.get()
    assert (hint.noun, hint.object_id, hint.verb, hint.count) == ("invoice", "90001", "create", 1)
    assert hint.due_at > hint.first_at
    callback.refresh_from_db()
    assert (callback.heard, callback.refused) == (1, 0)
    assert callback.last_heard_at
    assert rings() == [("connections.tasks.fetch", (callback.connection_id,))]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "options"),
    [
        ({}, {"signature": ""}),
        ({}, {"signature": "forged"}),
        ({}, {"verifier": "another secret"}),
        ({}, {"body": b"name=invoice.create&object_id=90002&account_id=Zx9Qw1&business_id=77213"}),
        ({}, {"body": b"business_id=77213&name=invoice.create&object_id=90001&account_id=Zx9Qw1"}),
        ({}, {"body": b""}),
        ({}, {"body": b"\xff\x00%ED%A0%80"}),
    ],
)
def test_what_is_not_signed_by_freshbooks_is_counted_and_forgotten(
    browser: Browser, callback: Callback, fields: dict[str, str], options: dict[str, Any]
) -> None:
    assert post(browser, delivery(**fields), **options) == 401
    callback.refresh_from_db()
    assert (callback.refused, callback.heard) == (1, 0)
    assert not Hint.objects.exists()
    assert not OrmQ.objects.exists()


@pytest.mark.django_db
def test_an_unknown_address_is_not_found(browser: Browser, callback: Callback) -> None:
    assert post(browser, token="guess") == 404


@pytest.mark.django_db
def test_the_address_is_kept_as_a_hash_only(callback: Callback) -> None:
    assert TOKEN not in str(Callback.objects.values().get())


@pytest.mark.django_db
def test_another_callback_s_secret_does_not_open_this_one(browser: Browser, callback: Callback) -> None:
    Callback.objects.create(
        connection=callback.connection,
        event="client",
        token_hash=token_hash("other"),
        verifier="other-verifier",
        is_verified=True,
    )
    assert post(browser, verifier="other-verifier") == 401
    assert post(browser, verifier="other-verifier", token="other") == 204


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posts_are_heard(browser: Browser, callback: Callback, method: str) -> None:
    assert getattr(browser, method)(f"/hooks/freshbooks/{TOKEN}").status_code == 405


@pytest.mark.django_db
def test_a_body_that_is_too_large_is_refused(browser: Browser, callback: Callback) -> None:
    assert post(browser, delivery(note="x" * webhooks.MAX_BODY)) == 413
    assert not Hint.objects.exists()


@pytest.mark.django_db
def test_values_beyond_ascii_in_another_order_and_repeated_fields(
    browser: Browser, callback: Callback
) -> None:
    fields = {"note": "Café “Zoë” 東京", "user_id": "1", **delivery()}
    assert post(browser, fields) == 204
    repeated = urlencode([*fields.items(), ("note", fields["note"])]).encode()
    assert post(browser, fields, body=repeated) == 204
    altered = urlencode([*fields.items(), ("object_id", "666")]).encode()
    assert post(browser, fields, body=altered) == 401
    assert [hint.object_id for hint in Hint.objects.all()] == ["90001"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "in voice.create"},
        {"object_id": ""},
        {"object_id": "'; DROP TABLE"},
        {"object_id": "9" * 21},
        {"object_id": "٣"},
        {"account_id": "Another"},
    ],
)
def test_what_is_signed_but_says_nothing_to_us_is_acknowledged_and_not_kept(
    browser: Browser, callback: Callback, fields: dict[str, str]
) -> None:
    """A refusal would only make FreshBooks repeat it, and switch the callback off in the end."""
    assert post(browser, delivery(**fields)) == 204
    assert not Hint.objects.exists()


@pytest.mark.django_db
def test_an_event_of_another_account_does_not_lead_to_our_records(
    browser: Browser, callback: Callback
) -> None:
    callback.connection.settings = {"account_id": "Changed1"}
    callback.connection.save()
    assert post(browser) == 204
    assert not Hint.objects.exists()


# Many deliveries


@pytest.mark.django_db(transaction=True)
def test_a_flood_for_one_record_is_one_hint_and_one_ring(callback: Callback) -> None:
    def send(_: int) -> int:
        try:
            return post(Browser())
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(send, range(60)))
    assert set(replies) == {204}
    assert Hint.objects.get().count == 60
    assert len(rings()) == 1
    callback.refresh_from_db()
    assert callback.heard == 60


@pytest.mark.django_db
def test_a_burst_of_records_rings_once(
    browser: Browser, callback: Callback, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(20):
            post(browser, delivery(object_id=str(number)))
    assert Hint.objects.count() == 20
    assert len(rings()) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"due_at": LONG_AGO}, {"attempts_made": 1}])
def test_a_hint_whose_ring_is_over_does_not_keep_the_next_one_quiet(
    browser: Browser, callback: Callback, change: dict[str, Any], django_capture_on_commit_callbacks: Any
) -> None:
    post(browser)
    Hint.objects.update(**change)
    with django_capture_on_commit_callbacks(execute=True):
        post(browser, delivery(object_id="90002"))
    assert len(rings()) == 1


@pytest.mark.django_db
def test_a_repeated_delivery_moves_the_hint_s_time_but_not_when_it_is_due(
    browser: Browser, callback: Callback
) -> None:
    post(browser)
    first = Hint.objects.get()
    post(browser, delivery(name="invoice.update"))
    again = Hint.objects.get()
    assert (again.count, again.verb, again.due_at) == (2, "update", first.due_at)
    # So that whoever is reading the record just now knows that it changed once more.
    assert again.last_at > first.last_at


@pytest.mark.django_db
def test_how_many_statements_a_delivery_costs(
    browser: Browser, callback: Callback, django_assert_max_num_queries: Any
) -> None:
    # The callback, the savepoint of the test's own transaction and its end, the hint, the callback's counter.
    with django_assert_max_num_queries(6):
        post(browser)
    with django_assert_max_num_queries(5):
        post(browser)


# Nothing is lost


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_stored_is_not_acknowledged(
    browser: Browser, callback: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(webhooks, "_upsert", broken)
    browser.raise_request_exception = False
    assert post(browser) == 500
    assert not Hint.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_queue_that_does_not_answer_is_no_reason_to_refuse(
    browser: Browser, callback: Callback, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ConnectionError("no queue")

    monkeypatch.setattr("tenants.doorbell.async_task", broken)
    assert post(browser) == 204
    assert Hint.objects.exists()


# The handshake


@pytest.fixture
def unverified(callback: Callback) -> Callback:
    Callback.objects.update(verifier="", is_verified=False, callback_id="")
    callback.refresh_from_db()
    return callback


HANDSHAKE = {"user_id": "1", "name": "callback.verify", "verifier": "new-verifier", "object_id": "2001"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("signature", ["", None])
def test_a_handshake_is_kept_and_answered_from_a_task(
    browser: Browser, unverified: Callback, signature: str | None
) -> None:
    assert post(browser, HANDSHAKE, signature=signature) == 204
    unverified.refresh_from_db()
    assert (unverified.verifier, unverified.callback_id) == ("new-verifier", "2001")
    assert not unverified.is_verified
    assert rings() == [("connections.tasks.verify_callback", (unverified.pk,))]


@pytest.mark.django_db
def test_before_the_verifier_is_proven_it_opens_nothing(browser: Browser, unverified: Callback) -> None:
    """Anybody who learned the address could have sent the handshake."""
    post(browser, HANDSHAKE)
    assert post(browser, verifier="new-verifier") == 401


@pytest.mark.django_db
def test_a_verified_callback_keeps_its_verifier(browser: Browser, callback: Callback) -> None:
    assert post(browser, HANDSHAKE, signature="") == 204
    callback.refresh_from_db()
    assert callback.verifier == VERIFIER
    assert post(browser) == 204


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"verifier": ""}, {"verifier": "v" * 501}, {"object_id": ""}, {"object_id": "../1"}]
)
def test_a_handshake_that_cannot_be_one_is_refused(
    browser: Browser, unverified: Callback, change: dict[str, str]
) -> None:
    assert post(browser, HANDSHAKE | change) == 401
    unverified.refresh_from_db()
    assert unverified.verifier == ""


@pytest.mark.django_db
def test_a_handshake_for_another_callback_is_not_taken(browser: Browser, unverified: Callback) -> None:
    Callback.objects.update(callback_id="1999")
    assert post(browser, HANDSHAKE) == 204
    unverified.refresh_from_db()
    assert unverified.verifier == ""
