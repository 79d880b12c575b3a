"""A quarter at Byron Supply: bills with edits and deletions, vendors, payments, and what Stampli makes of them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from audit.reconciliation import Verdict
from connections.models import Hint
from connections.reconciliation import Reconciled, reconcile_period
from tests.stampli.world import World

FIRST, LAST = date(2026, 7, 1), date(2026, 9, 30)
MONTHS = (FIRST, date(2026, 8, 1), date(2026, 9, 1))
CENT = Decimal("0.01")
# Of which bills Stampli exports the payments over another amount, or not at all.
OTHER_AMOUNT, LEFT_OUT = "*3[05]", "*4[05]"


@dataclass
class Quarter:
    """Plays it, month by month, and keeps what it did."""

    world: World
    bills: int
    vendors: int
    payments: int
    chance: random.Random = field(default_factory=lambda: random.Random(2026))
    active: dict[int, dict[str, Any]] = field(default_factory=dict)
    vendor_ids: list[int] = field(default_factory=list)
    deleted_before: set[int] = field(default_factory=set)
    deleted_after: set[int] = field(default_factory=set)
    edited_before: set[int] = field(default_factory=set)
    edited_after: set[int] = field(default_factory=set)
    paid: dict[int, dict[str, Any]] = field(default_factory=dict)
    extra: list[int] = field(default_factory=list)

    def play(self) -> None:
        self.world.flow(since=datetime(2026, 7, 1, tzinfo=UTC))
        books, faults = self.world.books.bookkeeper, self.world.stand_in.sandbox.faults
        faults.set("payment_differs", external_id=OTHER_AMOUNT)
        faults.set("payment_left_out", external_id=LEFT_OUT)
        for number in range(self.vendors):
            self.vendor_ids.append(books.add_vendor(f"Vendor {number:03}", notify=False)["vendorid"])
        for month in MONTHS:
            self._enter_bills(month)
            self._settle()
            self._change_what_was_sent()
            self._pay(month)
            self._settle()
            self._stampli_pays(month)
            self._settle()

    def reconciled(self) -> Reconciled:
        return reconcile_period(self.world.stampli, FIRST, LAST)

    def _enter_bills(self, month: date) -> None:
        books, chance = self.world.books.bookkeeper, self.chance
        for number in range(self.bills // len(MONTHS)):
            vendor = self.vendor_ids[number % len(self.vendor_ids)]
            bill = books.add_bill(
                vendor,
                notify=False,
                lines=list(self._lines()),
                issue_date=str(month + timedelta(number % 28)),
            )
            self.active[bill["id"]] = bill
            fate = chance.random()
            if fate < 0.05:
                self.edited_before.add(bill["id"])
                self.active[bill["id"]] = books.edit_bill(bill["id"], lines=list(self._lines()), notify=False)
            elif fate < 0.08:
                self.deleted_before.add(bill["id"])
                del self.active[bill["id"]]
                books.delete_bill(bill["id"], notify=False)
            if number % 2:
                self._hint(bill["id"])

    def _hint(self, bill_id: int) -> None:
        """As a webhook leaves it, twice told."""
        Hint.objects.get_or_create(
            connection=self.world.freshbooks,
            noun="bill",
            object_id=str(bill_id),
            defaults={"verb": "create", "count": 2, "due_at": timezone.now()},
        )

    def _lines(self) -> Iterator[dict[str, Any]]:
        for _ in range(self.chance.randint(1, 3)):
            line: dict[str, Any] = {
                "categoryid": self.chance.choice([65771, 65772, 65773]),
                "description": self.chance.choice(["Paper, A4", 'Gaskets 1/2"', "Façade paint", "Freight"]),
                "quantity": str(self.chance.randint(1, 40)),
                "unit_cost": {"amount": f"{self.chance.randint(100, 99999) / 100:.2f}"},
            }
            if self.chance.random() < 0.5:
                line |= {"tax_name1": "Sales Tax", "tax_percent1": "8.25"}
            yield line

    def _change_what_was_sent(self) -> None:
        books = self.world.books.bookkeeper
        untouched = [one for one in self.active if one not in self.edited_before | self.edited_after]
        for bill_id in self.chance.sample(untouched, max(1, len(untouched) // 40)):
            self.edited_after.add(bill_id)
            self.active[bill_id] = books.edit_bill(bill_id, lines=list(self._lines()), notify=False)
        unpaid = [one for one in self.active if one not in self.edited_after and not self._is_paid(one)]
        for bill_id in self.chance.sample(unpaid, max(1, len(unpaid) // 80)):
            self.deleted_after.add(bill_id)
            del self.active[bill_id]
            books.delete_bill(bill_id, notify=False)

    def _is_paid(self, bill_id: int) -> bool:
        return any(payment["billid"] == bill_id for payment in self.paid.values())

    def _pay(self, month: date) -> None:
        """Pay bills in part or in full, in the month after their own and so within the quarter."""
        books, wanted = self.world.books.bookkeeper, self.payments // len(MONTHS)
        open_bills = [one for one in self.active if not self._is_paid(one)]
        self.chance.shuffle(open_bills)
        while wanted and open_bills:
            bill_id = open_bills.pop()
            total = Decimal(self.active[bill_id]["total_amount"]["amount"])
            parts = [total]
            if wanted > 1 and total > 2 and self.chance.random() < 0.2:
                first = (total / 3).quantize(CENT)
                parts = [first, total - first]
            for part in parts:
                on = month + timedelta(self.chance.randint(0, 27))
                payment = books.pay_bill(bill_id, str(part), paid_date=str(on), payment_type="ACH")
                self.paid[payment["id"]] = payment
                wanted -= 1

    def _stampli_pays(self, month: date) -> None:
        """Some that FreshBooks knows nothing of."""
        unpaid = [one for one in self.active if not self._is_paid(one) and one not in self.edited_after]
        for bill_id in unpaid[: max(1, self.bills // 300)]:
            self.world.worker.pay(str(bill_id), "12.34", str(month + timedelta(14)))
            self.extra.append(bill_id)

    def _settle(self) -> None:
        """Let everything become what it becomes, Stampli's own work included."""
        self.world.run()
        self.world.stampli_works()
        self.world.run()

    def figures(self, reconciled: Reconciled) -> dict[str, int]:
        """The table: what was played, and what came of it."""
        received, bills = self.world.worker.received, self.world.deliveries("bill")
        active = [str(one) for one in self.active]
        return {
            "bills entered": 3 * (self.bills // 3),
            "edited before they were sent": len(self.edited_before),
            "edited after": len(self.edited_after),
            "deleted before": len(self.deleted_before),
            "deleted after": len(self.deleted_after),
            "active bills": len(active),
            "active bills that Stampli got once": sum(received.get(one) == 1 for one in active),
            "active bills that Stampli got more than once": sum(received.get(one, 0) > 1 for one in active),
            "active bills that Stampli did not get": sum(one not in received for one in active),
            "bills deleted before that Stampli got": sum(str(one) in received for one in self.deleted_before),
            "changed after delivery, waiting for a person": sum(
                one.reason_code == "changed_after_delivery" for one in bills
            ),
            "vendors": self.vendors,
            "vendors that Stampli knows": len(self.world.worker.vendors),
            "complaints of Stampli": len(self.world.complaints()),
            "files": len(self.world.worker.taken),
            "payments in FreshBooks": len(self.paid),
            "payments by Stampli alone": len(self.extra),
            **{f"payments {verdict.label}": len(reconciled.of(verdict)) for verdict in Verdict},
        }
