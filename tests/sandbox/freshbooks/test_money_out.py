"""Bills, bill payments, bill vendors, and what is only read."""

import pytest

BILLS, PAYMENTS, VENDORS = "bills/bills", "bill_payments/bill_payments", "bill_vendors/bill_vendors"
LINE = {"categoryid": 65771, "quantity": 2, "unit_cost": {"amount": "125.00"}, "description": "Paper"}
NEW = {
    "vendorid": 1561,
    "issue_date": "2026-03-01",
    "due_offset_days": 30,
    "currency_code": "USD",
    "lines": [LINE],
}
PAID = {"billid": 7002, "amount": {"amount": "18.40"}, "paid_date": "2026-03-05", "payment_type": "Check"}


def bill_state(api, bill_id=7002):
    bill = api.get(f"{BILLS}/{bill_id}")
    return bill["status"], bill["paid"]["amount"], bill["outstanding"]["amount"]


class TestBills:
    def test_everything_comes_without_an_include(self, api):
        (bill,) = api.rows(BILLS, search__ids=[7001])
        assert bill["lines"][0]["category"]["category"] == "Office Supplies"
        assert bill["lines"][0]["quantity"] == "2"
        assert bill["bill_payments"][0]["id"] == 9101

    def test_amounts_due_date_and_summary_are_computed(self, api):
        taxed = {**LINE, "tax_name1": "GST", "tax_percent1": 5}
        bill = api.create(BILLS, "bill", {**NEW, "lines": [taxed, {**LINE, "categoryid": 65774}]})
        assert bill["amount"]["amount"] == "500.00"
        assert bill["tax_amount"]["amount"] == "12.50"
        assert bill["total_amount"]["amount"] == bill["outstanding"]["amount"] == "512.50"
        assert bill["due_date"] == "2026-03-31"
        assert (bill["status"], bill["overall_category"], bill["overall_description"]) == (
            "unpaid",
            "Multiple",
            "Paper",
        )
        assert bill["lines"][0]["tax_amount1"] == {"amount": "12.50", "code": "USD"}
        assert bill["lines"][1]["tax_amount1"] is None
        assert [line["list_index"] for line in bill["lines"]] == [1, 2]

    @pytest.mark.parametrize("field", ["vendorid", "issue_date", "due_offset_days", "currency_code", "lines"])
    def test_required_fields(self, api, field):
        data = {key: value for key, value in NEW.items() if key != field}
        assert api.refused("POST", BILLS, "bill", data) == (422, 1001, field)

    @pytest.mark.parametrize("field", ["categoryid", "unit_cost", "quantity"])
    def test_required_fields_of_a_line(self, api, field):
        line = {key: value for key, value in LINE.items() if key != field}
        assert api.refused("POST", BILLS, "bill", {**NEW, "lines": [line]}) == (422, 1001, "lines")

    @pytest.mark.parametrize(
        "field",
        ["amount", "tax_amount", "total_amount", "paid", "outstanding", "status", "due_date", "updated_at"],
    )
    def test_computed_fields_cannot_be_written(self, api, field):
        assert api.refused("POST", BILLS, "bill", {**NEW, field: "1"}) == (403, 1038, field)
        assert api.refused("PUT", f"{BILLS}/7002", "bill", {field: "1"}) == (403, 1038, field)

    def test_unknown_vendors_and_categories(self, api):
        assert api.refused("POST", BILLS, "bill", {**NEW, "vendorid": 1})[:2] == (404, 1012)
        wrong = {**LINE, "categoryid": 1}
        assert api.refused("POST", BILLS, "bill", {**NEW, "lines": [wrong]})[1] == 1012

    def test_the_filters_that_work_and_those_that_do_not(self, api):
        assert api.ids(BILLS, search__vendorid=1562) == [7002]
        assert api.ids(BILLS, search__ids=[7001, 7003]) == [7003, 7001]
        assert api.ids(BILLS, search__statuses=["paid", "unpaid"]) == [7003, 7002, 7001]
        assert api.ids(BILLS, search__statuses=["paid"]) == [7001]
        assert api.ids(BILLS, search__currency_code="CAD") == []
        for ignored in ("updated_min", "updated_at_min", "issue_date_min"):
            assert len(api.rows(BILLS, **{f"search__{ignored}": "2099-01-01"})) == 3

    def test_a_change_moves_updated_at_in_utc(self, api):
        bill = api.update(f"{BILLS}/7002", "bill", {"bill_number": "HF-1907-B"})
        assert bill["updated_at"].startswith("2026-03-05 17:00:0")
        assert bill["created_at"] == "2026-02-10 15:28:49"

    def test_it_becomes_overdue_by_itself(self, api, clock):
        assert bill_state(api)[0] == "unpaid"
        clock.move(days=20)
        assert bill_state(api)[0] == "overdue"
        assert bill_state(api, 7001)[0] == "paid"


class TestBillPayments:
    def test_they_move_the_bill_but_not_its_change_mark(self, api):
        before = api.get(f"{BILLS}/7002")
        payment = api.create(PAYMENTS, "bill_payment", PAID)
        assert set(payment) == {"id", "billid", "amount", "paid_date", "payment_type", "note", "vis_state"}
        after = api.get(f"{BILLS}/7002")
        assert bill_state(api) == ("partial", "18.40", "420.92")
        assert [one["id"] for one in after["bill_payments"]] == [payment["id"]]
        assert after["updated_at"] == before["updated_at"]
        api.create(PAYMENTS, "bill_payment", {**PAID, "amount": {"amount": "420.92"}})
        assert bill_state(api) == ("paid", "439.32", "0.00")

    def test_a_switch_lets_them_move_the_change_mark(self, api, books):
        books.faults.set("bill_payment_touches_bill")
        api.create(PAYMENTS, "bill_payment", PAID)
        assert api.get(f"{BILLS}/7002")["updated_at"].startswith("2026-03-05 17:00:0")

    def test_a_deleted_one_moves_the_bill_back(self, api):
        payment = api.create(PAYMENTS, "bill_payment", PAID)
        api.update(f"{PAYMENTS}/{payment['id']}", "bill_payment", {"vis_state": 1})
        assert bill_state(api)[0] == "unpaid"
        assert api.get(f"{BILLS}/7002")["bill_payments"] == []

    @pytest.mark.parametrize("field", list(PAID))
    def test_required_fields(self, api, field):
        data = {key: value for key, value in PAID.items() if key != field}
        answer = api.accounting("POST", PAYMENTS, json={"bill_payment": data})
        assert answer.json()["response"]["errors"][0]["message"] == f"'{field}' is a required field."

    @pytest.mark.parametrize("key", ["billid", "bill_id", "paid_date", "vis_state"])
    def test_every_filter_is_ignored(self, api, key):
        assert api.ids(PAYMENTS, **{f"search__{key}": "1"}) == [9101]

    def test_the_kind_is_compared_exactly(self, api):
        data = {**PAID, "payment_type": "check"}
        assert api.refused("POST", PAYMENTS, "bill_payment", data) == (422, 1004, "payment_type")


class TestBillVendors:
    def test_the_key_is_vendorid(self, api):
        vendor = api.get(f"{VENDORS}/1562")
        assert vendor["vendorid"] == 1562
        assert "id" not in vendor

    def test_balances_are_lists(self, api, clock):
        assert api.get(f"{VENDORS}/1561")["outstanding_balance"] == []
        vendor = api.get(f"{VENDORS}/1562")
        owed = [{"amount": {"amount": "439.32", "code": "USD"}}]
        assert (vendor["outstanding_balance"], vendor["overdue_balance"]) == (owed, [])
        clock.move(days=20)
        assert api.get(f"{VENDORS}/1562")["overdue_balance"] == owed

    def test_no_filter_works(self, api):
        for key in ("vendor_name", "primary_contact_email", "vendorid", "updated_min"):
            assert len(api.rows(VENDORS, **{f"search__{key}": "2099-01-01"})) == 4

    def test_a_missing_language_is_an_invalid_value(self, api):
        data = {"vendor_name": "New", "currency_code": "USD"}
        assert api.refused("POST", VENDORS, "bill_vendor", data) == (422, 1004, "language")
        assert api.create(VENDORS, "bill_vendor", {**data, "language": "en"})["vendorid"] == 1565
        assert api.refused("POST", VENDORS, "bill_vendor", {**data, "vendor_name": ""})[2] == "vendor_name"


class TestCatalogue:
    def test_items_have_a_unit_cost_and_tax_ids(self, api):
        item = api.get("items/items/40001")
        assert (item["unit_cost"], item["tax1"]) == ({"amount": "12.50", "code": "USD"}, 8001)

    def test_taxes_are_percentages(self, api):
        assert [tax["amount"] for tax in api.rows("taxes/taxes")] == ["1.125", "6.25"]

    def test_categories_live_under_expenses(self, api):
        assert api.ids("expenses/categories") == [65775, 65774, 65773, 65772, 65771]

    def test_expenses_can_be_searched(self, api):
        assert api.ids("expenses/expenses", search__vendor="couriers") == [30002]
        assert api.ids("expenses/expenses", search__categoryid=65771) == [30001]
        assert api.ids("expenses/expenses", search__amount_min="50") == [30002]
        assert api.ids("expenses/expenses", search__date_max="2026-02-12") == [30001]

    def test_vendor_names_of_expenses(self, api):
        names = api.page("expenses/vendors")
        assert names["vendors"] == [{"vendor": "Bay Couriers"}, {"vendor": "Corner Stationers"}]
