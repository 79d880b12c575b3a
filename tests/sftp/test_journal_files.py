"""GL journal files dropped on an OpenSSH server become journal entries in FreshBooks: balanced, mapped, each once."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from audit.models import ArrivedDocument, Delivery
from connections.models import DocumentKind
from connections.pipeline.inbound.reversing import reverse
from connections.pipeline.prepare import recheck_tenant
from mappings.models import FileLayout
from mappings.models.booking import BookingKind
from tenants.models import User
from tests.factories import FileLayoutFactory
from tests.inbound.conftest import World, books, entry, server, world
from tests.openssh import SSHD
from tests.sftp.partner import Server, by_layout, partner

__all__ = ["books", "partner", "server", "world"]

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]

SUSPENSE, CASH = 635980, 635971
HOST_LAYOUT: dict[str, Any] = {
    "document": "journal_entry",
    "format": "fixed",
    "direction": "read",
    "date": "YYYYMMDD",
    "records": [
        {"at": "start", "code": "FH", "columns": [{"name": "Sent", "start": 3, "length": 8}]},
        {
            "at": "",
            "code": "JH",
            "columns": [
                {"name": "Journal", "field": "number", "start": 3, "length": 10, "required": True},
                {"name": "Posted", "field": "date", "start": 13, "length": 8, "required": True},
                {"name": "Text", "field": "description", "start": 21, "length": 20},
            ],
        },
        {
            "at": "lines",
            "code": "JD",
            "columns": [
                {"name": "Account", "field": "lines.account", "start": 3, "length": 8, "required": True},
                {
                    "name": "D/C",
                    "field": "lines.side",
                    "start": 11,
                    "length": 1,
                    "codes": {"debit": "D", "credit": "C"},
                },
                {
                    "name": "Amount",
                    "field": "lines.value",
                    "start": 12,
                    "length": 12,
                    "align": "right",
                    "pad": "0",
                    "implied": 2,
                    "required": True,
                },
            ],
        },
        {
            "at": "end",
            "code": "FT",
            "columns": [
                {"name": "Journals", "file": "file.documents", "start": 3, "length": 6, "align": "right"}
            ],
        },
    ],
    "assume": {"currency": "USD"},
}
HOST_FILE = (
    b"FH20260331\r\n"
    b"JHGL-0331-1 20260331Payroll March       \r\n"
    b"JD6000    D000000020000\r\n"
    b"JD1000    C000000020000\r\n"
    b"JHGL-0331-2 20260331Rent March          \r\n"
    b"JD6000    D000000150050\r\n"
    b"JD1000    C000000100050\r\n"
    b"JD1000    C000000050000\r\n"
    b"FT     2\r\n"
)


@pytest.fixture
def accounts(world: World) -> None:
    world.map(BookingKind.ACCOUNT, "6000", str(SUSPENSE))
    world.map(BookingKind.ACCOUNT, "1000", str(CASH))


@pytest.fixture(autouse=True)
def _route(world: World) -> None:
    world.route(DocumentKind.JOURNAL_ENTRY)


def with_layout(world: World, standard: str = "", data: dict[str, Any] | None = None) -> FileLayout:
    if data is None:
        return FileLayoutFactory.create(tenant=world.tenant, standard=standard)
    layout = FileLayout(tenant=world.tenant, key="host", name="Host")
    layout.save_version(data)
    return layout


def booked(world: World) -> list[tuple[str, list[tuple[int, Decimal]]]]:
    """(name, lines) of each journal entry in FreshBooks; a line is its account, and its amount, credits below zero."""
    details = world.booked("journal_entry_details")

    def amount(line: dict[str, Any]) -> Decimal:
        side, sign = (line["debit"], 1) if line["debit"] else (line["credit"], -1)
        return sign * Decimal(side["amount"] if isinstance(side, dict) else side)

    return [
        (
            row["name"],
            [(line["sub_accountid"], amount(line)) for line in details if line["entryid"] == row["entryid"]],
        )
        for row in world.booked("journal_entries")
    ]


@pytest.mark.parametrize("way", ["csv", "fixed", "xml"])
def test_a_journal_file_is_booked_on_the_mapped_accounts(
    partner: Server, world: World, accounts: None, way: str
) -> None:
    with_layout(world, f"journal_entry_{way}")
    partner.lay(f"gl.{way}", by_layout(f"journal_entry_{way}")(entry()))

    [arrival] = partner.look()
    world.settle_all()

    assert (arrival.state, partner.names("done"), partner.names("bad")) == ("read", [f"gl.{way}"], [])
    assert booked(world) == [("JE-1", [(SUSPENSE, Decimal(200)), (CASH, Decimal(-200))])]
    delivery = world.only()
    assert delivery.is_delivered
    assert delivery.freshbooks_id == str(world.booked("journal_entries")[0]["id"])


def test_a_host_s_file_of_heads_details_and_trailer_is_booked_entry_by_entry(
    partner: Server, world: World, accounts: None
) -> None:
    with_layout(world, data=HOST_LAYOUT)
    partner.lay("GL0331.TXT", HOST_FILE)
    [arrival] = partner.look()
    world.settle_all()
    assert (arrival.state, arrival.reason) == ("read", "")
    assert booked(world) == [
        ("GL-0331-1", [(SUSPENSE, Decimal(200)), (CASH, Decimal(-200))]),
        ("GL-0331-2", [(SUSPENSE, Decimal("1500.50")), (CASH, Decimal("-1000.50")), (CASH, Decimal(-500))]),
    ]
    assert {row["user_entered_date"] for row in world.booked("journal_entries")} == {"2026-03-31"}


def test_dropped_again_nothing_is_booked_twice(partner: Server, world: World, accounts: None) -> None:
    with_layout(world, data=HOST_LAYOUT)
    for name, content in (
        ("GL0331.TXT", HOST_FILE),
        ("GL0331-copy.TXT", HOST_FILE),
        # The same entries in other bytes: the entries are known, too.
        ("GL0331-unix.TXT", HOST_FILE.replace(b"\r\n", b"\n")),
    ):
        partner.lay(name, content)
        arrivals = partner.look()
        world.settle_all()
    assert [arrival.state for arrival in arrivals] == ["read", "duplicate", "read"]
    assert {row.state for row in arrivals[2].documents.all()} == {"duplicate"}
    assert len(booked(world)) == 2


def test_an_entry_that_does_not_balance_stops_only_itself(
    partner: Server, world: World, accounts: None
) -> None:
    with_layout(world, data=HOST_LAYOUT)
    broken = HOST_FILE.replace(b"JD1000    C000000050000", b"JD1000    C000000040000")
    partner.lay("GL0331.TXT", broken)

    [arrival] = partner.look()
    world.settle_all()

    assert arrival.state == "partly_failed"
    assert [name for name, _ in booked(world)] == ["GL-0331-1"]
    invalid = ArrivedDocument.unscoped.get(state="invalid")
    assert "debits are 1500.50, but credits are 1400.50" in invalid.reason
    assert partner.names("done") == ["GL0331.TXT"]
    assert partner.names("bad") == ["GL0331.TXT.report.txt"]
    report = partner.read("bad/GL0331.TXT.report.txt")
    assert "line 5" in report
    assert "debits are 1500.50, but credits are 1400.50" in report

    # Corrected by the host and sent again: the first entry is known, the second is booked.
    partner.lay("GL0331.TXT", HOST_FILE)
    partner.look()
    world.settle_all()
    assert [name for name, _ in booked(world)] == ["GL-0331-1", "GL-0331-2"]


def test_a_file_without_an_entry_that_balances_is_put_aside(
    partner: Server, world: World, accounts: None
) -> None:
    with_layout(world, "journal_entry_csv")
    content = by_layout("journal_entry_csv")(entry()).decode().splitlines()
    partner.lay("gl.csv", "\r\n".join(content[:2]).encode() + b"\r\n")
    [arrival] = partner.look()
    world.settle_all()
    assert arrival.state == "failed"
    assert partner.names("bad") == ["gl.csv", "gl.csv.report.txt"]
    assert "debits are 200.00, but credits are 0" in partner.read("bad/gl.csv.report.txt")
    assert booked(world) == []


def test_an_unknown_account_holds_the_entry_until_it_is_mapped(partner: Server, world: World) -> None:
    world.map(BookingKind.ACCOUNT, "1000", str(CASH))
    with_layout(world, data=HOST_LAYOUT)
    partner.lay("GL0331.TXT", HOST_FILE)
    partner.look()
    world.settle_all()
    held = world.deliveries()
    assert [(one.document, one.reason_code) for one in held] == [("held", "no_account")] * 2
    assert held[0].reason == "The GL code 6000 has no account in FreshBooks."
    assert booked(world) == []

    world.map(BookingKind.ACCOUNT, "6000", str(SUSPENSE))
    recheck_tenant(world.tenant.pk)
    world.settle_all()
    assert [name for name, _ in booked(world)] == ["GL-0331-1", "GL-0331-2"]


def test_an_entry_is_never_changed_but_reversed(
    partner: Server, world: World, accounts: None, alice: User
) -> None:
    with_layout(world, data=HOST_LAYOUT)
    partner.lay("GL0331.TXT", HOST_FILE)
    partner.look()
    world.settle_all()

    # The host sends the first entry with another amount: it waits for a person, nothing is overwritten.
    partner.lay("GL0331-B.TXT", HOST_FILE.replace(b"000000020000", b"000000030000"))
    partner.look()
    world.settle_all()
    changed = Delivery.unscoped.get(number="GL-0331-1", revision=2)
    assert (changed.document, changed.reason_code) == ("held", "changed")
    assert len(booked(world)) == 2

    reverse(Delivery.unscoped.get(number="GL-0331-1", revision=1), actor=alice)
    world.settle_all()
    assert booked(world)[-1] == ("R-GL-0331-1", [(SUSPENSE, Decimal(-200)), (CASH, Decimal(200))])
