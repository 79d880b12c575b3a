"""Bills, vendors and bill payments as Stampli's files: in order, once, and as the customer's template says."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Delivery
from audit.precedence import waited_for
from audit.services import release
from audit.states import Transfer
from connections.models import OnUpdate
from mappings.models import FileLayout, GLMapping
from tests.factories import UserFactory
from tests.stampli.world import NORTHWIND, World

LINE = {
    "categoryid": 65771,
    "description": "Copy paper A4",
    "quantity": "20",
    "unit_cost": {"amount": "5.00"},
}
TAXED = LINE | {"tax_name1": "Sales Tax", "tax_percent1": "8.5"}


def add_bill(world: World, **more: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"notify": False, "issue_date": "2026-11-02", **more}
    return world.books.bookkeeper.add_bill(given.pop("vendor", NORTHWIND), **given)


def reasons(world: World, kind: str) -> list[str]:
    return [one.reason for one in world.deliveries(kind)]


class TestBills:
    def test_a_bill_becomes_a_file_as_the_template_says(self, world: World) -> None:
        world.flow()
        bill = add_bill(world, bill_number="MP-9931", lines=[TAXED])
        world.run()

        (row,) = world.rows("Line Number")
        assert row["Source Updated At"].endswith("Z")
        assert {name: row[name] for name in list(row)[:20]} == {
            "Company ID": "QUILL",
            "Record Type": "Invoice",
            "External Invoice ID": str(bill["id"]),
            "Vendor ID": str(NORTHWIND),
            "Vendor Name": "Northwind Paper",
            "Invoice Number": "MP-9931",
            "Invoice Date": "2026-11-02",
            "Due Date": "2026-12-02",
            "Currency": "USD",
            "PO Number": "",
            "Invoice Total": "108.50",
            "Tax Total": "8.50",
            "Line Number": "1",
            "Line Description": "Copy paper A4",
            "Quantity": "20",
            "Unit Price": "5",
            "Line Amount": "100.00",
            "Line Tax": "8.50",
            "GL Account": "",
            "Memo": "",
        }
        assert world.deliveries("bill")[0].is_delivered

    def test_stampli_takes_it_and_confirms(self, world: World) -> None:
        world.flow()
        add_bill(world)
        world.run()
        world.stampli_works()
        world.run()

        assert world.complaints() == []
        assert world.deliveries("bill")[0].acknowledgement == "accepted"

    def test_its_accounts_are_those_that_the_categories_are_mapped_to(self, world: World) -> None:
        world.flow()
        GLMapping.objects.create(
            tenant=world.tenant,
            connection=world.freshbooks,
            source_kind="account",
            source_key="65771",
            segment="6010",
        )
        add_bill(world)
        world.run()

        assert [row["GL Account"] for row in world.rows("Line Number")] == ["6010"]

    def test_a_bill_without_a_number_is_called_by_its_id(self, world: World) -> None:
        world.flow()
        bill = add_bill(world, bill_number=None)
        world.run()

        assert [row["Invoice Number"] for row in world.rows("Line Number")] == [f"FB-{bill['id']}"]

    def test_or_waits_until_it_has_one(self, world: World) -> None:
        world.stampli.settings["no_number"] = "refuse"
        world.stampli.save()
        world.flow()
        bill = add_bill(world, bill_number=None)
        world.run()
        assert reasons(world, "bill") == ["the bill has no number."]

        world.books.bookkeeper.edit_bill(bill["id"], bill_number="MP-1", notify=False)
        world.run()

        assert [row["Invoice Number"] for row in world.rows("Line Number")] == ["MP-1"]

    def test_the_customer_s_own_template_is_used(self, world: World) -> None:
        world.flow()
        layout = world.route("bill").layout
        assert isinstance(layout, FileLayout)
        data = layout.version.data
        data["columns"] = [
            {**column, "name": "Doc Ref"} if column["name"] == "External Invoice ID" else column
            for column in data["columns"]
        ]
        layout.save_version({**data, "group": ["Doc Ref"], "delimiter": ";"})
        add_bill(world)
        world.run()

        (content,) = [one for one in world.deliveries("bill") if one.interchange]
        assert content.interchange is not None
        assert b"Record Type;Doc Ref;Vendor ID" in bytes(content.interchange.content)
        assert content.layout_version is not None
        assert content.layout_version.number == 2

    def test_a_deleted_bill_is_never_sent(self, world: World) -> None:
        world.flow()
        bill = add_bill(world)
        world.books.bookkeeper.delete_bill(bill["id"], notify=False)
        world.run()

        assert world.rows("Line Number") == []


class TestOrder:
    def test_an_old_vendor_goes_before_its_first_bill(self, world: World) -> None:
        world.flow()
        add_bill(world)
        add_bill(world)
        world.run()

        assert [list(rows[0])[1] for rows in world.files().values()] == [
            "Vendor ID",
            "Record Type",
            "Record Type",
        ]
        assert [row["Vendor ID"] for row in world.rows("Email")] == [str(NORTHWIND)]

    def test_a_bill_waits_as_long_as_its_vendor_cannot_be_sent(self, world: World) -> None:
        world.flow()
        world.stand_in.sandbox.faults.set(
            "permission_refused", request="open", path="/inbound/.vendor*", times=1
        )
        add_bill(world)
        world.run()
        assert world.files() == {}
        (bill,) = world.deliveries("bill")
        assert (bill.transfer, waited_for(bill)) == (Transfer.READY, world.deliveries("vendor")[0])

        type(world.stampli).unscoped.filter(pk=world.stampli.pk).update(state="active")
        world.later()
        world.stampli_works()

        assert len(world.worker.invoices) == 1
        assert waited_for(world.deliveries("bill")[0]) is None
        assert world.complaints() == []

    def test_a_payment_goes_after_its_bill(self, world: World) -> None:
        world.flow()
        bill = add_bill(world)
        payment = world.books.bookkeeper.pay_bill(bill["id"], "100.00", note="chk 1042")
        world.run()
        world.stampli_works()

        (row,) = world.rows("Payment ID")
        assert world.complaints() == []
        assert (row["Payment ID"], row["External Invoice ID"]) == (str(payment["id"]), str(bill["id"]))
        assert (row["Invoice Number"], row["Vendor ID"]) == (bill["bill_number"], str(NORTHWIND))
        assert (row["Amount"], row["Currency"], row["Status"]) == ("100.00", "USD", "Partially Paid")
        assert (row["Payment Method"], row["Reference"]) == ("check", "chk 1042")
        assert world.deliveries("bill_payment")[0].pays_id == str(bill["id"])

    def test_a_payment_is_found_though_nothing_tells_of_it(self, world: World) -> None:
        world.flow()
        bill = add_bill(world)
        world.run()
        world.books.bookkeeper.pay_bill(bill["id"])
        world.run()

        assert [row["Status"] for row in world.rows("Payment ID")] == ["Paid"]


class TestCollected:
    def test_all_that_came_up_in_some_minutes_goes_in_one_file_of_each_kind(self, world: World) -> None:
        world.flow(every_minutes=15)
        bills = [add_bill(world, lines=[TAXED, LINE]) for _ in range(3)]
        for bill in bills:
            world.books.bookkeeper.pay_bill(bill["id"])
        world.run()
        assert world.files() == {}

        world.later()

        assert [len(rows) for rows in world.files().values()] == [1, 6, 3]
        bill_ids = [row["External Invoice ID"] for row in world.rows("Line Number")]
        assert bill_ids[::2] == bill_ids[1::2], "the rows of a bill stand together"
        assert sorted(bill_ids[::2]) == [str(bill["id"]) for bill in bills]
        world.stampli_works()
        assert world.complaints() == []
        world.later()
        assert len(world.files()) == 3

    def test_a_bill_that_cannot_be_sent_stops_none_of_the_others(self, world: World) -> None:
        world.stampli.settings["no_number"] = "refuse"
        world.stampli.save()
        world.flow(every_minutes=15)
        add_bill(world, bill_number=None)
        good = add_bill(world)
        world.run()
        world.later()

        assert [row["External Invoice ID"] for row in world.rows("Line Number")] == [str(good["id"])]
        assert sum(one.is_held for one in world.deliveries("bill")) == 1


class TestNotTwice:
    def test_names_are_never_the_same(self, world: World) -> None:
        world.flow()
        for _ in range(3):
            add_bill(world)
        world.run()

        names = list(world.files())
        assert len(set(names)) == 4
        form = r"(vendor|invoice)_QUILL_\d{8}T\d+_\d+\.csv"
        assert all(re.fullmatch(form, name) for name in names), names

    def test_a_changed_bill_waits_for_a_person(self, world: World) -> None:
        world.flow()
        bill = add_bill(world)
        world.run()
        world.books.bookkeeper.edit_bill(bill["id"], lines=[TAXED], notify=False)
        world.run()

        assert len(world.rows("Line Number")) == 1
        changed = world.deliveries("bill")[1]
        assert (changed.is_held, changed.reason_code) == (True, "changed_after_delivery")

        release(changed, actor=UserFactory.create())
        world.later()
        assert [row["Invoice Total"] for row in world.rows("Line Number")] == ["250.00", "108.50"]

    def test_or_is_sent_as_an_update_if_the_template_knows_updates(self, world: World) -> None:
        world.worker.knows_updates = True
        world.flow(on_update=OnUpdate.REPLACE)
        bill = add_bill(world)
        world.run()
        world.books.bookkeeper.edit_bill(bill["id"], lines=[TAXED], notify=False)
        world.run()
        world.stampli_works()

        assert world.worker.invoices[str(bill["id"])]["Invoice Total"] == "108.50"
        assert world.complaints() == []

    def test_a_changed_vendor_is_sent_again(self, world: World) -> None:
        world.flow()
        add_bill(world)
        world.run()
        world.books.bookkeeper.edit_vendor(NORTHWIND, phone="5551234567", notify=False)
        world.run()

        assert [row["Phone"] for row in world.rows("Email")][-1] == "5551234567"
        assert len(world.rows("Line Number")) == 1

    def test_a_payment_of_it_is_no_change_of_a_bill(self, world: World) -> None:
        world.flow()
        bill = add_bill(world)
        world.run()
        world.books.bookkeeper.pay_bill(bill["id"])
        world.run()

        assert len(world.deliveries("bill")) == 1

    @pytest.mark.parametrize("fault", ["cut_in_upload", "cut_after_upload", "cut_after_rename", "disk_full"])
    def test_a_cut_connection_or_a_full_disk_leaves_one_file(self, world: World, fault: str) -> None:
        world.flow()
        add_bill(world)
        world.stand_in.sandbox.faults.set(fault, times=1, path="/inbound/*invoice*")
        world.run()
        for _ in range(3):
            backdate_doubt()
            world.later()

        assert len(world.rows("Line Number")) == 1
        assert [one.transfer for one in world.deliveries("bill")] == [Transfer.DELIVERED]

    def test_nothing_is_ever_written_to_freshbooks(self, world: World) -> None:
        world.flow()
        bill = add_bill(world)
        world.run()
        world.stampli_works()
        world.worker.pay(str(bill["id"]), "250.00", "2026-11-20")
        world.stampli_works()
        world.run()

        methods = {call["method"] for call in world.books.calls if "/accounting/" in call["path"]}
        assert methods == {"GET"}


def backdate_doubt() -> None:
    """As if the attempts so far had ended a while ago: what was lost has had time to appear."""
    for delivery in Delivery.unscoped.all():
        ago = timezone.now() - timedelta(minutes=10)
        delivery.attempts.update(started_at=ago, finished_at=ago)
