"""Clients and payments on invoices."""

import pytest

INVOICES, PAYMENTS, CLIENTS = "invoices/invoices", "payments/payments", "users/clients"
LINE = {"name": "Widget", "qty": 2, "unit_cost": {"amount": "100.00"}}


@pytest.fixture
def invoice(books):
    """200.00 USD, sent, due in 30 days."""
    return books.bookkeeper.book_invoice(55001, lines=[LINE])


def pay(api, invoice, amount, **fields):
    data = {"invoiceid": invoice["id"], "amount": {"amount": amount, "code": "USD"}, "date": "2026-03-05"}
    return api.create(PAYMENTS, "payment", {**data, "type": "Check", **fields})


def state(api, invoice):
    row = api.get(f"{INVOICES}/{invoice['id']}")
    return (
        row["status"],
        row["v3_status"],
        row["payment_status"],
        row["paid"]["amount"],
        row["outstanding"]["amount"],
    )


class TestPayments:
    def test_they_move_the_invoice(self, api, invoice):
        payment = pay(api, invoice, "50.00", note="REM-1")
        assert (payment["id"], payment["clientid"]) == (payment["logid"], 55001)
        assert payment["amount"] == {"amount": "50.00", "code": "USD"}
        assert state(api, invoice) == (8, "partial", "partial", "50.00", "150.00")
        pay(api, invoice, "150.00", date="2026-03-06")
        assert state(api, invoice) == (4, "paid", "paid", "200.00", "0.00")
        assert api.get(f"{INVOICES}/{invoice['id']}")["date_paid"] == "2026-03-06"

    def test_they_move_the_change_mark_of_the_invoice(self, api, invoice, clock):
        clock.move(days=1)
        pay(api, invoice, "50.00")
        assert api.get(f"{INVOICES}/{invoice['id']}")["updated"].startswith("2026-03-06")

    def test_a_deleted_payment_moves_it_back(self, api, invoice):
        payment = pay(api, invoice, "200.00")
        api.update(f"{PAYMENTS}/{payment['id']}", "payment", {"vis_state": 1})
        assert state(api, invoice) == (2, "sent", "unpaid", "0.00", "200.00")
        assert payment["id"] not in api.ids(PAYMENTS)

    def test_a_changed_amount_counts(self, api, invoice):
        payment = pay(api, invoice, "200.00")
        changed = api.update(f"{PAYMENTS}/{payment['id']}", "payment", {"amount": {"amount": "120"}})
        assert changed["amount"]["amount"] == "120.00"
        assert state(api, invoice)[0] == 8

    def test_overpaying_makes_a_credit(self, api, invoice, books):
        payment = pay(api, invoice, "250.00")
        assert state(api, invoice) == (4, "paid", "paid", "200.00", "0.00")
        credit = books.credits.get(payment["overpaymentid"])
        assert credit["amount"] == {"amount": "50.00", "code": "USD"}
        assert api.ids(CLIENTS, search__has_credit="true") == [55001]

    def test_there_is_no_protection_against_paying_twice(self, api, invoice):
        first, second = pay(api, invoice, "10", note="REM-1"), pay(api, invoice, "10", note="REM-1")
        assert first["id"] != second["id"]

    @pytest.mark.parametrize("field", ["invoiceid", "amount", "date"])
    def test_required_fields(self, api, invoice, field):
        data = {"invoiceid": invoice["id"], "amount": {"amount": "1"}, "date": "2026-03-05"}
        del data[field]
        assert api.refused("POST", PAYMENTS, "payment", data) == (422, 1001, field)

    @pytest.mark.parametrize(
        ("field", "value", "errno"),
        [
            ("type", "check", 1004),
            ("amount", "5.00", 1004),
            ("amount", {"amount": "0"}, 1004),
            ("amount", {"amount": "x"}, 1015),
            ("date", "5.3.2026", 1033),
            ("invoiceid", 4711, 1012),
        ],
    )
    def test_wrong_values(self, api, invoice, field, value, errno):
        data = {"invoiceid": invoice["id"], "amount": {"amount": "1"}, "date": "2026-03-05", field: value}
        assert api.refused("POST", PAYMENTS, "payment", data)[1] == errno
        assert state(api, invoice)[0] == 2

    def test_the_invoice_of_a_payment_is_fixed(self, api):
        data = {"invoiceid": 90001}
        assert api.refused("PUT", f"{PAYMENTS}/115900", "payment", data) == (403, 1038, "invoiceid")

    def test_a_deleted_invoice_takes_no_payment(self, api, invoice, books):
        books.bookkeeper.delete_invoice(invoice["id"])
        data = {"invoiceid": invoice["id"], "amount": {"amount": "1"}, "date": "2026-03-05"}
        assert api.refused("POST", PAYMENTS, "payment", data)[1] == 1011

    def test_the_filters_that_work(self, api, invoice):
        made = pay(api, invoice, "50.00", note="Our REM-77", type="ACH")["id"]
        for search in (
            {"logid": made},
            {"logids": [made, 1]},
            {"invoiceid": invoice["id"]},
            {"clientid": 55001},
            {"customerids": [55001]},
            {"date_min": "2026-03-05"},
            {"updated_min": "2026-03-05"},
            {"amount_max": "50.01"},
            {"notes": "rem-77"},
            {"client_name": "acme"},
            {"number": invoice["invoice_number"]},
        ):
            assert api.ids(PAYMENTS, **{f"search__{key}": value for key, value in search.items()}) == [made]
        assert api.ids(PAYMENTS, search__amount_max="50.00") == []
        assert api.ids(PAYMENTS, search__type="ACH", search__currency="USD") == [made, 115900]
        assert api.ids(PAYMENTS, search__from_credit="true") == []
        assert len(api.rows(PAYMENTS, search__note="REM-77")) == 2

    def test_includes(self, api):
        (payment,) = api.rows(PAYMENTS, include=["client", "invoice", "gateway"])
        assert payment["client"]["organization"] == "Bluebell Grocers"
        assert payment["invoice"]["id"] == 90002
        assert payment["gateway"] is None


class TestClients:
    def test_every_field_may_be_left_out(self, api):
        client = api.create(CLIENTS, "client", {})
        assert client["id"] == client["userid"] == 55007
        assert (client["organization"], client["home_phone"], client["vis_state"]) == ("", None, 0)

    def test_the_filters_that_work(self, api):
        assert api.ids(CLIENTS, search__email="ap@acme.example") == [55001]
        assert api.ids(CLIENTS, search__userid=55002) == [55002]
        assert api.ids(CLIENTS, search__userids=[55001, 55002]) == [55002, 55001]
        assert api.ids(CLIENTS, search__organization_like="HARD") == [55004]
        assert api.ids(CLIENTS, search__fname_like="wile") == [55001]
        assert api.ids(CLIENTS, search__address_like="cedar") == [55005]
        assert api.ids(CLIENTS, search__user_like="coyote") == [55001]
        assert api.ids(CLIENTS, search__has_outstanding="true") == [55003, 55001]
        assert api.ids(CLIENTS, search__has_overdue="true") == [55001]
        assert api.ids(CLIENTS, search__has_draft="true") == []

    @pytest.mark.parametrize("key", ["organization", "fname"])
    def test_the_plain_names_do_not_filter(self, api, key):
        assert len(api.rows(CLIENTS, **{f"search__{key}": "Acme Retail"})) == 6

    def test_sorting(self, api):
        assert api.ids(CLIENTS, sort="organization_name_asc") == list(range(55001, 55007))
        assert api.ids(CLIENTS, sort="fullname_asc")[0] == 55005

    def test_the_balance_is_an_include(self, api):
        assert "outstanding_balance" not in api.get(f"{CLIENTS}/55001")
        shown = api.get(f"{CLIENTS}/55001", include=["outstanding_balance"])
        assert shown["outstanding_balance"] == [{"amount": {"amount": "318.75", "code": "USD"}}]

    def test_ids_and_stamps_cannot_be_written(self, api):
        assert api.refused("PUT", f"{CLIENTS}/55001", "client", {"userid": 1}) == (403, 1038, "userid")

    def test_a_wrong_flag(self, api):
        data = {"allow_late_fees": "yes"}
        assert api.refused("PUT", f"{CLIENTS}/55001", "client", data) == (422, 1031, "allow_late_fees")
