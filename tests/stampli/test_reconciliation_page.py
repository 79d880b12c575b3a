"""The page and the file of a period: each payment with both sides, and nothing of other organisations."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from audit.models import Delivery, StatusReport
from connections.models import Connection, SourceRecord, SystemKind
from connections.reconciliation import COLUMNS, reconcile_period
from connections.views.reconciliation import periods
from tenants.models import Tenant, User
from tests.factories import (
    ArrivalFactory,
    ConnectionFactory,
    DeliveryFactory,
    RouteFactory,
    StatusReportFactory,
)

MARCH = date(2026, 3, 1)
PERIOD = "first=2026-03-01&last=2026-03-31"


@pytest.fixture
def stampli(tenant: Tenant) -> Connection:
    return ConnectionFactory.create(tenant=tenant, system=SystemKind.STAMPLI, key="stampli", name="Stampli")


def booked(stampli: Connection, payment: str, bill: str, amount: str, on: date, **more: Any) -> Delivery:
    """A bill payment that was found in FreshBooks."""
    route = stampli.routes_in.filter(kind="bill_payment").first() or RouteFactory.create(
        tenant=stampli.tenant, target=stampli, kind="bill_payment", is_on=False
    )
    about = {"source_id": payment, "pays_id": bill, "amount": Decimal(amount), "document_date": on}
    return DeliveryFactory.create(
        tenant=stampli.tenant, route=route, kind="bill_payment", currency="USD", **{**about, **more}
    )


def reported(
    stampli: Connection, payment: str, bill: str, amount: str, on: date, **more: Any
) -> StatusReport:
    arrival = ArrivalFactory.create(tenant=stampli.tenant, connection=stampli, name="payments_1.csv")
    about = {
        "remote_id": payment,
        "source_id": bill,
        "amount": Decimal(amount),
        "dated": on,
        "currency": "USD",
    }
    said = {"about": "payment", "status": "paid", "stated": "Paid"}
    return StatusReportFactory.create(arrival=arrival, **{**about, **said, **more})


def results(stampli: Connection) -> list[tuple[str, str, str]]:
    found = reconcile_period(stampli, MARCH, date(2026, 3, 31))
    return [
        (
            line.row.verdict,
            line.row.here.id if line.row.here else "",
            line.row.there.id if line.row.there else "",
        )
        for line in found.lines
    ]


@pytest.fixture
def march(stampli: Connection) -> Connection:
    """One payment of each kind."""
    booked(stampli, "9100", "7001", "100.00", MARCH, party_name="=HYPERLINK(1)")
    reported(stampli, "SP-1", "7001", "100.00", MARCH + timedelta(2), number="INV-7001")
    booked(stampli, "9101", "7002", "50.00", MARCH)
    reported(stampli, "SP-2", "7002", "55.00", MARCH)
    booked(stampli, "9102", "7003", "20.00", MARCH)
    reported(stampli, "SP-4", "7004", "30.00", MARCH)
    return stampli


def test_both_sides_of_a_period(march: Connection) -> None:
    assert results(march) == [
        ("amount_differs", "9101", "SP-2"),
        ("missing_here", "", "SP-4"),
        ("missing_there", "9102", ""),
        ("matched", "9100", "SP-1"),
    ]


def test_a_pair_across_the_end_of_the_period_is_no_difference(stampli: Connection) -> None:
    booked(stampli, "9100", "7001", "100.00", date(2026, 3, 31))
    reported(stampli, "SP-1", "7001", "100.00", date(2026, 4, 2))
    booked(stampli, "9200", "7001", "100.00", date(2026, 5, 1))

    assert results(stampli) == [("matched", "9100", "SP-1")]


def test_only_the_last_word_on_a_payment_counts(stampli: Connection) -> None:
    reported(stampli, "SP-1", "7001", "100.00", MARCH)
    reported(stampli, "SP-1", "7001", "100.00", MARCH + timedelta(9), status="cancelled", stated="Cancelled")
    reported(stampli, "SP-2", "7001", "9.00", MARCH, status="scheduled", stated="Scheduled")

    assert results(stampli) == []


def test_only_the_last_revision_counts_and_no_deleted_one(stampli: Connection) -> None:
    booked(stampli, "9100", "7001", "100.00", MARCH)
    booked(stampli, "9100", "7001", "90.00", MARCH, revision=2)
    deleted = booked(stampli, "9101", "7001", "1.00", MARCH)
    SourceRecord.objects.create(
        connection=deleted.route.source, resource="bill_payments", source_id="9101", is_deleted=True
    )
    reported(stampli, "SP-1", "7001", "90.00", MARCH)

    assert results(stampli) == [("matched", "9100", "SP-1")]


def test_a_linked_report_goes_by_its_bill(stampli: Connection) -> None:
    route = RouteFactory.create(tenant=stampli.tenant, target=stampli, kind="bill")
    bill = DeliveryFactory.create(
        tenant=stampli.tenant, route=route, kind="bill", source_id="7001", currency="USD"
    )
    booked(stampli, "9100", "7001", "100.00", MARCH)
    reported(stampli, "SP-1", "", "100.00", MARCH, delivery=bill, vendor_id="44", number="7", currency="")

    assert results(stampli) == [("matched", "9100", "SP-1")]


def test_a_report_of_nothing_that_anybody_knows_is_missing_here(stampli: Connection) -> None:
    reported(stampli, "SP-1", "", "100.00", MARCH, vendor_id="44", number="7")

    assert results(stampli) == [("missing_here", "", "SP-1")]


@pytest.mark.parametrize(
    ("today", "first_days"),
    [
        (date(2026, 1, 31), ["2026-01-01", "2025-12-01", "2026-01-01", "2025-10-01"]),
        (date(2026, 5, 1), ["2026-05-01", "2026-04-01", "2026-04-01", "2026-01-01"]),
    ],
)
def test_the_usual_periods(today: date, first_days: list[str]) -> None:
    found = list(periods(today))

    assert [one.first.isoformat() for one in found] == first_days
    assert [(one.last - one.first).days for one in found[::2]] == [30, 89 if today.month == 1 else 90]
    assert all((one.last + timedelta(1)).day == 1 for one in found)


class TestPages:
    def page(self, client: Client, path: str, status: int = 200) -> str:
        answer = client.get(f"/t/acme-trading/{path}")
        assert answer.status_code == status
        return answer.content.decode() if status == 200 and not answer.streaming else ""

    def test_differences_first_and_all_on_demand(
        self, client: Client, march: Connection, alice: User
    ) -> None:
        client.force_login(alice)

        differences = self.page(client, f"connections/stampli/payments/?{PERIOD}")
        everything = self.page(client, f"connections/stampli/payments/?{PERIOD}&show=everything")
        missing = self.page(client, f"connections/stampli/payments/?{PERIOD}&show=missing_here")

        assert "payment 9101" in differences
        assert "by -5.00" in differences
        assert "payment 9100" not in differences
        assert "payment 9100" in everything
        assert "SP-4" in missing
        assert "SP-2" not in missing

    def test_the_file_has_every_row_and_runs_nothing(
        self, client: Client, march: Connection, alice: User
    ) -> None:
        client.force_login(alice)

        answer = client.get(f"/t/acme-trading/connections/stampli/payments.csv?{PERIOD}")

        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        assert tuple(header) == COLUMNS
        assert [row[0] for row in rows] == [
            "amount differs",
            "missing in FreshBooks",
            "missing at the partner",
            "matched",
        ]
        matched = dict(zip(header, rows[-1], strict=True))
        assert (matched["FreshBooks amount"], matched["Partner's amount"]) == ("100.00", "100.00")
        assert matched["Vendor"] == "'=HYPERLINK(1)"
        assert rows[0][1] == "-5.00"

    @pytest.mark.parametrize(
        "query", ["first=2026-03-31&last=2026-03-01", "first=2020-01-01&last=2026-03-01", "first=x&last=y"]
    )
    def test_an_unusable_period_is_explained(
        self, client: Client, march: Connection, alice: User, query: str
    ) -> None:
        client.force_login(alice)

        assert "notice failed" in self.page(client, f"connections/stampli/payments/?{query}")
        assert client.get(f"/t/acme-trading/connections/stampli/payments.csv?{query}").status_code == 302

    def test_an_empty_period_says_so(self, client: Client, march: Connection, alice: User) -> None:
        client.force_login(alice)

        assert "No payments" in self.page(
            client, "connections/stampli/payments/?first=2024-01-01&last=2024-01-31"
        )
        assert "Reconcile payments" in self.page(client, "connections/stampli/")

    def test_reports_and_those_that_are_linked_to_nothing(
        self, client: Client, march: Connection, alice: User
    ) -> None:
        client.force_login(alice)
        StatusReport.unscoped.filter(remote_id="SP-1").update(delivery=Delivery.unscoped.first())

        assert "SP-1" in self.page(client, "reports/")
        assert "SP-1" not in self.page(client, "reports/?standing=unlinked")
        assert "SP-4" in self.page(client, "reports/?standing=unlinked")

    def test_it_checks_ownership(self, client: Client, march: Connection, charlie: User) -> None:
        client.force_login(charlie)

        for path in (
            "connections/stampli/payments/",
            f"connections/stampli/payments.csv?{PERIOD}",
            "reports/",
        ):
            self.page(client, path, status=404)
        assert "SP-1" not in client.get("/t/other-company/reports/").content.decode()

    def test_only_systems_that_report_are_reconciled(
        self, client: Client, tenant: Tenant, alice: User
    ) -> None:
        ConnectionFactory.create(tenant=tenant, system=SystemKind.SFTP, key="files")
        client.force_login(alice)

        self.page(client, "connections/files/payments/", status=404)
