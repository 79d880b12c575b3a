"""Callbacks: registration, verification, deliveries, signatures, and what can go wrong with them."""

import base64
import hashlib
import hmac
import json
import threading
from urllib.parse import parse_qsl

import pytest
import requests
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import serve
from connections.sandbox.freshbooks import SILENT, FreshBooks, Notice
from connections.sandbox.freshbooks.webhooks import sign
from tests.sandbox.freshbooks.conftest import FULL_SCOPES, Api

CALLBACKS = "/events/account/Zx9Qw1/events/callbacks"
SIGNATURE = "X-FreshBooks-Hmac-SHA256"


class Receiver:
    """A web server that notes what is posted to it and answers with `status`."""

    def __init__(self) -> None:
        self.status = 200
        self.posts: list[tuple[list[tuple[str, str]], str | None]] = []
        self.paths: list[str] = []
        self.url = ""
        self.silent = threading.Event()
        self.silent.set()

    def __call__(self, environ, start_response):
        request = Request(environ)
        assert request.mimetype == "application/x-www-form-urlencoded"
        self.posts.append(
            (parse_qsl(request.get_data(as_text=True), strict_parsing=True), request.headers.get(SIGNATURE))
        )
        self.paths.append(request.path)
        self.silent.wait(10)
        return Response(status=self.status)(environ, start_response)

    @property
    def fields(self) -> list[dict[str, str]]:
        return [dict(pairs) for pairs, _ in self.posts]

    @property
    def events(self) -> list[tuple[str, str]]:
        """(name, object_id) of every delivery, without handshakes."""
        return [(f["name"], f["object_id"]) for f in self.fields if f["name"] != "callback.verify"]


@pytest.fixture
def receiver():
    receiver = Receiver()
    with serve(receiver) as server:
        receiver.url = server.url
        yield receiver


def register(api, receiver, event, path="/hook"):
    body = {"callback": {"event": event, "uri": f"{receiver.url}{path}"}}
    answer = api.call("POST", CALLBACKS, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["response"]["result"]["callback"]


def change(api, callback, **fields):
    return api.call("PUT", f"{CALLBACKS}/{callback['callbackid']}", json={"callback": fields})


def show(api, callback):
    answer = api.call("GET", f"{CALLBACKS}/{callback['callbackid']}")
    return answer.json()["response"]["result"]["callback"]


@pytest.fixture
def subscribe(api, books, receiver):
    """Registers a callback, verifies it, and forgets the handshake."""

    def subscribe(event, path="/hook"):
        callback = register(api, receiver, event, path)
        books.webhooks.wait_until_idle()
        callback["verifier"] = receiver.fields[-1]["verifier"]
        assert change(api, callback, verifier=callback["verifier"]).status_code == 200
        receiver.posts.clear()
        receiver.paths.clear()
        return callback

    return subscribe


def expected_signature(verifier, pairs):
    """Written here again, from the documentation, and not taken from the code under test."""
    message = "{" + ", ".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in pairs) + "}"
    return base64.b64encode(hmac.new(verifier.encode(), message.encode(), hashlib.sha256).digest()).decode()


class TestSigner:
    @pytest.mark.parametrize(
        ("secret", "body", "signature"),
        [
            (
                "vfy-Kx7Qm2Zp9RtL4sWb8NcD1",
                "name=invoice.create&object_id=1234567&account_id=6BApk&business_id=6543&identity_id=1234&user_id=1",
                "xJPcnG2PmNe0d7eJefOYPROIGjJjazuX9NHhmARV1x8=",
            ),
            (
                "vfy-Tq5Hn8Yd3UeJ6aVf0PgM2",
                (
                    "user_id=1&name=bill_vendor.update&object_id=4821&account_id=Zx9Qw1&business_id=77213"
                    "&identity_id=90210"
                ),
                "WT05gXomMh4HIIm+s/LevE9aebi5FYx3xoawEO77f90=",
            ),
            (
                "vfy-Éclair-Ω-2026",
                (
                    "name=client.update&object_id=55001&account_id=ACM123&business_id=6543&identity_id=1234&user_id=1"
                    "&note=Caf%C3%A9+%E2%80%9CZo%C3%AB%E2%80%9D+%26+S%C3%B6hne+%2F+%E6%9D%B1%E4%BA%AC+100%25"
                ),
                "gyC8hlPJXELcoQ5tWsSN6q5GomexKW8mcxqvkgRtEPw=",
            ),
            (
                "vfy-Tq5Hn8Yd3UeJ6aVf0PgM2",
                (
                    "user_id=1&name=callback.verify&verifier=vfy-Tq5Hn8Yd3UeJ6aVf0PgM2&object_id=2001"
                    "&account_id=Zx9Qw1&system=https%3A%2F%2Fexample.freshbooks.com"
                ),
                "7e2cCzPhqoEhSPBKMgJQBJcIGz0G4X3KR6FSzZdHkWo=",
            ),
        ],
    )
    def test_it_matches_the_known_vectors(self, secret, body, signature):
        assert sign(secret, dict(parse_qsl(body))) == signature


class TestRegistration:
    def test_a_callback_starts_unverified_and_is_asked_to_prove_itself(self, api, books, receiver):
        callback = register(api, receiver, "invoice.create", "/hooks/abc")
        assert callback == {
            "callbackid": 2001,
            "event": "invoice.create",
            "uri": f"{receiver.url}/hooks/abc",
            "verified": False,
            "updated_at": callback["updated_at"],
        }
        books.webhooks.wait_until_idle()
        ((pairs, signature),) = receiver.posts
        fields = dict(pairs)
        assert [name for name, _ in pairs] == [
            "user_id",
            "name",
            "verifier",
            "object_id",
            "account_id",
            "system",
        ]
        assert (fields["name"], fields["object_id"]) == ("callback.verify", "2001")
        assert signature == expected_signature(fields["verifier"], pairs)
        assert receiver.paths == ["/hooks/abc"]

    def test_the_verifier_turns_it_on(self, api, books, receiver):
        callback = register(api, receiver, "invoice.create")
        books.webhooks.wait_until_idle()
        wrong = change(api, callback, verifier="guess")
        assert wrong.status_code == 422
        assert wrong.json()["details"] == ["verifier: Value error, Verifier does not match."]
        assert show(api, callback)["verified"] is False
        right = change(api, callback, verifier=receiver.fields[0]["verifier"], callback_id=2001)
        assert right.json()["response"]["result"]["callback"]["verified"] is True

    def test_every_callback_has_a_verifier_of_its_own_and_keeps_it(self, api, books, receiver):
        first = register(api, receiver, "invoice.create")
        register(api, receiver, "invoice.create")
        change(api, first, resend=True)
        books.webhooks.wait_until_idle()
        one, two, again = (fields["verifier"] for fields in receiver.fields)
        assert one != two
        assert again == one

    def test_the_list_finds_an_event_and_its_noun(self, api, receiver):
        for event in ("invoice", "invoice.create", "invoice.update", "bill.create"):
            register(api, receiver, event)

        def listed(query=""):
            result = api.call("GET", f"{CALLBACKS}{query}").json()["response"]["result"]
            return [row["event"] for row in result["callbacks"]], result["total"]

        assert listed() == (["invoice", "invoice.create", "invoice.update", "bill.create"], 4)
        assert listed("?search[event]=invoice.create") == (["invoice", "invoice.create"], 2)
        assert listed("?per_page=1&page=4") == (["bill.create"], 4)

    def test_a_change_needs_verification_again(self, api, books, receiver, subscribe):
        callback = subscribe("invoice.create")
        answer = change(api, callback, uri=f"{receiver.url}/other")
        assert answer.json()["response"]["result"]["callback"]["verified"] is False
        books.webhooks.wait_until_idle()
        assert receiver.paths == ["/other"]

    def test_a_deleted_callback_is_gone(self, api, books, receiver, subscribe):
        callback = subscribe("invoice.create")
        assert api.call("DELETE", f"{CALLBACKS}/{callback['callbackid']}").status_code == 200
        gone = api.call("GET", f"{CALLBACKS}/{callback['callbackid']}")
        assert (gone.status_code, gone.json()) == (
            404,
            {"errno": 404, "message": "Requested resource could not be found."},
        )
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        assert receiver.events == []

    def test_what_is_wrong_with_a_registration(self, api):
        answer = api.call("POST", CALLBACKS, json={"callback": {"event": "invoice.burnt", "uri": "nowhere"}})
        assert answer.status_code == 422
        assert answer.json() == {
            "errno": 422,
            "message": "The request was well-formed but was unable to be followed due to semantic errors.",
            "details": [
                "event: Value error, Unrecognized event.",
                "uri: Input should be a valid URL, relative URL without a base",
            ],
        }

    @pytest.mark.parametrize("event", ["bill_payment.create", "journal_entry.create", "vendor.create"])
    def test_events_that_do_not_exist(self, api, receiver, event):
        body = {"callback": {"event": event, "uri": receiver.url}}
        assert api.call("POST", CALLBACKS, json=body).status_code == 422

    @pytest.mark.parametrize("uri", ["", "x", "ftp://x.example/", "http://", "http://[", 5, None])
    def test_addresses_that_are_none(self, api, uri):
        body = {"callback": {"event": "invoice", "uri": uri}}
        assert api.call("POST", CALLBACKS, json=body).status_code == 422

    def test_the_old_error_shape_and_the_documented_callback_shape(self, api, books, receiver):
        books.faults.set("events_errors_old_style", times=1)
        answer = api.call("POST", CALLBACKS, json={"callback": {"event": "x", "uri": receiver.url}})
        assert answer.json()["details"][0]["fieldViolations"][0]["field"] == "event"
        books.faults.set("callback_documented_shape", times=1)
        shown = register(api, receiver, "invoice")
        assert (shown["id"], shown["updated_at"][10], shown["updated_at"][-1]) == (2001, "T", "Z")

    def test_it_needs_a_token_and_the_scope_of_the_resource(self, api, books, receiver, server):
        assert requests.get(f"{server.url}{CALLBACKS}", timeout=5).json()["errno"] == 401
        lacking = Api(server, books.oauth.mint(["user:profile:read", "user:bills:read"])["access_token"])
        register(lacking, receiver, "bill.create")
        body = {"callback": {"event": "invoice.create", "uri": receiver.url}}
        assert lacking.call("POST", CALLBACKS, json=body).status_code == 403


class TestDeliveries:
    def test_a_delivery_names_the_object_and_nothing_more(self, api, books, receiver, subscribe):
        callback = subscribe("invoice.create")
        invoice = books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        ((pairs, signature),) = receiver.posts
        assert pairs == [
            ("name", "invoice.create"),
            ("object_id", str(invoice["id"])),
            ("account_id", "Zx9Qw1"),
            ("business_id", "77213"),
            ("identity_id", "31001"),
            ("user_id", "1"),
        ]
        assert signature == expected_signature(callback["verifier"], pairs)

    def test_nothing_is_delivered_before_verification(self, api, books, receiver):
        register(api, receiver, "invoice.create")
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        assert receiver.events == []

    def test_what_happened_before_verification_is_not_delivered_after_it(self, api, books, receiver):
        callback = register(api, receiver, "invoice.create")
        with books.webhooks.held():
            books.bookkeeper.book_invoice()
            books.webhooks.wait_until_idle()
            change(api, callback, verifier=receiver.fields[0]["verifier"])
        books.webhooks.wait_until_idle()
        assert show(api, callback)["verified"] is True
        assert receiver.events == []

    def test_a_noun_gets_all_of_its_events(self, api, books, receiver, subscribe):
        subscribe("invoice")
        number = books.bookkeeper.book_invoice(status=1)["id"]
        books.bookkeeper.mark_sent(number)
        books.bookkeeper.edit_invoice(number, notes="x")
        mail = {"action_email": True, "email_recipients": ["a@b.test"]}
        api.update(f"invoices/invoices/{number}", "invoice", mail)
        books.bookkeeper.delete_invoice(number)
        books.bookkeeper.add_client("Another")
        books.webhooks.wait_until_idle()
        names = ["create", "update", "update", "sendByEmail", "update", "delete"]
        assert receiver.events == [(f"invoice.{name}", str(number)) for name in names]

    def test_the_api_announces_as_people_do(self, api, books, receiver, subscribe):
        for event in (
            "payment.create",
            "invoice.update",
            "bill.create",
            "bill_vendor.update",
            "client.create",
        ):
            subscribe(event)
        invoice = books.bookkeeper.book_invoice()
        payment = {"invoiceid": invoice["id"], "amount": {"amount": "1"}, "date": "2026-03-05"}
        paid = api.create("payments/payments", "payment", payment)
        vendor = api.update("bill_vendors/bill_vendors/1561", "bill_vendor", {"note": "x"})
        bill = books.bookkeeper.add_bill()
        client = books.bookkeeper.add_client("New")
        books.webhooks.wait_until_idle()
        assert receiver.events == [
            ("payment.create", str(paid["id"])),
            ("invoice.update", str(invoice["id"])),
            ("bill_vendor.update", str(vendor["vendorid"])),
            ("bill.create", str(bill["id"])),
            ("client.create", str(client["id"])),
        ]

    def test_bill_payments_are_not_announced(self, books, receiver, subscribe):
        for event in ("bill", "payment", "bill_vendor"):
            subscribe(event)
        books.bookkeeper.pay_bill(7002)
        books.webhooks.wait_until_idle()
        assert receiver.events == []

    def test_each_callback_gets_its_own(self, books, receiver, subscribe):
        first, second = subscribe("invoice", "/a"), subscribe("invoice.create", "/b")
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        assert receiver.paths == ["/a", "/b"]
        for callback, (pairs, signature) in zip((first, second), receiver.posts, strict=True):
            assert signature == expected_signature(callback["verifier"], pairs)

    def test_the_log_says_what_became_of_it(self, books, receiver, subscribe):
        subscribe("invoice")
        receiver.status = 500
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        last = books.webhooks.log[-1]
        assert (last["event"], last["status"], last["attempt"]) == ("invoice.create", 500, 1)


class TestManners:
    """What a person can ask for when booking, and the switches that do the same to every event."""

    def posts_of(self, books, receiver, notify):
        number = books.bookkeeper.book_invoice(notify=notify)["id"]
        books.webhooks.wait_until_idle()
        return [
            (pairs, signature) for pairs, signature in receiver.posts if ("object_id", str(number)) in pairs
        ]

    @pytest.mark.parametrize("notify", [False, SILENT])
    def test_silently(self, books, receiver, subscribe, notify):
        subscribe("invoice")
        assert self.posts_of(books, receiver, notify) == []

    def test_twice(self, books, receiver, subscribe):
        subscribe("invoice")
        first, second = self.posts_of(books, receiver, Notice(duplicates=1))
        assert first == second

    def test_unsigned_or_forged(self, books, receiver, subscribe):
        callback = subscribe("invoice")
        ((_, missing),) = self.posts_of(books, receiver, Notice(signature="missing"))
        assert missing is None
        ((pairs, forged),) = self.posts_of(books, receiver, Notice(signature="forged"))
        assert len(base64.b64decode(forged)) == 32
        assert forged != expected_signature(callback["verifier"], pairs)

    def test_reordered_fields_are_signed_as_sent(self, books, receiver, subscribe):
        callback = subscribe("invoice")
        ((pairs, signature),) = self.posts_of(books, receiver, Notice(fields="reordered"))
        assert pairs[0][0] == "user_id"
        assert signature == expected_signature(callback["verifier"], pairs)

    def test_a_repeated_field_is_signed_once(self, books, receiver, subscribe):
        callback = subscribe("invoice")
        ((pairs, signature),) = self.posts_of(books, receiver, Notice(fields="repeated"))
        assert pairs[0] == pairs[-1]
        assert signature == expected_signature(callback["verifier"], pairs[:-1])

    def test_later(self, books, receiver, subscribe):
        subscribe("invoice")
        late = books.bookkeeper.book_invoice(notify=Notice(delay=1))["id"]
        soon = books.bookkeeper.book_invoice()["id"]
        books.webhooks.wait_until_idle()
        assert [number for _, number in receiver.events] == [str(soon), str(late)]

    def test_in_another_order(self, books, receiver, subscribe):
        subscribe("invoice")
        with books.webhooks.held(reverse=True):
            numbers = [str(books.bookkeeper.book_invoice()["id"]) for _ in range(3)]
            books.webhooks.wait_until_idle()
            assert receiver.events == []
        books.webhooks.wait_until_idle()
        assert [number for _, number in receiver.events] == numbers[::-1]

    def test_without_a_reason(self, books, receiver, subscribe):
        subscribe("invoice")
        books.bookkeeper.send_webhook("invoice.delete", 4711)
        books.webhooks.wait_until_idle()
        assert receiver.events == [("invoice.delete", "4711")]

    @pytest.mark.parametrize(
        "wrong", [{"signature": "x"}, {"fields": "x"}, {"duplicates": -1}, {"duplicates": 101}, {"delay": -1}]
    )
    def test_a_manner_that_does_not_exist(self, wrong):
        with pytest.raises(ValueError, match="must be"):
            Notice(**wrong)

    @pytest.mark.parametrize(
        ("switch", "params", "count", "signed"),
        [
            ("webhook_lost", {}, 0, None),
            ("webhook_duplicated", {"copies": 2}, 3, True),
            ("webhook_delayed", {"seconds": 0.1}, 1, True),
            ("webhook_unsigned", {}, 1, False),
            ("webhook_forged", {}, 1, True),
            ("webhook_fields_reordered", {}, 1, True),
            ("webhook_field_repeated", {}, 1, True),
        ],
    )
    def test_switches(self, books, receiver, subscribe, switch, params, count, signed):
        subscribe("invoice")
        books.faults.set(switch, times=1, event="invoice.create", **params)
        books.bookkeeper.edit_invoice(90001)
        posts = self.posts_of(books, receiver, notify=True)
        assert len(posts) == count
        assert all((signature is not None) is signed for _, signature in posts)
        assert len(self.posts_of(books, receiver, notify=True)) == 1

    def test_a_lost_or_unsigned_handshake(self, api, books, receiver):
        books.faults.set("handshake_lost", times=1)
        books.faults.set("handshake_unsigned", times=1)
        callback = register(api, receiver, "invoice")
        books.webhooks.wait_until_idle()
        assert receiver.posts == []
        change(api, callback, resend=True)
        books.webhooks.wait_until_idle()
        ((_, signature),) = receiver.posts
        assert signature is None


class TestFailures:
    @pytest.fixture
    def books(self, clock):
        return FreshBooks(scopes=FULL_SCOPES, clock=clock, disable_after=3, retry_pauses=(0.01,))

    def test_a_failed_delivery_is_tried_again(self, books, receiver, subscribe):
        subscribe("invoice")
        receiver.status = 500
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        assert len(receiver.events) == 2
        assert [entry["attempt"] for entry in books.webhooks.log][-2:] == [1, 2]

    def test_a_receiver_that_is_too_slow_has_failed(self, books, receiver, subscribe):
        callback = subscribe("invoice")
        receiver.silent.clear()
        books.webhooks.timeout = 0.2
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        receiver.silent.set()
        assert books.webhooks.log[-1]["error"] == "ReadTimeout"
        assert books.webhooks.callbacks.get(callback["callbackid"])["failures"] == 2

    def test_too_many_failures_in_a_row_turn_it_off_until_it_is_verified_again(
        self, api, books, receiver, subscribe
    ):
        callback = subscribe("invoice")
        receiver.status = 410
        for _ in range(2):
            books.bookkeeper.book_invoice()
            books.webhooks.wait_until_idle()
        assert len(receiver.events) == 3
        assert show(api, callback)["verified"] is False
        receiver.status = 200
        books.bookkeeper.book_invoice()
        change(api, callback, resend=True)
        books.webhooks.wait_until_idle()
        assert len(receiver.events) == 3
        change(api, callback, verifier=receiver.fields[-1]["verifier"])
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        assert len(receiver.events) == 4

    def test_a_success_in_between_forgives(self, api, books, receiver, subscribe):
        callback = subscribe("invoice")
        for status in (500, 200, 500, 200):
            receiver.status = status
            books.bookkeeper.book_invoice()
            books.webhooks.wait_until_idle()
        assert show(api, callback)["verified"] is True

    def test_it_may_vanish_instead(self, api, books, receiver, subscribe):
        callback = subscribe("invoice")
        books.faults.set("callback_disabled_is_deleted")
        receiver.status = 500
        for _ in range(2):
            books.bookkeeper.book_invoice()
            books.webhooks.wait_until_idle()
        assert api.call("GET", f"{CALLBACKS}/{callback['callbackid']}").status_code == 404

    def test_an_address_where_nobody_listens(self, api, books, subscribe):
        callback = subscribe("invoice")
        books.webhooks.callbacks.get(callback["callbackid"])["uri"] = "http://127.0.0.1:1/"
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        assert books.webhooks.log[-1]["error"] == "ConnectionError"

    def test_a_redirect_is_not_followed(self, books, receiver, subscribe):
        subscribe("invoice")
        receiver.status = 302
        books.bookkeeper.book_invoice()
        books.webhooks.wait_until_idle()
        assert books.webhooks.log[-1]["status"] == 302
