"""Files that a partner leaves on an OpenSSH server end as records in FreshBooks, whatever their format."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.models import Arrival, ArrivedDocument
from audit.services import replay_arrival
from connections.models import DocumentKind
from mappings.canonical import Customer, Party, RemittanceAdvice, Vendor
from mappings.codecs import edifact, layouts
from mappings.models import FileLayout
from tests.factories import FileLayoutFactory, UserFactory
from tests.inbound.conftest import PLACE, World, books, entry, interchange, remittance, server, world
from tests.openssh import SSHD
from tests.sftp.partner import Server, by_layout, partner

__all__ = ["books", "partner", "server", "world"]

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]


def as_x12(document: RemittanceAdvice) -> bytes:
    return interchange(document)


def as_edifact(document: RemittanceAdvice) -> bytes:
    envelope = edifact.Envelope(
        sender=edifact.Identity(id="4098765000000", qualifier="14"),
        receiver=edifact.Identity(id="4012345000009", qualifier="14"),
        date=dt.date(2026, 3, 2),
        time=dt.time(9, 30),
        control_number="1",
    )
    return edifact.write([document], envelope).data


WAYS: dict[str, Callable[[Any], bytes]] = {
    "x12": as_x12,
    "edifact": as_edifact,
    "csv": by_layout("remittance_advice_csv"),
    "xml": by_layout("remittance_advice_xml"),
    "fixed": by_layout("remittance_advice_fixed"),
}


@pytest.fixture
def layouts_of_all(world: World) -> list[FileLayout]:
    names = [
        f"{kind}_{way}" for kind in ("remittance_advice", "journal_entry") for way in ("csv", "xml", "fixed")
    ]
    return [FileLayoutFactory.create(tenant=world.tenant, standard=name, name=name) for name in names]


@pytest.mark.parametrize("way", WAYS)
def test_a_remittance_becomes_payments_on_its_invoices(
    partner: Server, world: World, layouts_of_all: list[FileLayout], way: str
) -> None:
    world.route(DocumentKind.REMITTANCE)
    invoices = [world.invoice(amount) for amount in ("100.00", "60.00")]
    numbers = [invoice["invoice_number"] for invoice in invoices]
    advice = remittance("R-1", (numbers[0], "100.00"), (numbers[1], "25.00"))
    partner.lay(f"remittance.{way}", WAYS[way](advice))

    [arrival] = partner.look()
    world.settle_all()

    assert (arrival.state, arrival.reason) == ("read", "")
    assert (arrival.layout_version is not None) == (way in ("csv", "xml", "fixed"))
    paid = {row["invoiceid"]: row["amount"]["amount"] for row in world.booked("payments") if row["note"]}
    expected = {invoices[0]["id"]: "100.00", invoices[1]["id"]: "25.00"}
    assert {key: paid.get(key) for key in expected} == expected
    assert partner.names("done") == [f"remittance.{way}"]
    assert partner.names(PLACE.strip("/")) == []


@pytest.mark.parametrize("way", ["csv", "xml", "fixed"])
def test_a_journal_file_becomes_a_journal_entry(
    partner: Server, world: World, layouts_of_all: list[FileLayout], way: str
) -> None:
    world.route(DocumentKind.JOURNAL_ENTRY)
    partner.lay(f"gl.{way}", by_layout(f"journal_entry_{way}")(entry()))

    [arrival] = partner.look()

    assert (arrival.state, arrival.reason) == ("read", "")
    document = ArrivedDocument.unscoped.get()
    assert (document.kind, document.number, document.state) == ("journal_entry", "JE-1", "taken")


def test_of_a_file_with_a_bad_row_the_others_are_booked_and_the_report_names_it(
    partner: Server, world: World, layouts_of_all: list[FileLayout]
) -> None:
    world.route(DocumentKind.REMITTANCE)
    numbers = [world.invoice("50.00")["invoice_number"] for _ in range(3)]
    rows = WAYS["csv"](remittance("R-1", (numbers[0], "50.00"))).decode().splitlines()
    rows += (
        WAYS["csv"](remittance("R-2", (numbers[1], "50.00")))
        .decode()
        .replace("50.00", "fifty")
        .splitlines()[1:]
    )
    rows += WAYS["csv"](remittance("R-3", (numbers[2], "50.00"))).decode().splitlines()[1:]
    partner.lay("half.csv", "\r\n".join(rows).encode())

    [arrival] = partner.look()
    world.settle_all()

    assert arrival.state == "partly_failed"
    assert [row.state for row in ArrivedDocument.unscoped.order_by("position")] == [
        "taken",
        "invalid",
        "taken",
    ]
    assert len([row for row in world.booked("payments") if row["amount"]["amount"] == "50.00"]) == 2
    assert partner.names("done") == ["half.csv"]
    [report] = partner.names("bad")
    text = partner.openssh.local(f"bad/{report}").read_text()
    assert "Payment Amount is not a number (it is 'fifty')" in text
    assert "line 3" in text


def test_a_file_that_no_layout_fits_is_put_aside_and_read_when_there_is_one(
    partner: Server, world: World
) -> None:
    world.route(DocumentKind.REMITTANCE)
    invoice = world.invoice("50.00")
    partner.lay("remit.csv", WAYS["csv"](remittance("R-1", (invoice["invoice_number"], "50.00"))))

    [arrival] = partner.look()

    assert arrival.state == "failed"
    assert partner.names("bad") == ["remit.csv", "remit.csv.report.txt"]
    assert (
        "No layout of yours fits this CSV file"
        in partner.openssh.local("bad/remit.csv.report.txt").read_text()
    )

    FileLayoutFactory.create(tenant=world.tenant, standard="remittance_advice_csv")
    replay_arrival(arrival, actor=UserFactory.create(), why="There is a layout now.")
    world.later()
    world.run()
    world.settle_all()

    arrival.refresh_from_db()
    assert arrival.state == "read"
    assert [
        row["amount"]["amount"] for row in world.booked("payments") if row["invoiceid"] == invoice["id"]
    ] == ["50.00"]


@pytest.mark.parametrize("way", ["csv", "xml", "fixed"])
@pytest.mark.parametrize(
    ("kind", "class_", "resource"),
    [(DocumentKind.CUSTOMER, Customer, "clients"), (DocumentKind.VENDOR, Vendor, "bill_vendors")],
)
def test_a_file_of_companies_makes_each_in_freshbooks_once(
    partner: Server, world: World, way: str, kind: str, class_: Any, resource: str
) -> None:
    world.route(kind)
    FileLayoutFactory.create(tenant=world.tenant, standard=f"{kind}_{way}")
    before = len(world.booked(resource))
    companies = [
        class_(number=f"C-{n}", party=Party(role=kind, name=f"Quill & Co {n}"), currency="USD")
        for n in (1, 2)
    ]
    content = layouts.write(companies, layouts.load(layouts.STANDARD[f"{kind}_{way}"])).data

    for name in ("monday", "tuesday"):
        partner.lay(name, content)
        partner.look()
        world.settle_all()

    assert [arrival.state for arrival in Arrival.unscoped.order_by("pk")] == ["read", "duplicate"]
    assert len(world.booked(resource)) == before + 2
