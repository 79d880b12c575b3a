"""Invoices: lines, totals, status, what can be written."""

from decimal import Decimal
from typing import Any

import pytest

from connections.sandbox.freshbooks.money import invoice_totals

INVOICES = "invoices/invoices"
NEW = {"customerid": 55001, "create_date": "2026-03-01"}


def line(cost="100.00", qty=2, **fields):
    return {"name": "Widget", "qty": qty, "unit_cost": {"amount": cost, "code": "USD"}, **fields}


def create(api, **fields):
    return api.create(INVOICES, "invoice", {**NEW, **fields}, include=["lines"])


def refused(api, **fields):
    return api.refused("POST", INVOICES, "invoice", {**NEW, **fields})


class TestReading:
    def test_lines_come_only_when_included(self, api):
        assert "lines" not in api.get(f"{INVOICES}/90001")
        assert all("lines" not in row for row in api.rows(INVOICES))
        (included,) = api.rows(INVOICES, search__invoiceid=90001, include=["lines", "owner"])
        assert included["lines"][0]["taxAmount1"] == "6.25"
        assert included["owner"]["id"] == 1

    def test_nothing_internal_is_shown(self, api):
        assert not [key for key in api.get(f"{INVOICES}/90001") if key.startswith("_")]

    def test_the_filters_that_work(self, api, books):
        partial = books.bookkeeper.book_invoice(55004, lines=[line()], invoice_number="N-1")
        books.bookkeeper.pay_invoice(partial["id"], "50")
        number = partial["id"]
        assert api.ids(INVOICES, search__customerid=55004) == [number]
        assert api.ids(INVOICES, search__customerids=["55001", "55004"]) == [number, 90001]
        assert api.ids(INVOICES, search__invoiceid=number) == [number]
        assert api.ids(INVOICES, search__invoice_number="N-1") == [number]
        assert api.ids(INVOICES, search__v3_status="partial") == [number]
        assert api.ids(INVOICES, search__outstanding="150") == [number]
        assert api.ids(INVOICES, search__paid="50.00") == [number]


class TestTotals:
    def test_amounts_are_computed(self, api):
        taxed = line(taxName1="GST", taxAmount1="3")
        invoice = create(api, lines=[taxed], due_offset_days=30)
        assert invoice["amount"] == {"amount": "206.00", "code": "USD"}
        assert invoice["outstanding"] == {"amount": "206.00", "code": "USD"}
        assert invoice["due_date"] == "2026-03-31"
        assert invoice["lines"][0]["amount"] == {"amount": "200.00", "code": "USD"}
        assert invoice["lines"][0]["qty"] == "2"

    def test_the_discount_is_a_percentage_before_tax(self, api):
        taxed = line("50.00", taxName1="GST", taxAmount1="10")
        invoice = create(api, lines=[taxed, line("5.00")], discount_value="10")
        assert invoice["discount_total"]["amount"] == "11.00"
        assert invoice["amount"]["amount"] == "108.00"

    def test_a_tax_is_rounded_once_over_all_lines(self):
        taxed = {
            "taxName1": "T",
            "taxAmount1": "10",
            "taxName2": None,
            "taxAmount2": "0",
            "compounded_tax": False,
        }
        lines = [{"amount": {"amount": "0.04"}, **taxed}] * 3
        assert invoice_totals(lines, Decimal(0)).total == Decimal("0.13")
        two = {**taxed, "taxName2": "U", "taxAmount2": "10"}
        assert invoice_totals([{"amount": {"amount": "0.05"}, **two}], Decimal(0)).total == Decimal("0.07")

    def test_a_compounded_tax_is_due_on_the_first_one(self, api):
        both = line("100", 1, taxName1="A", taxAmount1="10", taxName2="B", taxAmount2="5")
        assert create(api, lines=[both])["amount"]["amount"] == "115.00"
        assert create(api, lines=[{**both, "compounded_tax": True}])["amount"]["amount"] == "115.50"

    def test_money_is_never_a_float(self, api):
        lines = [line("0.1", 3), line("0.2", 1)]
        assert create(api, lines=lines)["amount"]["amount"] == "0.50"

    def test_the_currency_of_the_invoice_holds_for_its_lines(self, api):
        invoice = create(api, lines=[line()], currency_code="CAD")
        assert invoice["lines"][0]["unit_cost"]["code"] == invoice["amount"]["code"] == "CAD"


class TestWriting:
    def test_the_address_is_a_copy_of_the_client(self, api, books):
        invoice = create(api, lines=[line()])
        assert (invoice["street"], invoice["organization"]) == ("9 Canyon Rd", "Acme Retail")
        books.bookkeeper.edit_client(55001, organization="Acme Stores", p_street="1 New Rd")
        again = api.get(f"{INVOICES}/{invoice['id']}")
        assert (again["street"], again["organization"]) == ("9 Canyon Rd", "Acme Retail")
        assert again["current_organization"] == "Acme Stores"

    def test_an_update_changes_the_given_fields_only(self, api):
        before = api.get(f"{INVOICES}/90001", include=["lines"])
        after = api.update(f"{INVOICES}/90001", "invoice", {"po_number": "PO-9"}, include=["lines"])
        changed = {key for key in after if after[key] != before[key]}
        assert changed == {"po_number", "updated", "version"}

    def test_lines_replace_all_lines(self, api):
        after = api.update(f"{INVOICES}/90001", "invoice", {"lines": [line("1.00", 1)]}, include=["lines"])
        assert [one["name"] for one in after["lines"]] == ["Widget"]
        assert after["amount"]["amount"] == "1.00"

    def test_moving_it_to_another_client(self, api):
        api.update(f"{INVOICES}/90001", "invoice", {"customerid": 55004})
        assert api.ids(INVOICES, search__customerid=55004) == [90001]
        (client,) = api.rows("users/clients", search__userid=55004, include=["outstanding_balance"])
        assert client["outstanding_balance"] == [{"amount": {"amount": "318.75", "code": "USD"}}]

    def test_numbers_are_given_in_order_and_stay_unique(self, api):
        assert create(api)["invoice_number"] == "0000004"
        assert create(api, invoice_number="0000005")["invoice_number"] == "0000005"
        assert create(api)["invoice_number"] == "0000006"
        assert refused(api, invoice_number="0000005")[1:] == (1029, "invoice_number")
        answer = api.refused("PUT", f"{INVOICES}/90001", "invoice", {"invoice_number": "0000005"})
        assert answer[1:] == (1029, "invoice_number")

    @pytest.mark.parametrize("field", ["customerid", "create_date"])
    def test_required_fields(self, api, field):
        assert refused(api, **{field: None})[1:] == (1001, field)

    @pytest.mark.parametrize(
        "field",
        [
            *("id", "invoiceid", "amount", "paid", "outstanding", "due_date", "date_paid", "discount_total"),
            *("payment_status", "display_status", "v3_status", "current_organization", "description"),
            *("created_at", "updated"),
        ],
    )
    def test_computed_fields_cannot_be_written(self, api, field):
        assert refused(api, **{field: "1"}) == (403, 1038, field)
        assert api.refused("PUT", f"{INVOICES}/90001", "invoice", {field: "1"}) == (403, 1038, field)
        assert len(api.rows(INVOICES)) == 3

    @pytest.mark.parametrize(
        ("fields", "errno"),
        [
            ({"create_date": "01/03/2026"}, 1033),
            ({"create_date": "2026-02-30"}, 1033),
            ({"due_offset_days": "30"}, 1015),
            ({"discount_value": "101"}, 1018),
            ({"po_number": "x" * 256}, 1017),
            ({"lines": [{"qty": "many"}]}, 1015),
            ({"lines": [{"qty": "NaN"}]}, 1015),
            ({"lines": [{"unit_cost": "5"}]}, 1004),
            ({"lines": [{"unit_cost": {"amount": "1e99"}}]}, 1015),
            ({"lines": [{"taxAmount1": "1.2345"}]}, 1018),
            ({"lines": [{"type": 1}]}, 1001),
            ({"lines": "none"}, 1004),
        ],
    )
    def test_wrong_values(self, api, fields, errno):
        status, found, field = refused(api, **fields)
        assert (status, found, field) == (422, errno, next(iter(fields)))

    def test_an_unknown_client(self, api):
        answer = api.accounting("POST", INVOICES, json={"invoice": {**NEW, "customerid": 12345}})
        assert answer.json()["response"]["errors"] == [
            {
                "errno": 1012,
                "message": "Client not found.",
                "field": "userid",
                "object": "client",
                "value": "12345",
            }
        ]

    def test_unknown_fields_are_dropped(self, api):
        assert "nonsense" not in create(api, nonsense=1)


class TestStatus:
    def test_it_is_a_number_and_text_is_refused(self, api):
        assert api.get(f"{INVOICES}/90001")["status"] == 2
        assert api.refused("PUT", f"{INVOICES}/90001", "invoice", {"status": "sent"}) == (422, 1015, "status")

    @pytest.mark.parametrize("status", [4, 5, 6, 7, 8, 99])
    def test_paid_and_the_like_cannot_be_set(self, api, status):
        assert api.refused("PUT", f"{INVOICES}/90001", "invoice", {"status": status})[0] == 422

    def test_a_draft_is_sent_by_action_or_by_status(self, api):
        first, second = (create(api, lines=[line()], due_offset_days=30) for _ in range(2))
        assert (first["status"], first["v3_status"]) == (1, "draft")
        sent = api.update(f"{INVOICES}/{first['id']}", "invoice", {"action_mark_as_sent": True})
        assert (sent["status"], sent["v3_status"], sent["display_status"]) == (2, "sent", "sent")
        assert api.update(f"{INVOICES}/{second['id']}", "invoice", {"status": 2})["v3_status"] == "sent"

    def test_it_becomes_overdue_by_itself(self, api, books, clock):
        invoice = books.bookkeeper.book_invoice(lines=[line()], due_offset_days=10)
        assert api.get(f"{INVOICES}/{invoice['id']}")["v3_status"] == "sent"
        clock.move(days=11)
        late = api.get(f"{INVOICES}/{invoice['id']}")
        assert (late["v3_status"], late["status"], late["updated"]) == ("overdue", 2, invoice["updated"])

    def test_mailing_needs_recipients(self, api):
        data: dict[str, Any] = {"action_email": True}
        assert api.refused("PUT", f"{INVOICES}/90001", "invoice", data)[1:] == (1001, "email_recipients")
        data["email_recipients"] = ["a@b.test"]
        assert api.update(f"{INVOICES}/90001", "invoice", data)["status"] == 2

    def test_a_share_link_exists_once_it_was_sent(self, api):
        draft = create(api)
        assert api.refused("GET", f"{INVOICES}/{draft['id']}/share_link?share_method=share_link")[0] == 422
        assert "share_link" in api.get(f"{INVOICES}/90001/share_link", share_method="share_link")

    @pytest.mark.parametrize("method", ["PUT", "DELETE"])
    def test_it_is_deleted_either_way(self, api, method):
        answer = api.accounting(method, f"{INVOICES}/90001", json={"invoice": {"vis_state": 1}})
        assert answer.status_code == 200
        assert api.get(f"{INVOICES}/90001")["vis_state"] == 1
