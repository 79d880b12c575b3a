"""Journal entries, ledger accounts and the chart of accounts."""

from typing import Any

import pytest

from connections.sandbox.freshbooks.identity import BUSINESS_UUID

ENTRIES = "journal_entries/journal_entries"
DETAILS = "journal_entries/journal_entry_details"
ACCOUNTS = "journal_entry_accounts/journal_entry_accounts"
BUSINESS = f"/accounting/businesses/{BUSINESS_UUID}"
LEDGER = f"{BUSINESS}/ledger_accounts/accounts"
ENTRY: dict[str, Any] = {
    "name": "JE-1",
    "description": "Partner file",
    "user_entered_date": "2026-02-28",
    "currency_code": "USD",
    "details": [{"sub_accountid": 635980, "debit": "200.00"}, {"sub_accountid": 635971, "credit": "200.00"}],
}


def accounts(api):
    return api.call("GET", LEDGER).json()["data"]


class TestJournalEntries:
    def test_an_entry_is_created_with_its_description_on_every_line(self, api):
        lines = [{**line, "description": "own memo"} for line in ENTRY["details"]]
        entry = api.create(ENTRIES, "journal_entry", {**ENTRY, "details": lines})
        assert entry["id"] == entry["entryid"] == 941370
        first, second = entry["details"]
        assert (first["debit"], first["credit"], first["sub_accountid"]) == ("200.00", None, 635980)
        assert (second["debit"], second["credit"]) == (None, "200.00")
        assert {line["description"] for line in entry["details"]} == {"Partner file"}

    def test_details_are_read_back_newest_first(self, api):
        api.create(ENTRIES, "journal_entry", ENTRY)
        api.create(ENTRIES, "journal_entry", {**ENTRY, "name": "JE-2"})
        rows = api.rows(DETAILS, search__name="JE-1")
        assert [row["name"] for row in rows] == ["JE-2", "JE-2", "JE-1", "JE-1"]
        assert rows[0]["credit"] == {"amount": "200.00", "code": "USD"}
        assert rows[0]["entry"]["entryid"] == 941371
        assert rows[1]["sub_account"]["account_sub_name"] == "Office Supplies"
        assert rows[1]["account"]["account_number"] == "6000"

    def test_without_a_currency_the_answer_is_500(self, api):
        data = {key: value for key, value in ENTRY.items() if key != "currency_code"}
        answer = api.accounting("POST", ENTRIES, json={"journal_entry": data})
        assert answer.status_code == 500
        assert "error accessing your account data" in answer.text

    @pytest.mark.parametrize(
        "details",
        [
            [],
            ENTRY["details"][:1],
            [{"sub_accountid": 635980, "debit": "200.01"}, {"sub_accountid": 635971, "credit": "200.00"}],
            [{"sub_accountid": 635980, "debit": "-1"}, {"sub_accountid": 635971, "credit": "-1"}],
            [{"sub_accountid": 635980, "debit": "1", "credit": "1"}, ENTRY["details"][1]],
            [{"sub_accountid": 4001, "debit": "1"}, {"sub_accountid": 635971, "credit": "1"}],
            [{"debit": "1"}, {"sub_accountid": 635971, "credit": "1"}],
        ],
    )
    def test_lines_must_balance_and_name_sub_accounts(self, api, details):
        assert api.refused("POST", ENTRIES, "journal_entry", {**ENTRY, "details": details})[0] == 422
        assert api.rows(DETAILS) == []

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_entries_are_only_ever_created(self, api, method):
        api.create(ENTRIES, "journal_entry", ENTRY)
        assert api.accounting(method, f"{ENTRIES}/941370", json={}).status_code in {404, 405}


class TestJournalAccounts:
    def test_they_list_sub_accounts_with_balances(self, api):
        api.create(ENTRIES, "journal_entry", ENTRY)
        found = api.page(ACCOUNTS, search__account_number="1000", per_page=3)["journal_entry_accounts"]
        assert len(found) == 8
        cash = found[0]
        assert (cash["account_number"], cash["balance"]) == ("1000", "-200")
        sub_accounts = [(sub["sub_accountid"], sub["balance"]) for sub in cash["sub_accounts"]]
        assert sub_accounts == [(635971, "-200"), (635972, "0")]


class TestLedgerAccounts:
    def test_they_are_flat_unpaged_and_tie_the_numberings_together(self, api):
        by_number = {account["number"]: account for account in accounts(api)}
        supplies, parent = by_number["6000-1"], by_number["6000"]
        assert (supplies["jesa_id"], supplies["category_id"]) == (635980, 65771)
        assert supplies["parent_account"] == parent["uuid"]
        assert supplies["uuid"] in parent["sub_accounts"]
        assert supplies["updated_at"].endswith("Z")
        assert api.call("GET", f"{LEDGER}/{supplies['uuid']}").json() == {"data": supplies}

    def test_an_account_can_be_added_and_posted_to(self, api):
        parent = next(account for account in accounts(api) if account["number"] == "6000")
        body = {"name": "Travel", "number": "6000-9", "sub_type": "Operating Expense"}
        made = api.call("POST", LEDGER, json={**body, "parent_account": parent["uuid"]}).json()["data"]
        assert (made["type"], made["jesa_id"]) == ("expense", 635984)
        details = [{"sub_accountid": 635984, "debit": "1"}, {"sub_accountid": 635971, "credit": "1"}]
        api.create(ENTRIES, "journal_entry", {**ENTRY, "details": details})

    @pytest.mark.parametrize("field", ["name", "number", "sub_type"])
    def test_a_missing_field_in_the_shape_of_this_family(self, api, field):
        body = {"name": "Travel", "number": "6000-9", "sub_type": "Operating Expense"}
        answer = api.call("POST", LEDGER, json={**body, field: ""})
        assert answer.status_code == 400
        assert answer.json() == {
            "errors": {
                "message": "Request failed with status code 400",
                "status": 400,
                "details": [
                    {
                        "reason": f"{field}: This field is required.",
                        "metadata": {"field": field, "message": "This field is required."},
                    }
                ],
            }
        }

    def test_an_update_sends_the_full_record(self, api):
        account = accounts(api)[1]
        changed = api.call("PUT", f"{LEDGER}/{account['uuid']}", json={**account, "name": "Main bank"})
        assert changed.json()["data"]["name"] == "Main bank"
        assert api.call("PUT", f"{LEDGER}/{account['uuid']}", json={"name": "x"}).status_code == 400

    def test_an_unknown_account(self, api):
        answer = api.call("GET", f"{LEDGER}/nothing")
        assert answer.status_code == 404
        assert answer.json()["errors"]["details"][0]["reason"] == "Not found."

    def test_types_and_sub_types(self, api):
        types = api.call("GET", "/accounting/ledger_accounts/types").json()["data"]
        assert [one["name"] for one in types] == ["asset", "equity", "expense", "income", "liability"]
        sub_types = api.call("GET", "/accounting/ledger_accounts/sub_types").json()["data"]
        path = f"/accounting/ledger_accounts/sub_types/{sub_types[0]['id']}"
        assert api.call("GET", path).json()["data"] == sub_types[0]
        assert api.call("GET", "/accounting/ledger_accounts/sub_types/99").status_code == 404


class TestReport:
    def report(self, api, **params):
        answer = api.call("GET", f"{BUSINESS}/reports/chart_of_accounts", params=params)
        assert answer.status_code == 200, answer.text
        return answer.json()["response"]["result"]["journal_entry_accounts"]

    def test_without_dates_it_covers_today_only(self, api):
        api.create(ENTRIES, "journal_entry", ENTRY)
        assert self.report(api)[0]["balance"]["amount"] == "0.00"
        ignored = {"search[start_date]": "2026-01-01"}
        assert self.report(api, **ignored)[0]["balance"]["amount"] == "0.00"
        covered = self.report(api, start_date="2026-02-01", end_date="2026-02-28")
        assert covered[0]["balance"] == {"amount": "-200.00", "code": "USD"}
        assert covered[0]["sub_accounts"][0]["account_number"] == "1000-1"

    def test_it_is_sorted_by_number(self, api):
        numbers = [account["account_number"] for account in self.report(api, sort="account_number_asc")]
        assert numbers == sorted(numbers)

    def test_a_wrong_date(self, api):
        path = f"{BUSINESS}/reports/chart_of_accounts?start_date=soon"
        assert api.call("GET", path).status_code == 400
