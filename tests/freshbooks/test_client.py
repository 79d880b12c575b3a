"""The client against the stand-in: reading, paging, filters, errors, and what may be tried again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from connections.models import AccessToken, Connection
from connections.sandbox.common import Server
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.base import (
    Misconfigured,
    NeedsSignIn,
    Rejected,
    SystemFailure,
    Temporary,
    UnknownOutcome,
)
from connections.systems.freshbooks.catalogue import RESOURCES
from connections.systems.freshbooks.client import Client

pytestmark = pytest.mark.django_db

INVOICES, PAYMENTS, CLIENTS = RESOURCES["invoices"], RESOURCES["payments"], RESOURCES["clients"]
BILLS, VENDORS = RESOURCES["bills"], RESOURCES["bill_vendors"]
PAYMENT = {
    "invoiceid": 90001,
    "amount": {"amount": "10.00", "code": "USD"},
    "date": "2026-03-01",
    "note": "R-1",
}


def requests_to(books: Books, path: str, method: str = "GET") -> list[dict[str, Any]]:
    return [call for call in books.calls if call["method"] == method and path in call["path"]]


# Reading


def test_an_invoice_comes_with_its_lines(client_: Client) -> None:
    invoice = client_.find(INVOICES, "90001")
    assert invoice is not None
    assert invoice["lines"][0]["name"] == "Widget, blue"


def test_a_record_that_is_not_there_is_none(client_: Client) -> None:
    assert client_.find(INVOICES, "1") is None


@pytest.mark.parametrize("fault", ["errors_at_200", "errors_as_object", "errors_google_style"])
def test_a_record_that_is_not_there_is_none_in_every_shape(client_: Client, books: Books, fault: str) -> None:
    books.faults.set(fault)
    assert client_.find(INVOICES, "1") is None


@pytest.mark.parametrize("record_id", ["../../x", "1?x=1", "é", "1 2"])
def test_an_id_cannot_lead_elsewhere(client_: Client, books: Books, record_id: str) -> None:
    with pytest.raises(ValueError, match="no id"):
        client_.find(INVOICES, record_id)
    assert not requests_to(books, "invoices")


def test_all_pages_are_read_and_each_record_comes_once(client_: Client, books: Books) -> None:
    for _ in range(205):
        books.bookkeeper.book_invoice(notify=False)
    found = [row["id"] for row in client_.rows(INVOICES, {"customerid": 55001})]
    assert len(found) == len(set(found)) == 206
    assert len(requests_to(books, "invoices/invoices")) == 3


def test_more_than_a_page_holds_is_not_asked_for(client_: Client, books: Books) -> None:
    client_.page(CLIENTS, per_page=5000)
    assert requests_to(books, "users/clients")[0]["query"]["per_page"] == ["100"]


def test_an_empty_list_ends_at_once(client_: Client, books: Books) -> None:
    assert list(client_.rows(INVOICES, {"invoice_number": "none"})) == []
    assert len(requests_to(books, "invoices/invoices")) == 1


def test_a_total_with_hidden_rows_does_not_lead_astray(client_: Client, books: Books) -> None:
    books.faults.set("hidden_rows", resource="invoices", extra=150)
    assert len(list(client_.rows(INVOICES))) == 3


def test_filter_values_are_encoded(client_: Client, books: Books) -> None:
    books.bookkeeper.add_client("A & B #1 + 100%", notify=False)
    found = list(client_.rows(CLIENTS, {"organization_like": "A & B #1 + 100%"}))
    assert [row["organization"] for row in found] == ["A & B #1 + 100%"]


@pytest.mark.parametrize(
    ("resource", "filters"),
    [
        (INVOICES, {"status": 2}),
        (INVOICES, {"create_date_min": "2026-01-01"}),
        (INVOICES, {"customerid": [1, 2]}),
        (CLIENTS, {"organization": "Acme"}),
        (VENDORS, {"vendor_name": "Northwind"}),
        (BILLS, {"updated_min": "2026-01-01"}),
    ],
)
def test_a_filter_that_freshbooks_would_ignore_is_never_sent(
    client_: Client, books: Books, resource: Any, filters: Any
) -> None:
    with pytest.raises(ValueError, match="ignore the filter"):
        client_.page(resource, filters)
    assert not books.calls


def test_every_listed_filter_is_known_to_freshbooks(client_: Client, books: Books) -> None:
    for resource in RESOURCES.values():
        known = next((r.filters for r in books.resources if r.plural == resource.plural), {})
        unknown = {"vis_state", "user_like", "has_credit", "has_draft", "payment_or_credit"}
        assert (resource.filters | resource.list_filters) - unknown <= known.keys() or not known, (
            resource.name
        )


def test_amounts_never_become_floats(client_: Client) -> None:
    invoice = client_.find(INVOICES, "90001")

    def floats(value: Any) -> bool:
        if isinstance(value, dict):
            return any(map(floats, value.values()))
        return any(map(floats, value)) if isinstance(value, list) else isinstance(value, float)

    assert not floats(invoice)


# Signing requests


def test_a_revoked_token_is_refreshed_once_and_the_call_repeated(
    client_: Client, books: Books, connection: Connection
) -> None:
    books.oauth.expire_access_tokens()
    assert client_.find(INVOICES, "90001") is not None
    assert books.oauth.refreshes == 1
    assert AccessToken.objects.get(connection=connection).generation == 2


def test_a_post_that_was_refused_for_its_token_is_made_once(client_: Client, books: Books) -> None:
    books.oauth.expire_access_tokens()
    client_.create(PAYMENTS, PAYMENT)
    assert len(books.payments.table.with_index(90001)) == 1


def test_a_token_that_is_refused_again_after_its_refresh_asks_for_a_sign_in(
    client_: Client, books: Books
) -> None:
    books.faults.set("unauthorized")
    with pytest.raises(NeedsSignIn):
        client_.find(INVOICES, "90001")
    assert books.oauth.refreshes == 1


def test_no_business_chosen(client_: Client, connection: Connection) -> None:
    connection.settings = {}
    with pytest.raises(Misconfigured, match="No FreshBooks business is chosen"):
        client_.page(INVOICES)


def test_a_business_that_is_gone(client_: Client, connection: Connection) -> None:
    connection.settings["account_id"] = "Gone1"
    with pytest.raises(Misconfigured, match="does not know the chosen business"):
        client_.page(INVOICES)


# Refusals


@pytest.mark.parametrize(
    ("resource", "words"), [("bills", "bills"), ("bill_vendors", "vendors"), ("items", "items")]
)
@pytest.mark.parametrize("status", [200, 403])
def test_a_feature_that_the_plan_lacks(
    client_: Client, books: Books, resource: str, words: str, status: int
) -> None:
    books.faults.set("feature_gate", resource=resource, status=status)
    with pytest.raises(Misconfigured, match=f"plan of this business does not include {words}"):
        client_.page(RESOURCES[resource])


def test_a_permission_that_the_token_lacks(client_: Client, books: Books) -> None:
    books.faults.set("scope_missing", scope="user:invoices:read")
    with pytest.raises(Misconfigured, match="does not let us use the invoice") as caught:
        client_.page(INVOICES)
    assert "owner" in caught.value.remedy


def test_a_client_role_may_not_write(client_: Client, books: Books) -> None:
    books.faults.set("client_role_only")
    with pytest.raises(Misconfigured):
        client_.create(PAYMENTS, PAYMENT)


@pytest.mark.parametrize("fault", ["", "errors_at_200", "errors_as_object", "errors_google_style"])
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"date": None}, "“date” is missing"),
        ({"type": "check"}, "“type” has a value that is not allowed"),
        ({"id": 7}, "“id” is set by FreshBooks itself"),
    ],
)
def test_a_refused_document_says_why_in_every_shape(
    client_: Client, books: Books, fault: str, change: dict[str, Any], words: str
) -> None:
    if fault:
        books.faults.set(fault)
    with pytest.raises(Rejected, match=words):
        client_.create(PAYMENTS, PAYMENT | change)


def test_a_conflict_is_tried_again(client_: Client, books: Books) -> None:
    books.faults.set("conflict", resource="payments", times=1)
    with pytest.raises(Temporary, match="Somebody else is changing"):
        client_.create(PAYMENTS, PAYMENT)


# Trouble on the way


@pytest.mark.parametrize(("retry_after", "wait"), [(7, 7), (None, 60), (1_000_000, 3600)])
@pytest.mark.parametrize("write", [False, True])
def test_a_rate_limit_pauses_and_nothing_was_done(
    client_: Client, books: Books, retry_after: int | None, wait: int, write: bool
) -> None:
    books.faults.set("rate_limited", retry_after=retry_after)
    with pytest.raises(Temporary) as caught:
        client_.create(PAYMENTS, PAYMENT) if write else client_.page(INVOICES)
    assert caught.value.retry_after == timedelta(seconds=wait)
    assert len(books.calls) == 1


@pytest.mark.parametrize("fault", ["server_error", "html_error", "reply_lost", "connection_closed"])
def test_trouble_during_a_read_is_temporary(client_: Client, books: Books, fault: str) -> None:
    books.faults.set(fault, times=1, path="*/invoices/*")
    with pytest.raises(Temporary):
        client_.find(INVOICES, "90001")
    assert client_.find(INVOICES, "90001") is not None


@pytest.mark.parametrize("fault", ["server_error", "html_error", "reply_lost", "connection_closed"])
def test_trouble_during_a_post_leaves_the_outcome_unknown(client_: Client, books: Books, fault: str) -> None:
    books.faults.set(fault, times=1, method="POST", path="*/payments/*")
    with pytest.raises(UnknownOutcome):
        client_.create(PAYMENTS, PAYMENT)
    assert len(requests_to(books, "payments", "POST")) == 1


def test_nothing_was_sent_when_freshbooks_cannot_be_reached(client_: Client, server: Server) -> None:
    server.stop()
    with pytest.raises(Temporary, match="refuses connections"):
        client_.create(PAYMENTS, PAYMENT)


# Changing


def test_an_update_changes_what_is_given_and_no_more(client_: Client, books: Books) -> None:
    changed = client_.update(CLIENTS, 55001, {"fax": "1"})
    assert (changed["fax"], changed["organization"]) == ("1", "Acme Retail")


@pytest.mark.parametrize("key", ["vis_state", "ext_vis_state", "action_email"])
def test_an_update_refuses_what_would_drop_the_rest(client_: Client, books: Books, key: str) -> None:
    with pytest.raises(ValueError, match="drop every other field"):
        client_.update(CLIENTS, 55001, {"fax": "1", key: 1})
    assert not books.calls


def test_deleting_marks_the_record(client_: Client, books: Books) -> None:
    client_.delete(CLIENTS, 55006)
    assert books.clients.table.rows[55006]["vis_state"] == 1


# Secrets


@pytest.mark.parametrize("fault", ["unauthorized", "server_error", "html_error", "connection_closed"])
def test_no_failure_shows_a_token(
    client_: Client, books: Books, connection: Connection, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = AccessToken.objects.get(connection=connection)
    secrets = [str(token.access_token), str(token.refresh_token), "sandbox-secret"]
    books.faults.set(fault)
    with pytest.raises(SystemFailure) as caught:
        client_.create(PAYMENTS, PAYMENT)
    chain: BaseException | None = caught.value
    shown = caplog.text
    while chain is not None:
        shown += f"{chain!r} {vars(chain)}"
        chain = chain.__cause__ or (None if chain.__suppress_context__ else chain.__context__)
    assert not [secret for secret in secrets if secret in shown]


def test_a_decimal_filter_is_written_plainly(client_: Client, books: Books) -> None:
    client_.page(PAYMENTS, {"amount_min": Decimal("1E+2")})
    assert books.calls[-1]["query"]["search[amount_min]"] == ["100"]
