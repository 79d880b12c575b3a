"""Vendors and customers in files on an OpenSSH server: into FreshBooks by a stable key, and out of it again."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from audit.models import Delivery
from connections.models import DocumentKind, Format, Poll
from mappings.canonical import Contact, Customer, Party, Vendor
from mappings.codecs import layouts
from tenants.models import User
from tests.browser import shoot, sign_in
from tests.factories import FileLayoutFactory, MembershipFactory, RouteFactory, UserFactory
from tests.inbound.conftest import World, books, server, world
from tests.openssh import SSHD
from tests.sftp.partner import Server, partner

__all__ = ["books", "partner", "server", "world"]

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]

KINDS = ["vendor", "customer"]
TABLES = {
    "vendor": ("bill_vendors", "vendor_name", "phone"),
    "customer": ("clients", "organization", "bus_phone"),
}


def company(kind: str, number: str, phone: str, **changes: Any) -> Any:
    party = Party(role=kind, name=f"Quill & Co {number}", contacts=(Contact(name="Jo March", phone=phone),))
    values: dict[str, Any] = {"number": number, "party": party, "currency": "USD"} | changes
    return Vendor(**values) if kind == "vendor" else Customer(**values)


class Directory:
    """One kind of company, as a file of the partner and as rows of FreshBooks."""

    def __init__(self, partner: Server, world: World, kind: str) -> None:
        self.partner, self.world, self.kind = partner, world, kind
        self.table, self.name, self.phone = TABLES[kind]
        FileLayoutFactory.create(tenant=world.tenant, standard=f"{kind}_csv")
        self.way_in = world.route(kind)
        self.layout = layouts.load(layouts.STANDARD[f"{kind}_csv"])
        self.sent = 0

    def drop(self, *companies: tuple[str, str], **changes: Any) -> None:
        """The partner drops a file of (number, phone), and everything that follows is done."""
        self.sent += 1
        documents = [company(self.kind, number, phone, **changes) for number, phone in companies]
        self.partner.lay(f"{self.kind}s-{self.sent}.csv", layouts.write(documents, self.layout).data)
        self.partner.look()
        self.world.settle_all()

    def rows(self) -> dict[str, str]:
        """The phone of each company in FreshBooks that came from the partner."""
        return {
            row[self.name].removeprefix("Quill & Co "): row[self.phone]
            for row in self.world.booked(self.table)
            if row[self.name].startswith("Quill & Co")
        }

    def edit(self, number: str, phone: str) -> None:
        """Somebody changes one in FreshBooks."""
        keeper = self.world.books.bookkeeper
        change = keeper.edit_vendor if self.kind == "vendor" else keeper.edit_client
        change(f"Quill & Co {number}", **{self.phone: phone}, notify=False)

    def send_back(self) -> None:
        """A route from FreshBooks to the same partner."""
        self.partner.world.acme.places.update(outbound=self.partner.openssh.remote("inbound"))
        RouteFactory.create(
            tenant=self.world.tenant,
            source=self.world.freshbooks,
            target=self.world.files,
            kind=self.kind,
            format=Format.CSV,
            partner=self.world.acme,
            starts_at=timezone.now(),
        )
        self.run()

    def run(self) -> None:
        Poll.objects.update(next_at=timezone.now())
        self.world.later()
        self.world.run()
        self.world.settle_all()

    def received(self) -> list[tuple[str, str]]:
        """(number, phone) of every row that lies in the partner's folder."""
        folder = self.partner.openssh.local("inbound")
        texts = [
            path.read_text() for path in sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime_ns)
        ]
        title = f"{self.kind.title()} ID"
        return [(row[title], row["Phone"]) for text in texts for row in csv.DictReader(io.StringIO(text))]


@pytest.fixture(params=KINDS)
def directory(request: Any, partner: Server, world: World) -> Directory:
    return Directory(partner, world, request.param)


def test_companies_are_made_once_and_kept_up_to_date_by_their_number(directory: Directory) -> None:
    directory.drop(("C-1", "555-0101"), ("C-2", "555-0102"))
    assert directory.rows() == {"C-1": "555-0101", "C-2": "555-0102"}
    directory.drop(("C-1", "555-0199"), ("C-2", "555-0102"), ("C-3", "555-0103"))
    assert directory.rows() == {"C-1": "555-0199", "C-2": "555-0102", "C-3": "555-0103"}
    assert directory.partner.names("done") == [f"{directory.kind}s-1.csv", f"{directory.kind}s-2.csv"]


def test_who_is_missing_or_not_active_in_a_file_is_not_deleted(directory: Directory) -> None:
    directory.drop(("C-1", "555-0101"), ("C-2", "555-0102"))
    directory.drop(("C-1", "555-0101"), active=False)
    assert directory.rows() == {"C-1": "555-0101", "C-2": "555-0102"}
    held = Delivery.unscoped.get(number="C-1", revision=2)
    assert (held.document, held.reason_code) == ("held", "needs_a_person")


def test_what_freshbooks_has_already_is_no_conflict_later(directory: Directory) -> None:
    directory.drop(("C-1", "555-0101"))
    directory.edit("C-1", "555-0150")
    directory.drop(("C-1", "555-0150"))
    unchanged = Delivery.unscoped.get(number="C-1", revision=2)
    assert (unchanged.transfer, unchanged.reason_code) == ("skipped", "unchanged")
    directory.drop(("C-1", "555-0177"))
    assert directory.rows() == {"C-1": "555-0177"}


def test_what_somebody_changes_in_freshbooks_goes_back_under_the_partner_s_number(
    directory: Directory,
) -> None:
    directory.send_back()
    directory.drop(("C-1", "555-0101"))
    directory.run()
    assert directory.received() == [], "the partner knows what it has said itself"
    directory.edit("C-1", "555-0150")
    directory.run()
    assert directory.received() == [("C-1", "555-0150")]
    # The partner takes it over and sends it: nothing to do on either side.
    directory.drop(("C-1", "555-0150"))
    directory.run()
    assert len(directory.received()) == 1
    # Its own next change is no news for it either.
    directory.drop(("C-1", "555-0177"))
    directory.run()
    assert directory.rows() == {"C-1": "555-0177"}
    assert len(directory.received()) == 1


def test_who_was_never_the_partner_s_goes_out_as_freshbooks_knows_it(directory: Directory) -> None:
    directory.send_back()
    keeper = directory.world.books.bookkeeper
    if directory.kind == "vendor":
        row = keeper.add_vendor("Ink Mill", account_number="INK-1", notify=False)
    else:
        row = keeper.add_client("Ink Mill", notify=False)
    directory.run()
    number = "INK-1" if directory.kind == "vendor" else str(row["id"])
    assert [number for number, _ in directory.received()] == [number]


@pytest.mark.browser
@pytest.mark.slow
def test_a_conflict_is_shown_and_settled_in_the_browser(partner: Server, world: World, page: Page) -> None:
    directory = Directory(partner, world, DocumentKind.VENDOR)
    directory.drop(("C-1", "555-0101"))
    directory.edit("C-1", "555-0150")
    directory.drop(("C-1", "555-0199"))
    assert directory.rows() == {"C-1": "555-0150"}
    held = Delivery.unscoped.get(number="C-1", revision=2)

    sign_in(page, owner_of(world))
    page.goto(f"/t/{world.tenant.slug}/documents/{held.public_id}/")
    expect(page.get_by_text("phone: FreshBooks has “555-0150”, the file “555-0199”").first).to_be_visible()
    shoot(page, "vendor-conflict")
    page.get_by_role("link", name="Choose").click()
    shoot(page, "vendor-conflict-choose")
    page.get_by_label("the file: Quill & Co C-1").check()
    page.get_by_role("button", name="That is right").click()
    expect(page.get_by_text("Your choice is kept")).to_be_visible()
    world.settle_all()
    assert directory.rows() == {"C-1": "555-0199"}
    page.reload()
    shoot(page, "vendor-conflict-settled")

    # Another time it is FreshBooks that is right.
    directory.edit("C-1", "555-0160")
    directory.drop(("C-1", "555-0111"))
    page.goto(f"/t/{world.tenant.slug}/documents/{Delivery.unscoped.get(revision=3).public_id}/choose/")
    page.get_by_label("FreshBooks: it stays as it is").check()
    page.get_by_role("button", name="That is right").click()
    expect(page.get_by_text("FreshBooks stays as it is.", exact=True)).to_be_visible()
    world.settle_all()
    assert directory.rows() == {"C-1": "555-0160"}


def owner_of(world: World) -> User:
    user = UserFactory.create()
    MembershipFactory.create(tenant=world.tenant, user=user, role="owner")
    return user
