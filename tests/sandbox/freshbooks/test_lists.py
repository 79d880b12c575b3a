"""What all accounting lists and updates have in common."""

import pytest

INVOICES = "invoices/invoices"


class TestPaging:
    def test_the_default_is_15_and_100_is_the_cap(self, api, books):
        for _ in range(120):
            books.bookkeeper.book_invoice(notify=False)
        assert len(api.page(INVOICES)["invoices"]) == 15
        capped = api.page(INVOICES, per_page=500)
        assert (capped["per_page"], len(capped["invoices"])) == (100, 100)
        assert (capped["page"], capped["pages"], capped["total"]) == (1, 2, 123)
        assert len(api.page(INVOICES, per_page=100, page=2)["invoices"]) == 23

    def test_pages_hold_every_row_once(self, api, books):
        for _ in range(20):
            books.bookkeeper.book_invoice(notify=False)
        seen = [
            row["id"]
            for page in (1, 2, 3, 4)
            for row in api.page(INVOICES, per_page=7, page=page)["invoices"]
        ]
        assert sorted(seen) == list(range(90001, 90024))

    def test_page_0_is_page_1_and_past_the_end_is_empty(self, api):
        assert api.page(INVOICES, page=0)["page"] == 1
        beyond = api.page(INVOICES, page=99)
        assert (beyond["invoices"], beyond["page"], beyond["pages"]) == ([], 99, 1)

    def test_an_empty_result_has_no_pages(self, api):
        empty = api.page(INVOICES, search__invoice_number="none")
        assert (empty["invoices"], empty["pages"], empty["total"]) == ([], 0, 0)

    @pytest.mark.parametrize(("key", "errno"), [("page", 1014), ("per_page", 1013)])
    def test_what_is_not_a_number_is_an_error(self, api, key, errno):
        assert api.refused("GET", f"{INVOICES}?{key}=two")[1:] == (errno, key)

    def test_total_can_count_rows_that_are_not_shown(self, api, books):
        books.faults.set("hidden_rows", resource="invoices", extra=16)
        assert (len(api.rows(INVOICES)), api.page(INVOICES)["total"]) == (3, 19)
        books.faults.set("hidden_rows", resource="invoices", extra=16, all=True)
        assert (api.rows(INVOICES), api.page(INVOICES)["total"]) == ([], 19)
        assert api.page("users/clients")["total"] == 6


class TestSearch:
    @pytest.mark.parametrize(
        "key", ["status", "statusid", "payment_status", "create_date_min", "customer", "x"]
    )
    def test_a_key_that_does_not_work_returns_everything(self, api, key):
        assert len(api.rows(INVOICES, **{f"search__{key}": "2099-01-01"})) == 3

    def test_the_lower_end_is_in_the_range_and_the_upper_one_is_not(self, api):
        assert api.ids(INVOICES, search__date_min="2026-02-09") == [90003, 90002]
        assert api.ids(INVOICES, search__date_max="2026-02-09") == [90001]
        assert api.ids(INVOICES, search__date_min="2026-02-09", search__date_max="2026-02-16") == [90002]

    def test_updated_is_looked_at_by_the_day_only_in_eastern_time(self, api, books, clock):
        clock.move(hours=13)  # 6 March in UTC already from 19:00, in Boston at 01:00
        books.bookkeeper.edit_invoice(90001)
        assert api.get(f"{INVOICES}/90001")["updated"].startswith("2026-03-06 01:00:0")
        clock.move(hours=-3)  # 22:00 on 5 March in Boston
        books.bookkeeper.edit_invoice(90003)
        assert api.ids(INVOICES, search__updated_min="2026-03-06") == [90001]
        assert api.ids(INVOICES, search__updated_min="2026-03-05") == [90003, 90001]
        assert api.ids(INVOICES, search__updated_min="2026-03-05 23:59:59") == [90003, 90001]
        assert api.ids(INVOICES, search__updated_min="2026-03-03", search__updated_max="2026-03-06") == [
            90003
        ]

    def test_a_date_that_is_none_is_an_error(self, api):
        assert api.refused("GET", f"{INVOICES}?search[updated_min]=yesterday")[1:] == (1016, "updated_min")

    def test_several_values(self, api):
        assert api.ids(INVOICES, search__invoiceids=["90001", "90003"]) == [90003, 90001]

    def test_values_are_decoded(self, api, books):
        client = books.bookkeeper.add_client("A & B #1 + Söhne", notify=False)
        assert api.ids("users/clients", search__organization_like="a & b #1 + söhne") == [client["id"]]

    def test_sorting_by_a_known_key_only(self, api):
        assert api.ids(INVOICES, sort="invoice_date_asc") == [90001, 90002, 90003]
        assert api.ids(INVOICES, sort="invoice_date_desc") == [90003, 90002, 90001]
        assert api.ids(INVOICES, sort="amount_asc") == api.ids(INVOICES)


class TestVisibility:
    def test_lists_hide_deleted_rows_unless_asked_for(self, api):
        api.update(f"{INVOICES}/90001", "invoice", {"vis_state": 1})
        api.update(f"{INVOICES}/90002", "invoice", {"vis_state": 2})
        assert api.ids(INVOICES) == [90003, 90002]
        assert api.ids(INVOICES, search__vis_state=1) == [90001]
        assert api.ids(INVOICES, search__vis_state=2) == [90002]
        assert api.get(f"{INVOICES}/90001")["vis_state"] == 1

    def test_vis_state_in_an_update_drops_every_other_field_in_silence(self, api):
        answer = api.update(f"{INVOICES}/90001", "invoice", {"vis_state": 0, "po_number": "PO-NEW"})
        assert answer["po_number"] == "PO-55001-1"

    def test_ext_vis_state_comes_before_vis_state(self, api):
        answer = api.update(f"{INVOICES}/90001", "invoice", {"vis_state": 1, "ext_vis_state": 0})
        assert answer["vis_state"] == 0

    def test_an_action_drops_the_data(self, api, books):
        draft = books.bookkeeper.book_invoice(status=1)
        data = {"action_mark_as_sent": True, "po_number": "PO-NEW"}
        answer = api.update(f"{INVOICES}/{draft['id']}", "invoice", data)
        assert (answer["status"], answer["po_number"]) == (2, draft["po_number"])

    def test_a_deleted_row_cannot_be_changed_but_brought_back(self, api):
        api.update(f"{INVOICES}/90001", "invoice", {"vis_state": 1})
        assert api.refused("PUT", f"{INVOICES}/90001", "invoice", {"notes": "x"})[1] == 1011
        assert api.update(f"{INVOICES}/90001", "invoice", {"vis_state": 0})["vis_state"] == 0

    @pytest.mark.parametrize("value", [3, "1", None])
    def test_a_vis_state_that_does_not_exist(self, api, value):
        assert api.refused("PUT", f"{INVOICES}/90001", "invoice", {"vis_state": value})[1:] == (
            1004,
            "vis_state",
        )


class TestStamps:
    def test_invoices_are_eastern_also_in_summer(self, api, books, clock):
        winter = books.bookkeeper.book_invoice()
        assert winter["created_at"].startswith("2026-03-05 12:00:0")
        assert winter["version"].startswith("2026-03-05 12:00:0")
        clock.move(days=30)
        assert books.bookkeeper.book_invoice()["created_at"].startswith("2026-04-04 13:00:0")

    def test_bills_vendors_and_signup_dates_are_utc(self, books):
        assert books.bookkeeper.add_bill()["created_at"].startswith("2026-03-05 17:00:0")
        assert books.bookkeeper.add_vendor("New")["updated_at"].startswith("2026-03-05 17:00:0")
        client = books.bookkeeper.add_client("New")
        assert client["signup_date"].startswith("2026-03-05 17:00:0")
        assert client["updated"].startswith("2026-03-05 12:00:0")


class TestErrors:
    def test_the_classic_shape(self, api):
        answer = api.accounting("GET", f"{INVOICES}/12345")
        assert answer.status_code == 404
        assert answer.json() == {
            "response": {
                "errors": [
                    {
                        "errno": 1012,
                        "message": "Invoice not found.",
                        "field": "id",
                        "object": "invoice",
                        "value": "12345",
                    }
                ]
            }
        }

    def test_switches_for_other_shapes(self, api, books):
        books.faults.set("errors_as_object", times=1)
        assert api.accounting("GET", f"{INVOICES}/1").json()["response"]["errors"]["errno"] == 1012
        books.faults.set("errors_google_style", times=1)
        google = api.accounting("GET", f"{INVOICES}/1")
        assert google.status_code == 404
        assert google.json()["details"][0]["reason"] == "1012"
        books.faults.set("errors_at_200", times=1)
        fine = api.accounting("GET", f"{INVOICES}/1")
        assert fine.status_code == 200
        assert fine.json()["response"]["errors"][0]["errno"] == 1012

    @pytest.mark.parametrize("status", [200, 403])
    @pytest.mark.parametrize(
        ("resource", "path", "errno"),
        [
            ("items", "items/items", 12001),
            ("bills", "bills/bills", 41001),
            ("bill_vendors", "bill_vendors/bill_vendors", 31001),
            ("bill_payments", "bill_payments/bill_payments", 41101),
            ("expenses", "expenses/expenses", 1003),
        ],
    )
    def test_features_that_the_plan_lacks_are_errors_even_at_200(
        self, api, books, resource, path, errno, status
    ):
        books.faults.set("feature_gate", resource=resource, status=status)
        answer = api.accounting("GET", path)
        assert answer.status_code == status
        assert answer.json()["response"]["errors"][0]["errno"] == errno
        assert api.accounting("GET", INVOICES).json()["response"]["result"]["total"] == 3

    def test_a_conflicting_write(self, api, books):
        books.faults.set("conflict", times=1, resource="bills")
        assert api.refused("PUT", "bills/bills/7002", "bill", {"bill_number": "X"})[0] == 409
        assert api.update("bills/bills/7002", "bill", {"bill_number": "X"})["bill_number"] == "X"

    @pytest.mark.parametrize("body", ["{", "[]", '{"invoice": []}', '{"other": {}}', ""])
    def test_a_body_that_is_none(self, api, body):
        answer = api.accounting("POST", INVOICES, data=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.json()["response"]["errors"]

    def test_an_unknown_path_or_method(self, api):
        assert api.refused("GET", "invoices/nothing")[:2] == (404, 1012)
        assert api.refused("POST", "items/items", "item", {"name": "x"})[0] == 405
