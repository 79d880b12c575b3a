"""From both systems' lists to what a person sees and links: FreshBooks and IBM Sterling on real sockets."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Notice
from connections.models import Connection, ConnectionState, Poll, PollKind, ReferenceEntry, SystemKind
from connections.pipeline.poll import run_poll
from connections.sandbox import ibm_sterling
from connections.sandbox.freshbooks import FreshBooks as Books
from mappings.models import GLMapping, PartnerLink
from tenants.models import Role, Tenant, User
from tests.factories import (
    ConnectionFactory,
    DeliveryPlaceFactory,
    MembershipFactory,
    PartnerFactory,
    UserFactory,
)
from tests.freshbooks.conftest import books, connect, server, sign_in

__all__ = ["books", "server"]

CODE_LIST = "GL_SEGMENTS|FRESHBOOKS|ERP|1"
PAGE = "/t/acme-trading/connections/sterling/reference/"

Read = Callable[[], None]


@pytest.fixture
def installation() -> Iterator[ibm_sterling.Running]:
    with ibm_sterling.start() as running:
        yield running


@pytest.fixture
def sterling(tenant: Tenant, books: Books, server: Any, installation: ibm_sterling.Running) -> Connection:
    """Reads partners and the code list; FreshBooks is signed in beside it."""
    sign_in(connect(tenant, books), books)
    made: Connection = ConnectionFactory.create(
        tenant=tenant,
        system=SystemKind.IBM_STERLING,
        key="sterling",
        name="Sterling",
        settings={
            "base_url": installation.url,
            "insecure": True,
            "read_partners": True,
            "code_list": CODE_LIST,
        },
        credentials={"username": ibm_sterling.USERNAME, "password": ibm_sterling.PASSWORD},
    )
    return made


@pytest.fixture
def read(sterling: Connection, django_capture_on_commit_callbacks: Any) -> Read:
    """Has both sides read, as a worker does."""
    with django_capture_on_commit_callbacks(execute=True):
        sterling.save()

    def poll_both() -> None:
        Poll.objects.update(next_at=timezone.now())
        for poll in Poll.objects.filter(kind=PollKind.REFERENCE):
            run_poll(poll.pk)

    return poll_both


@pytest.fixture
def press(client: Client, bob: User) -> Callable[..., str]:
    def post(action: str, **data: Any) -> str:
        client.force_login(bob)
        return client.post(f"{PAGE}{action}", data, follow=True).content.decode()

    return post


@pytest.fixture
def look(client: Client, bob: User) -> Callable[..., str]:
    def get(**query: str) -> str:
        client.force_login(bob)
        return client.get(PAGE, query).content.decode()

    return get


def entry(name: str, system: str = "") -> ReferenceEntry:
    """The entry of that name, in whichever system, or in the one whose kind is given."""
    found = ReferenceEntry.unscoped.filter(name=name)
    return found.get(connection__system=system) if system else found.get()


def sections(page: str) -> dict[str, str]:
    """Title -> text of each part of the page."""
    parts = page.split('<section class="panel"><h2>')[1:]
    return {part.partition(" <")[0].partition("</h2>")[0]: part for part in parts}


class TestReading:
    def test_both_sides_are_polled_once_one_system_has_lists(self, sterling: Connection, read: Read) -> None:
        assert set(
            Poll.objects.filter(kind=PollKind.REFERENCE).values_list("connection__system", flat=True)
        ) == {"freshbooks", "ibm_sterling"}

        with_lists = Connection.unscoped.get(pk=sterling.pk)
        with_lists.settings |= {"read_partners": False, "code_list": ""}
        from connections.pipeline.poll import ensure_polls

        with_lists.save()
        for connection in Connection.unscoped.select_related("tenant"):
            ensure_polls(connection)
        assert not Poll.objects.filter(kind=PollKind.REFERENCE).exists()

    def test_all_lists_are_stored(self, read: Read) -> None:
        read()

        assert {one.kind for one in ReferenceEntry.unscoped.all()} == {
            "client",
            "vendor",
            "account",
            "partner",
        }
        assert entry("MARLOW PAPER").detail["mailbox"] == "/marlow_paper"
        assert entry("Sales", "ibm_sterling") is not None

    def test_a_second_look_changes_nothing(self, read: Read) -> None:
        read()
        before = list(ReferenceEntry.unscoped.values_list("pk", "name", "gone_at"))
        read()
        assert list(ReferenceEntry.unscoped.values_list("pk", "name", "gone_at")) == before

    def test_a_list_that_cannot_be_read_stops_neither_the_other_nor_the_connection(
        self, sterling: Connection, installation: ibm_sterling.Running, read: Read, look: Any
    ) -> None:
        installation.sterling.reference.code_lists.clear()
        read()

        sterling.refresh_from_db()
        assert sterling.state == ConnectionState.ACTIVE
        assert entry("MARLOW PAPER")
        assert "There is no code list" in look()

    def test_a_half_read_list_makes_nothing_gone(
        self, installation: ibm_sterling.Running, read: Read
    ) -> None:
        read()
        installation.sterling.faults.set("server_error", path="*/tradingpartners/")
        read()
        assert not ReferenceEntry.unscoped.filter(gone_at__isnull=False).exists()

    def test_an_unlinked_entry_that_is_gone_is_dropped(
        self, installation: ibm_sterling.Running, read: Read
    ) -> None:
        read()
        installation.sterling.reference.partners.pop()
        read()
        assert not ReferenceEntry.unscoped.filter(name="QUILL SUPPLY").exists()


class TestLinking:
    def test_a_vendor_of_the_same_name_is_suggested_and_linked_by_one_click(
        self, tenant: Tenant, installation: ibm_sterling.Running, read: Read, look: Any, press: Any
    ) -> None:
        partner = PartnerFactory.create(tenant=tenant, code="northwind", name="Northwind")
        connection = Connection.unscoped.get(key="sterling")
        DeliveryPlaceFactory.create(partner=partner, connection=connection, outbound="/northwind/in")
        installation.sterling.reference.add_partner("NORTHWIND PAPER", "/northwind/in")
        read()
        vendor, other = entry("Northwind Paper"), entry("NORTHWIND PAPER")
        assert "Northwind Paper" in sections(look())["Probably the same"]

        page = press("link/", books=vendor.pk, other=other.pk)

        assert "Its documents go to Northwind." in page
        assert "Northwind Paper" in sections(page)["In step"]
        link = PartnerLink.unscoped.get()
        assert (link.party_kind, link.party_id, link.partner) == ("vendor", vendor.key, partner)

    def test_a_party_that_is_linked_already_keeps_its_partner(
        self, tenant: Tenant, read: Read, press: Any
    ) -> None:
        kept = PartnerFactory.create(tenant=tenant, code="kept")
        PartnerFactory.create(tenant=tenant, code="acme", name="Acme")
        read()
        client = entry("Acme Retail")
        PartnerLink.objects.create(
            tenant=tenant, connection=client.connection, party_id=client.key, partner=kept
        )

        page = press("link/", books=client.pk, other=entry("ACME").pk)

        assert "Its documents go to Kept." in page
        assert PartnerLink.unscoped.get().partner == kept

    def test_a_company_without_a_trading_partner_says_so_and_is_mapped_later(
        self, tenant: Tenant, read: Read, look: Any, press: Any
    ) -> None:
        read()
        client, other = entry("Acme Retail"), entry("ACME")
        page = press("link/", books=client.pk, other=other.pk)
        assert "No trading partner stands for ACME yet" in page
        assert "/partners/add/?name=ACME" in sections(page)["Linked, but not mapped"]

        PartnerFactory.create(tenant=tenant, code="acme", name="Acme Inc.")
        assert "Would be mapped to Acme Inc." in look()
        press("link/", books=client.pk, other=other.pk)
        assert PartnerLink.unscoped.get().partner.code == "acme"

    def test_an_account_gets_the_segment_of_the_code_list(self, read: Read, press: Any) -> None:
        read()
        books, other = entry("Revenue"), entry("Sales", "ibm_sterling")
        press("link/", books=books.pk, other=other.pk)
        assert set(GLMapping.unscoped.values_list("source_kind", "source_key", "segment")) == {
            ("account", "4000", "01-4000-100")
        }

    def test_a_change_there_is_listed_and_taken_over_by_one_click(
        self, installation: ibm_sterling.Running, read: Read, look: Any, press: Any
    ) -> None:
        read()
        pair = {"books": entry("Revenue").pk, "other": entry("Sales", "ibm_sterling").pk}
        press("link/", **pair)
        installation.sterling.reference.code_lists[0]["codes"][0]["receiverCode"] = "09-4000"
        read()
        assert "segment: 01-4000-100 → 09-4000" in sections(look())["Changed"]
        notice = Notice.unscoped.get(key__startswith="reference-", closed_at__isnull=True)
        assert notice.url == PAGE
        assert GLMapping.unscoped.get().segment == "01-4000-100"

        page = press("link/", **pair)
        assert "Changed" not in sections(page)
        assert GLMapping.unscoped.get().segment == "09-4000"
        notice.refresh_from_db()
        assert notice.closed_at is not None

    def test_a_linked_entry_that_is_gone_is_listed_until_it_is_unlinked(
        self, installation: ibm_sterling.Running, read: Read, look: Any, press: Any
    ) -> None:
        read()
        press("link/", books=entry("Foxglove Florist").pk, other=entry("QUILL SUPPLY").pk)
        installation.sterling.reference.partners.pop()
        read()
        assert "not listed any more" in sections(look())["Gone"]

        link = entry("QUILL SUPPLY").links_in.get()
        page = press("unlink/", link=link.pk)
        assert "Gone" not in sections(page)
        assert not ReferenceEntry.unscoped.filter(name="QUILL SUPPLY").exists()

    def test_what_is_set_aside_is_compared_again_on_request(self, read: Read, look: Any, press: Any) -> None:
        read()
        lone = entry("MARLOW PAPER")
        page = press("aside/", entry=lone.pk)
        assert "MARLOW PAPER" not in sections(page)["Only in Sterling"]
        assert "MARLOW PAPER" in sections(page)["Set aside"]

        page = press("aside/", entry=lone.pk, back="1")
        assert "MARLOW PAPER" in sections(page)["Only in Sterling"]

    def test_an_account_is_no_company(self, read: Read, press: Any) -> None:
        read()
        page = press("link/", books=entry("Revenue").pk, other=entry("ACME").pk)
        assert "Revenue and ACME cannot be linked." in page

    @pytest.mark.parametrize("wrong", ["", "x", "9" * 30, "-1"])
    def test_a_made_up_number_is_404(self, client: Client, bob: User, read: Read, wrong: str) -> None:
        read()
        client.force_login(bob)
        for action, name in (("link/", "books"), ("unlink/", "link"), ("aside/", "entry")):
            assert client.post(f"{PAGE}{action}", {name: wrong}).status_code == 404


class TestAddingToTheCodeList:
    def test_nothing_is_written_unless_it_is_switched_on(
        self, tenant: Tenant, installation: ibm_sterling.Running, read: Read
    ) -> None:
        _map(tenant, "1000", "01-1000")
        read()
        read()
        assert not [call for call in installation.sterling.calls if call["method"] != "GET"]

    def test_mapped_accounts_that_are_missing_are_added_and_linked(
        self,
        tenant: Tenant,
        sterling: Connection,
        installation: ibm_sterling.Running,
        read: Read,
        look: Any,
    ) -> None:
        sterling.settings["write_code_list"] = True
        sterling.save()
        _map(tenant, "1000", "01-1000")
        _map(tenant, "4000", "99-9999")
        read()
        read()

        codes = {one["senderCode"]: one["receiverCode"] for one in _codes(installation)}
        assert codes["1000"] == "01-1000"
        assert codes["4000"] == "01-4000-100", "what stands there is never changed"
        assert len(_codes(installation)) == 5
        assert "Cash" in sections(look())["In step"]

    def test_a_lost_answer_adds_it_once(
        self, tenant: Tenant, sterling: Connection, installation: ibm_sterling.Running, read: Read
    ) -> None:
        sterling.settings["write_code_list"] = True
        sterling.save()
        _map(tenant, "1000", "01-1000")
        read()
        ReferenceEntry.unscoped.filter(connection=sterling, key="1000").delete()
        installation.sterling.reference.code_lists[0]["codes"].pop()
        installation.sterling.faults.set("reply_lost", times=1, path="*/bulkupdatecodes")
        read()
        Connection.unscoped.update(paused_until=None)
        read()
        assert [one["senderCode"] for one in _codes(installation)].count("1000") == 1


class TestEditors:
    def test_segments_accounts_and_mailboxes_are_offered(
        self, client: Client, tenant: Tenant, bob: User, read: Read
    ) -> None:
        PartnerFactory.create(tenant=tenant, code="acme")
        read()
        client.force_login(bob)
        mapping = client.get("/t/acme-trading/gl-mappings/add/freshbooks/").content.decode()
        place = client.get("/t/acme-trading/partners/acme/places/add/").content.decode()
        assert '<option value="01-4000-100">' in mapping
        assert '<option value="6000">' in mapping
        assert '<option value="/acme/outbound">' in place

    def test_an_account_is_mapped_by_hand(self, client: Client, bob: User, read: Read) -> None:
        read()
        client.force_login(bob)
        data = {"source_kind": "account", "source_key": "6000", "segment": "01-6010-300", "partner": ""}
        client.post("/t/acme-trading/gl-mappings/add/freshbooks/", data)
        assert GLMapping.unscoped.get().source_kind == "account"


class TestWho:
    def test_a_stranger_sees_and_changes_nothing(self, client: Client, charlie: User, read: Read) -> None:
        read()
        client.force_login(charlie)
        assert client.get(PAGE).status_code == 404
        others = PAGE.replace("acme-trading", "other-company")
        assert client.get(others).status_code == 404
        assert client.post(f"{others}aside/", {"entry": entry("ACME").pk}).status_code == 404

    def test_a_viewer_looks_on(self, client: Client, tenant: Tenant, read: Read) -> None:
        read()
        vera = UserFactory.create(email="vera@example.org")
        MembershipFactory.create(tenant=tenant, user=vera, role=Role.VIEWER)
        client.force_login(vera)
        page = client.get(PAGE).content.decode()
        assert "MARLOW PAPER" in page
        assert "<button" not in page.partition('<section class="panel">')[2]
        assert client.post(f"{PAGE}aside/", {"entry": entry("ACME").pk}).status_code == 403

    def test_reading_again_is_a_click(self, read: Read, press: Any) -> None:
        read()
        assert "Both lists are being read." in press("read/")
        due = Poll.objects.filter(kind=PollKind.REFERENCE, next_at__lte=timezone.now())
        assert due.count() == 2


def _map(tenant: Tenant, account: str, segment: str) -> None:
    books = Connection.unscoped.get(system=SystemKind.FRESHBOOKS)
    GLMapping.objects.create(
        tenant=tenant, connection=books, source_kind="account", source_key=account, segment=segment
    )


def _codes(installation: ibm_sterling.Running) -> list[dict[str, Any]]:
    codes: list[dict[str, Any]] = installation.sterling.reference.code_lists[0]["codes"]
    return codes
