"""Driving the sandbox: over HTTP from another process, by hand on the page, by the ticker; saved state."""

import html
import json
import re
import subprocess
import sys
import threading

import pytest
import requests

from connections.sandbox.common import StateFileError, serve
from connections.sandbox.freshbooks import FreshBooks, Notice, start
from tests.sandbox.freshbooks.conftest import FULL_SCOPES


@pytest.fixture
def drive(server):
    """Sends JSON to `/_sandbox/<path>` and gives the decoded answer; the status must be as expected."""

    def drive(method, path, status=200, /, **body):
        answer = requests.request(method, f"{server.url}/_sandbox/{path}", json=body, timeout=5)
        assert answer.status_code == status, answer.text
        return answer.json()

    return drive


class TestOverHttp:
    def test_the_life_of_an_invoice(self, drive, api):
        invoice = drive("POST", "invoices", client="Delta Hardware", po_number="PO-1", status=1, notify=False)
        assert (invoice["customerid"], invoice["po_number"], invoice["v3_status"]) == (55004, "PO-1", "draft")
        assert 1 <= len(invoice["lines"]) <= 3
        number = invoice["id"]
        assert drive("POST", f"invoices/{number}/send")["v3_status"] == "sent"
        assert drive("PUT", f"invoices/{number}", notes="Changed")["notes"] == "Changed"
        assert drive("POST", f"invoices/{number}/pay", amount="1.00", type="ACH")["type"] == "ACH"
        assert api.get(f"invoices/invoices/{number}")["v3_status"] == "partial"
        drive("POST", f"invoices/{number}/pay")
        assert api.get(f"invoices/invoices/{number}")["v3_status"] == "paid"
        assert drive("DELETE", f"invoices/{number}")["vis_state"] == 1

    def test_clients_vendors_and_bills(self, drive, api):
        client = drive("POST", "clients", organization="Gourd & Co", email="ap@gourd.example")
        assert drive("PUT", f"clients/{client['id']}", fname="Gus")["fname"] == "Gus"
        vendor = drive("POST", "vendors", vendor_name="Hinge Ltd")
        assert drive("PUT", f"vendors/{vendor['vendorid']}", city="Leeds")["city"] == "Leeds"
        bill = drive("POST", "bills", vendor="Hinge Ltd", bill_number="H-1")
        assert (bill["vendorid"], bill["total_amount"]["amount"]) == (vendor["vendorid"], "250.00")
        assert drive("PUT", f"bills/{bill['id']}", bill_number="H-2")["bill_number"] == "H-2"
        assert drive("POST", f"bills/{bill['id']}/pay", note="chk 9")["note"] == "chk 9"
        assert api.get(f"bills/bills/{bill['id']}")["status"] == "paid"
        assert drive("DELETE", f"bills/{bill['id']}")["vis_state"] == 1

    @pytest.mark.parametrize(
        ("path", "body", "status"),
        [
            ("invoices", {"client": "Nobody"}, 404),
            ("invoices", {"client": 1}, 404),
            ("invoices", {"create_date": "soon"}, 422),
            ("invoices", {"signature": "x"}, 400),
            ("invoices", {"duplicates": "many"}, 400),
            ("clients", {}, 400),
            ("bills/7002/pay", {"amount": "x"}, 422),
            ("webhooks", {"event": "invoice.update"}, 400),
            ("tokens", {"life": 3}, 400),
            ("ticker", {"seconds": -1}, 400),
            ("ticker", {"seconds": "fast"}, 400),
        ],
    )
    def test_what_cannot_be_done_is_said(self, drive, books, path, body, status):
        assert drive("POST", path, status, **body)["message"]
        assert len(books.invoices.table) == 3

    def test_a_token_pair_without_the_browser(self, drive, server):
        pair = drive("POST", "tokens", scopes=["user:clients:read"], expires_in=60)
        assert (pair["scope"], pair["expires_in"]) == ("user:clients:read", 60)
        headers = {"Authorization": f"Bearer {pair['access_token']}"}
        url = f"{server.url}/accounting/account/Zx9Qw1/users/clients"
        assert requests.get(url, headers=headers, timeout=5).status_code == 200
        drive("POST", "tokens/expire")
        assert requests.get(url, headers=headers, timeout=5).status_code == 401

    def test_the_state_tells_no_secrets(self, drive, books):
        pair = books.oauth.mint()
        books.webhooks.register("invoice", "http://127.0.0.1:1/")
        state = drive("GET", "state")
        assert len(state["clients"]) == 6
        assert state["callbacks"][0]["event"] == "invoice"
        text = json.dumps(state)
        assert pair["refresh_token"] not in text
        assert pair["access_token"] not in text
        assert books.webhooks.callbacks.get(2001)["verifier"] not in text

    def test_reset(self, drive, books):
        drive("POST", "invoices")
        drive("POST", "clients", organization="x")
        drive("POST", "reset")
        assert (len(books.invoices.table), len(books.clients.table)) == (3, 6)
        assert drive("POST", "invoices")["invoice_number"] == "0000004"


class TestSeed:
    def test_two_sandboxes_hold_the_same(self):
        def held():
            state = FreshBooks().public_state()
            return re.sub(r'"uuid": "[^"]+"', "", json.dumps({**state, "ledger_accounts": None}))

        assert held() == held()
        assert FreshBooks().ledger.accounts.keys() == FreshBooks().ledger.accounts.keys()

    def test_what_the_bookkeeper_returns_is_a_copy(self, books):
        invoice = books.bookkeeper.book_invoice()
        invoice["lines"][0]["qty"] = "999"
        assert books.invoices.find(invoice["id"])["lines"][0]["qty"] != "999"


class TestTicker:
    def test_the_series_depends_on_the_seed_alone(self, clock):
        def series(seed):
            keeper = FreshBooks(seed=seed, clock=clock).bookkeeper
            booked = [keeper.book_next() for _ in range(6)]
            return [(one["customerid"], one["amount"], one["lines"][0]["name"]) for one in booked]

        assert series(1) == series(1) != series(2)
        assert len({client for client, _, _ in series(1)}) > 1

    def test_it_books_until_it_is_stopped(self, server, books, drive):
        drive("POST", "ticker", seconds=0.02)
        while len(books.invoices.table) < 6:
            threading.Event().wait(0.01)
        drive("POST", "ticker", seconds=0)
        books.ticker.stop()
        books.ticker.start()
        count = len(books.invoices.table)
        threading.Event().wait(0.1)
        assert len(books.invoices.table) == count


class TestPage:
    def test_it_shows_and_escapes_what_the_books_hold(self, server, books):
        evil = "<script>alert(1)</script>"
        books.bookkeeper.add_client(evil, notify=False)
        books.bookkeeper.book_invoice(evil, po_number="'><img src=x>", notify=False)
        books.webhooks.register("invoice", "http://127.0.0.1:1/<b>hook")
        page = requests.get(f"{server.url}/", timeout=5)
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert html.escape(evil) in page.text
        for hostile in (evil, "<img src=x>", "<b>hook"):
            assert hostile not in page.text
        assert "Evergreen Market" in page.text
        assert "reply_lost" in page.text

    def test_a_browser_books_pays_and_sets_a_switch(self, server, books, api):
        invoice = books.bookkeeper.book_invoice()
        page = requests.get(f"{server.url}/", timeout=5).text
        forms = re.findall(r"<form data-to='([^']+)' data-method='([A-Z]+)'", page)
        for wanted in (
            ("/_sandbox/invoices", "POST"),
            (f"/_sandbox/invoices/{invoice['id']}", "PUT"),
            (f"/_sandbox/invoices/{invoice['id']}", "DELETE"),
            (f"/_sandbox/invoices/{invoice['id']}/pay", "POST"),
            ("/_sandbox/ticker", "POST"),
            ("/_sandbox/faults", "POST"),
        ):
            assert wanted in forms
        # What the page's script sends for the form "Book": text as text, numbers as numbers.
        sent = {
            "client": "55002",
            "po_number": "PO-X",
            "notify": "false",
            "duplicates": 1,
            "signature": "good",
        }
        answer = requests.post(f"{server.url}/_sandbox/invoices", json=sent, timeout=5)
        assert answer.json()["customerid"] == 55002


class TestSavedState:
    def test_a_second_start_goes_on_where_it_was(self, tmp_path, clock):
        path = tmp_path / "freshbooks.json"
        options = {"save_to": path, "clock": clock, "scopes": FULL_SCOPES}
        with serve(FreshBooks(**options)) as server:
            books = server.app
            pair = books.oauth.mint()
            invoice = books.bookkeeper.book_next()
            books.bookkeeper.pay_invoice(invoice["id"], "1.00")
            books.bookkeeper.add_bill()
            callback = books.webhooks.register("invoice", "http://127.0.0.1:1/")
            before = books.dump()
        clock.move(seconds=-clock.offset.total_seconds())  # the saved offset comes back by itself
        again = FreshBooks(**options)
        after = again.dump()
        assert after["webhooks"]["callbacks"] == before["webhooks"]["callbacks"]
        for key in before.keys() - {"webhooks"}:
            assert after[key] == before[key], key
        assert again.bookkeeper.pay_invoice(invoice["id"])["clientid"] == invoice["customerid"]
        assert again.invoices.v3_status(again.invoices.find(invoice["id"])) == "paid"
        assert again.bookkeeper.book_next()["invoice_number"] == "0000005"
        assert again.webhooks.callbacks.rows[callback["callbackid"]]["verifier"] == callback["verifier"]
        assert pair["refresh_token"] in again.oauth.refresh

    def test_a_damaged_file_is_refused(self, tmp_path):
        path = tmp_path / "freshbooks.json"
        path.write_text("{")
        with pytest.raises(StateFileError):
            FreshBooks(save_to=path)


class TestStarting:
    def test_start_runs_it_until_it_is_stopped(self):
        server = start(book_every=0, seed=7)
        try:
            assert requests.get(f"{server.url}/", timeout=5).status_code == 200
        finally:
            server.stop()
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/", timeout=5)

    def test_a_taken_port_is_an_error(self, server):
        with pytest.raises(OSError, match="in use"):
            start(port=server.port)

    def test_stopping_gives_up_what_is_queued(self, books, server):
        callback = books.webhooks.register("invoice", "http://127.0.0.1:1/")
        callback["verified"] = True
        books.bookkeeper.book_invoice(notify=Notice(delay=3600))
        server.stop()
        books.webhooks.wait_until_idle(timeout=1)


def test_the_sandbox_shares_no_code_with_the_rest():
    """It runs without Django and without any other room of the project."""
    program = (
        "import sys, pkgutil, connections.sandbox as room\n"
        "import connections.sandbox.freshbooks.app, connections.sandbox.common\n"
        "rooms = {'tenants', 'mappings', 'audit', 'connector_site', 'django'}\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in rooms\n"
        "    or name.startswith('connections.') and not name.startswith('connections.sandbox')))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_lists_over_many_invoices_are_complete(api, books):
    for number in range(2000):
        books.bookkeeper.book_invoice(55001 + number % 6, notify=False)
    seen: set[int] = set()
    page = 1
    while rows := api.page("invoices/invoices", per_page=100, page=page, include=["lines"])["invoices"]:
        seen.update(row["id"] for row in rows)
        page += 1
    assert len(seen) == 2003
    assert len(api.rows("invoices/invoices", search__customerid=55006)) == 100
