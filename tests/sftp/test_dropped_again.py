"""The same bytes once more on an OpenSSH server: what was booked stays booked, what could not be used is tried anew."""

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Arrival, ArrivedDocument, Notice, Payload
from audit.services import dismiss_arrival, reopen_arrival, replay, replay_arrival
from connections.models import DocumentKind
from connections.pipeline.read import read_and_settle
from connections.systems.base import Misconfigured
from connections.systems.sftp.settings import AfterCollect
from mappings.models import FileLayout
from tests.factories import DeliveryPlaceFactory, FileLayoutFactory, PartnerFactory, UserFactory
from tests.inbound.conftest import PLACE, World, books, remittance, server, world
from tests.openssh import SSHD
from tests.sftp.partner import Server, by_layout, partner

__all__ = ["books", "partner", "server", "world"]

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]

INBOX = PLACE.strip("/")
AS_CSV = by_layout("remittance_advice_csv")


def layout_for(world: World, **changes: Any) -> FileLayout:
    """The shipped layout of remittances, or its next version."""
    layout = FileLayout.unscoped.filter(tenant=world.tenant).first()
    if layout is None:
        layout = FileLayoutFactory.create(tenant=world.tenant, standard="remittance_advice_csv")
    if changes:
        data = dict(layout.version.data)
        data["columns"] = [
            {**column, **changes} if column["name"] == "Payment Method" else column
            for column in data["columns"]
        ]
        layout.save_version(data)
    return layout


def paid(world: World, *invoices: dict[str, Any]) -> list[str]:
    """The payments of each of these invoices, "" for none."""
    return [
        " ".join(
            row["amount"]["amount"] for row in world.booked("payments") if row["invoiceid"] == invoice["id"]
        )
        for invoice in invoices
    ]


def story(arrival: Arrival) -> str:
    return "\n".join(arrival.events.order_by("sequence").values_list("text", flat=True))


@pytest.fixture
def invoice(world: World) -> dict[str, Any]:
    world.route(DocumentKind.REMITTANCE)
    return world.invoice("50.00")


@pytest.fixture
def unreadable(partner: Server, invoice: dict[str, Any]) -> bytes:
    """A file that no layout fits, dropped once and put aside."""
    content = AS_CSV(remittance("R-1", (invoice["invoice_number"], "50.00")))
    partner.lay("remit.csv", content)
    [arrival] = partner.look()
    assert (arrival.state, partner.names(INBOX)) == ("failed", [])
    return content


class TestWhollyFailed:
    def test_it_is_taken_once_the_layout_is_there(
        self, partner: Server, world: World, invoice: dict[str, Any], unreadable: bytes
    ) -> None:
        layout_for(world)
        partner.lay("remit-again.csv", unreadable)

        first, copy = partner.look()
        world.settle_all()

        assert (first.state, copy.state, copy.same_as) == ("read", "duplicate", first)
        assert paid(world, invoice) == ["50.00"]
        assert partner.names("done") == ["remit-again.csv"]
        assert "Read again, because the same bytes came once more as remit-again.csv" in story(first)
        assert "tried again there: this time all of it could be used" in story(copy)
        assert not Notice.unscoped.filter(key=f"arrival-{first.pk}", closed_at=None).exists()

    def test_moved_back_from_the_error_folder_it_is_taken_too(
        self, partner: Server, world: World, invoice: dict[str, Any], unreadable: bytes
    ) -> None:
        layout_for(world)
        partner.move("bad/remit.csv", f"{INBOX}/remit.csv")

        first, copy = partner.look()
        world.settle_all()

        assert (first.state, copy.state) == ("read", "duplicate")
        assert paid(world, invoice) == ["50.00"]
        assert partner.names("done") == ["remit.csv"]

    def test_moved_back_before_anything_was_corrected_it_goes_the_same_way(
        self, partner: Server, unreadable: bytes
    ) -> None:
        for count in (2, 3):
            partner.move("bad/remit.csv", f"{INBOX}/remit.csv")
            first, *copies = partner.look()
            assert (first.state, [copy.state for copy in copies]) == ("failed", ["duplicate"] * (count - 1))
            assert partner.names(INBOX) == []
            assert partner.names("bad") == ["remit.csv", "remit.csv.report.txt"]
        assert "it could not be used this time either" in copies[-1].reason
        assert "lay it there as it was" in partner.read("bad/remit.csv.report.txt")
        assert Notice.unscoped.filter(key__startswith="arrival-", closed_at=None).count() == 1

    def test_moved_back_while_it_cannot_be_put_aside_it_is_taken_once(
        self, partner: Server, unreadable: bytes
    ) -> None:
        partner.move("bad/remit.csv", f"{INBOX}/remit.csv")
        partner.openssh.local("bad").rename(partner.openssh.local("moved-away"))

        for _ in range(3):
            with suppress(Misconfigured):
                partner.look()

        assert partner.names(INBOX) == ["remit.csv"]
        assert Arrival.unscoped.count() == 2

    def test_what_a_person_dismissed_stays_dismissed(
        self, partner: Server, world: World, invoice: dict[str, Any], unreadable: bytes
    ) -> None:
        dismiss_arrival(Arrival.unscoped.get(), actor=UserFactory.create())
        layout_for(world)
        partner.lay("again.csv", unreadable)
        first, copy = partner.look()
        world.settle_all()
        assert (first.state, copy.state) == ("dismissed", "duplicate")
        assert paid(world, invoice) == [""]

    def test_in_another_partner_s_folder_it_is_read_as_theirs(
        self, partner: Server, world: World, unreadable: bytes
    ) -> None:
        other = PartnerFactory.create(tenant=world.tenant, code="other", name="Other")
        place = partner.openssh.remote("other")
        partner.openssh.make_folder("other")
        DeliveryPlaceFactory.create(partner=other, connection=world.files, outbound="/x", inbound=place)
        layout_for(world)
        partner.lay("remit.csv", unreadable, folder="other")
        first, copy = partner.look(place)
        assert (first.state, copy.state, copy.same_as) == ("failed", "read", None)
        assert copy.documents.get().partner == other

    def test_bytes_that_retention_has_taken_are_read_from_the_new_file(
        self, partner: Server, world: World, invoice: dict[str, Any], unreadable: bytes
    ) -> None:
        first = Arrival.unscoped.get()
        Payload.unscoped.filter(pk=first.payload_id).update(content=b"", removed_at=timezone.now())
        layout_for(world)
        partner.lay("remit.csv", unreadable)
        first, copy = partner.look()
        world.settle_all()
        assert (first.state, copy.state, copy.same_as) == ("failed", "read", None)
        assert paid(world, invoice) == ["50.00"]

    def test_where_files_are_left_in_the_folder_it_is_not_read_at_each_look(
        self, partner: Server, world: World, invoice: dict[str, Any]
    ) -> None:
        world.files.settings |= {"after_collect": AfterCollect.LEAVE}
        world.files.save()
        partner.lay("remit.csv", AS_CSV(remittance("R-1", (invoice["invoice_number"], "50.00"))))
        for _ in range(3):
            [arrival] = partner.look()
        assert (arrival.state, arrival.replays) == ("failed", 0)


class TestPartlyFailed:
    def test_only_the_rows_that_failed_are_handled(self, partner: Server, world: World) -> None:
        world.route(DocumentKind.REMITTANCE)
        layout_for(world, codes={"ach": ["ACH"]})
        invoices = [world.invoice("50.00"), world.invoice("60.00")]
        numbers = [invoice["invoice_number"] for invoice in invoices]
        good = AS_CSV(remittance("R-1", (numbers[0], "50.00"))).replace(b"ach", b"ACH")
        bad = AS_CSV(remittance("R-2", (numbers[1], "60.00"))).replace(b"ach", b"WIRE-X")
        content = good + bad.partition(b"\r\n")[2]
        partner.lay("half.csv", content)
        [first] = partner.look()
        world.settle_all()
        assert (first.state, paid(world, *invoices)) == ("partly_failed", ["50.00", ""])

        layout_for(world, codes={"ach": ["ACH", "WIRE-X"]})
        partner.lay("half.csv", content)
        first, copy = partner.look()
        world.settle_all()

        assert (first.state, copy.state) == ("read", "duplicate")
        assert paid(world, *invoices) == ["50.00", "60.00"]
        assert [row.state for row in ArrivedDocument.unscoped.order_by("position")] == ["taken", "taken"]


class TestSucceeded:
    def test_it_stays_a_duplicate_however_it_comes_back(
        self, partner: Server, world: World, invoice: dict[str, Any]
    ) -> None:
        layout_for(world)
        content = AS_CSV(remittance("R-1", (invoice["invoice_number"], "50.00")))
        partner.lay("remit.csv", content)
        partner.look()
        partner.lay("copy.csv", content)
        first, copy = partner.look()
        world.settle_all()
        assert (first.state, first.replays, copy.state) == ("read", 0, "duplicate")
        partner.move("done/remit.csv", f"{INBOX}/remit.csv")
        assert len(partner.look()) == 2
        assert partner.names(INBOX) == ["remit.csv"]
        assert paid(world, invoice) == ["50.00"]

    def test_a_person_may_have_the_copy_read_itself(
        self, partner: Server, world: World, invoice: dict[str, Any], unreadable: bytes
    ) -> None:
        partner.lay("copy.csv", unreadable)
        _, copy = partner.look()
        layout_for(world)
        replay_arrival(copy, actor=UserFactory.create())
        world.later()
        world.run()
        world.settle_all()
        copy.refresh_from_db()
        assert (copy.state, paid(world, invoice)) == ("read", ["50.00"])


class TestRefusedByFreshBooks:
    """The file can be read, but FreshBooks refuses what it holds, or does not answer for more than a day."""

    @pytest.fixture
    def refused(self, partner: Server, world: World, invoice: dict[str, Any]) -> bytes:
        layout_for(world)
        world.books.faults.set("conflict", resource="payments")
        content = AS_CSV(remittance("R-1", (invoice["invoice_number"], "50.00")))
        partner.lay("remit.csv", content)
        partner.look()
        world.settle_all()
        read_and_settle(world.files.pk)
        assert world.only().transfer == "failed"
        return content

    def test_the_file_goes_to_the_error_folder_with_the_reason(self, partner: Server, refused: bytes) -> None:
        assert (partner.names("done"), partner.names("bad")) == ([], ["remit.csv", "remit.csv.report.txt"])
        assert "could not be booked in FreshBooks" in partner.read("bad/remit.csv.report.txt")
        assert "line 2" in partner.read("bad/remit.csv.report.txt")

    def test_replayed_by_a_person_it_is_booked_and_the_file_goes_back(
        self, partner: Server, world: World, invoice: dict[str, Any], refused: bytes
    ) -> None:
        world.books.faults.clear("conflict")
        replay(world.only(), actor=UserFactory.create())
        world.settle_all()
        read_and_settle(world.files.pk)
        assert paid(world, invoice) == ["50.00"]
        assert (partner.names("done"), partner.names("bad")) == (["remit.csv"], [])

    @pytest.mark.parametrize("by_hand", [True, False])
    def test_dropped_again_it_is_tried_again(
        self, partner: Server, world: World, invoice: dict[str, Any], refused: bytes, by_hand: bool
    ) -> None:
        world.books.faults.clear("conflict")
        if by_hand:
            partner.move("bad/remit.csv", f"{INBOX}/remit.csv")
        else:
            partner.lay("again.csv", refused)
        _, copy = partner.look()
        world.settle_all()
        read_and_settle(world.files.pk)
        assert (copy.state, world.only().transfer) == ("duplicate", "delivered")
        assert "1 of its documents are booked again" in copy.reason
        assert paid(world, invoice) == ["50.00"]
        assert "remit.csv" in partner.names("done")
        assert "remit.csv" not in partner.names("bad")

    def test_refused_once_more_it_lies_in_the_error_folder_again(
        self, partner: Server, world: World, refused: bytes
    ) -> None:
        partner.move("bad/remit.csv", f"{INBOX}/remit.csv")
        partner.look()
        world.settle_all()
        read_and_settle(world.files.pk)
        assert world.only().transfer == "failed"
        assert "remit.csv" in partner.names("bad")
        assert partner.names("done") == []


def test_a_worker_that_dies_in_between_leaves_what_the_next_one_finishes(
    partner: Server, world: World, invoice: dict[str, Any], unreadable: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout_for(world)
    partner.lay("remit.csv", unreadable)
    first = Arrival.unscoped.get()

    def die(arrival: Arrival) -> None:
        reopen_arrival(first, arrival, due=timezone.now())
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("connections.pipeline.collect.read", die)
        with pytest.raises(KeyboardInterrupt):
            partner.look()
    assert set(Arrival.unscoped.values_list("state", flat=True)) == {"received"}

    world.later()
    read_and_settle(world.files.pk)
    world.settle_all()
    assert list(Arrival.unscoped.order_by("pk").values_list("state", flat=True)) == ["read", "duplicate"]
    assert (paid(world, invoice), partner.names("done")) == (["50.00"], ["remit.csv"])
