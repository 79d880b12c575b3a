"""What is due together goes in one file, once: each document with its own timeline, states and acknowledgement."""

from collections.abc import Callable
from typing import Any

import pytest

from audit import services
from audit.models import Delivery
from audit.states import Transfer
from connections.models import Format
from connections.pipeline import batch, claim, conclude
from connections.sandbox.sftp import Verdict
from connections.systems.sftp.system import Sftp
from mappings.models import TradingPartner
from tenants.models import User
from tests.factories import DeliveryPlaceFactory, FileLayoutFactory, PartnerFactory, PartnerLinkFactory
from tests.pipeline.conftest import FOXGLOVE, World
from tests.pipeline.test_faults import long_ago


@pytest.fixture
def together(world: World) -> World:
    """Invoices wait for the full hour, and then go in one file."""
    world.route.batch = True
    world.route.every_minutes = 60
    world.route.save()
    return world


def booked(world: World, count: int = 3) -> list[str]:
    """The numbers of invoices that were found and wait."""
    numbers = [world.book()["invoice_number"] for _ in range(count)]
    world.run()
    return numbers


def files(world: World) -> list[str]:
    """The names of all files that ever were sent."""
    names = {one.interchange_name for one in world.deliveries() if one.is_delivered}
    return sorted(names)


def test_what_is_due_goes_in_one_interchange_and_each_has_its_own_answer(together: World) -> None:
    numbers = booked(together)
    assert {one.transfer for one in together.deliveries()} == {"ready"}
    assert together.story(together.deliveries()[0]) == ["found", "collected"]
    together.files.sandbox.partner.company.verdicts[numbers[1]] = Verdict.REJECT
    together.later()
    first, second, third = together.deliveries()
    assert {one.interchange_id for one in together.deliveries()} == {first.interchange_id}
    assert [one.message_control for one in (first, second, third)] == ["0001", "0002", "0003"]
    assert [one.batch_size for one in (first, second, third)] == [3, 3, 3]
    assert sorted(together.received()) == sorted(numbers)
    together.run()
    answers = [one.acknowledgement for one in together.deliveries()]
    assert answers == ["accepted", "rejected", "accepted"]
    story = ["found", "collected", "translated", "delivered", "acknowledgement"]
    assert [together.story(one) for one in together.deliveries()] == [story] * 3


def test_a_contrl_answers_each_message_of_an_edifact_file(together: World) -> None:
    type(together.route).unscoped.filter(pk=together.route.pk).update(format=Format.EDIFACT)
    numbers = booked(together)
    together.files.sandbox.partner.company.verdicts[numbers[1]] = Verdict.REJECT
    together.later()
    assert sorted(together.received()) == sorted(numbers)
    together.run()
    answers = [one.acknowledgement for one in together.deliveries()]
    assert answers == ["accepted", "rejected", "accepted"]
    assert together.complaints() == []


def test_who_finds_the_file_has_found_all_that_is_in_it(together: World, alice: User) -> None:
    booked(together, 2)
    together.later()
    Delivery.unscoped.update(transfer="in_doubt", acknowledgement="none")
    services.resolve_doubt(together.deliveries()[0], actor=alice, was_sent=True)
    assert {one.transfer for one in together.deliveries()} == {"delivered"}
    Delivery.unscoped.update(transfer="in_doubt", acknowledgement="none")
    services.resolve_doubt(together.deliveries()[0], actor=alice, was_sent=False)
    assert {one.transfer for one in together.deliveries()} == {"ready"}


def test_every_partner_gets_its_own_file(together: World) -> None:
    foxglove = PartnerFactory.create(tenant=together.tenant, code="foxglove", name="Foxglove")
    DeliveryPlaceFactory.create(partner=foxglove, connection=together.sftp, outbound="inbound")
    PartnerLinkFactory.create(partner=foxglove, connection=together.freshbooks, party_id=FOXGLOVE)
    together.book()
    together.book(FOXGLOVE)
    together.book()
    together.run()
    together.later()
    assert sorted(one.batch_size for one in together.deliveries()) == [1, 2, 2]
    assert len(files(together)) == 2


def test_one_that_cannot_go_stops_none_of_the_others(together: World) -> None:
    together.book(FOXGLOVE)
    numbers = booked(together, 2)
    TradingPartner.unscoped.filter(pk=together.acme.pk).update(needs_po_number=True)
    together.books.bookkeeper.edit_invoice(
        int(together.deliveries()[1].source_id), po_number=" ", notify=False
    )
    together.run()
    together.later()
    assert set(together.received()) < set(numbers)
    assert len([one for one in together.deliveries() if one.is_held]) == 2


def test_documents_that_a_file_cannot_tell_apart_go_one_by_one(together: World) -> None:
    data = {
        "document": "invoice",
        "format": "csv",
        "direction": "write",
        "group": ["Day"],
        "columns": [{"name": "Day", "field": "date"}, {"name": "Total", "field": "total"}],
    }
    FileLayoutFactory.create(tenant=together.tenant, data=data)
    type(together.route).unscoped.filter(pk=together.route.pk).update(format=Format.CSV)
    booked(together, 2)
    together.later()
    assert [one.transfer for one in together.deliveries()] == ["delivered", "delivered"]
    assert len(files(together)) == 2


class Killed(BaseException):
    """`kill -9`: nothing catches it, and nothing after it happens."""


def dies_in(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, *, on_call: int = 1) -> None:
    """Let the worker die when `name` is called the `on_call`th time, before it does anything."""
    real: Callable[..., Any] = getattr(owner, name)
    calls: list[int] = []

    def deadly(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == on_call:
            raise Killed
        return real(*arguments, **named)

    monkeypatch.setattr(owner, name, deadly)


@pytest.mark.parametrize(
    ("owner", "name", "on_call"),
    [
        (batch, "store", 1),
        (batch, "finish", 2),
        (claim, "_claim", 2),
        (Sftp, "send", 1),
        (conclude, "_delivered", 1),
        (conclude, "_delivered", 3),
        (conclude, "note_success", 1),
    ],
)
def test_whenever_the_worker_dies_all_are_sent_once(
    together: World, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, on_call: int
) -> None:
    numbers = booked(together)
    with monkeypatch.context() as patched:
        dies_in(patched, owner, name, on_call=on_call)
        with pytest.raises(Killed):
            together.later()
    for _ in range(2):
        long_ago(together)
        together.later()
    assert [one.transfer for one in together.deliveries()] == ["delivered"] * 3
    assert len(files(together)) == 1
    assert sorted(together.received()) == sorted(numbers)
    assert together.complaints() == []


@pytest.mark.parametrize("fault", ["cut_in_upload", "cut_after_upload", "cut_after_rename"])
def test_a_connection_cut_at_any_step_leaves_one_file(together: World, fault: str) -> None:
    numbers = booked(together)
    params = {"after_bytes": 100} if fault == "cut_in_upload" else {}
    together.files.sandbox.faults.set(fault, times=1, **params)
    together.later()
    assert {one.is_delivered for one in together.deliveries()} == {False}
    together.later()
    long_ago(together)
    together.later()
    assert {one.is_delivered for one in together.deliveries()} == {True}
    assert sorted(together.received()) == sorted(numbers)


class TestWhenOneIsNotToBeSentAnyMore:
    def test_the_others_go_in_a_new_file_if_it_is_surely_not_there(
        self, together: World, alice: User
    ) -> None:
        numbers = booked(together)
        together.files.sandbox.close()
        together.later()
        before = together.deliveries()
        assert {one.transfer for one in before} == {"waiting"}
        services.dismiss(before[0], actor=alice)
        reopen(together)
        together.later()
        after = together.deliveries()
        assert [one.transfer for one in after] == ["dismissed", "delivered", "delivered"]
        assert after[1].interchange_id != before[1].interchange_id
        assert after[1].interchange_name != before[1].interchange_name
        assert set(together.received()) == set(numbers) - {before[0].number}

    def test_it_is_looked_for_first_if_it_may_be_there(self, together: World, alice: User) -> None:
        numbers = booked(together)
        together.files.sandbox.faults.set("cut_after_rename", times=1)
        together.later()
        first, *_ = together.deliveries()
        assert first.transfer == "waiting"
        services.dismiss(first, actor=alice)
        long_ago(together)
        together.later()
        assert [one.transfer for one in together.deliveries()] == ["dismissed", "delivered", "delivered"]
        assert sorted(together.received()) == sorted(numbers)
        assert together.story(first)[-1] == "got_through"

    def test_a_file_that_never_arrived_is_made_anew_without_it(self, together: World, alice: User) -> None:
        numbers = booked(together)
        together.files.sandbox.faults.set("cut_in_upload", times=1, after_bytes=100)
        together.later()
        first, *_ = together.deliveries()
        first.attempts.update(outcome="unknown")
        services.dismiss(first, actor=alice)
        Delivery.unscoped.update(progress={})
        long_ago(together)
        together.later()
        together.later()
        assert [one.transfer for one in together.deliveries()] == ["dismissed", "delivered", "delivered"]
        assert set(together.received()) == set(numbers) - {first.number}

    def test_a_replay_sends_it_in_the_next_file(self, together: World, alice: User) -> None:
        numbers = booked(together)
        together.later()
        sent = together.deliveries()[1]
        services.replay(sent, actor=alice)
        together.later()
        again = Delivery.unscoped.get(pk=sent.pk)
        assert again.transfer == Transfer.DELIVERED
        assert again.batch_size == 1
        assert again.interchange_name != sent.interchange_name
        together.received()
        assert len(together.files.sandbox.partner.company.documents) == len(numbers) + 1


def reopen(world: World) -> None:
    world.files.sandbox.listen(port=world.files.port)
    assert world.files.sandbox.ssh
    world.files.sandbox.ssh.start()


def test_a_dry_run_shows_each_document_in_its_own_file(together: World) -> None:
    together.route.dry_run = True
    together.route.save()
    booked(together, 2)
    assert [one.transfer for one in together.deliveries()] == ["skipped", "skipped"]
    assert all(one.interchange_id for one in together.deliveries())
    assert together.received() == []


def test_files_are_named_as_the_route_says(together: World) -> None:
    together.route.file_name = "ACME_{date}_{sequence}.EDI"
    together.route.save()
    booked(together, 2)
    together.later()
    booked(together, 1)
    together.later()
    names = files(together)
    assert len(names) == 2
    assert [name.rpartition("_")[2] for name in names] == ["000001.EDI", "000002.EDI"]
