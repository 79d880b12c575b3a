"""What came in is acknowledged where that was agreed, once, and never an acknowledgement."""

import datetime as dt

import pytest

from audit.models import Delivery
from audit.services import replay_arrival
from connections.models import Route
from connections.pipeline.prepare import recheck_tenant
from connections.pipeline.read import read
from mappings.canonical import Acknowledgement
from mappings.codecs import edifact, x12
from mappings.models import DeliveryPlace
from tenants.models import User
from tests.inbound.conftest import DAY, PURCHASE_ORDER, World, interchange, order


def agree(world: World, form: str = "997") -> None:
    world.acme.answers_with = form
    world.acme.save()


def answer(delivery: Delivery) -> list[Acknowledgement]:
    assert delivery.interchange is not None
    content = bytes(delivery.interchange.content)
    found = [item.document for item in x12.read(content) if isinstance(item, x12.Message)]
    return [one for one in found if isinstance(one, Acknowledgement)]


def test_nothing_is_acknowledged_unless_it_was_agreed(world: World) -> None:
    world.send(order())
    assert Delivery.unscoped.count() == 0


@pytest.mark.parametrize("form", ["997", "999"])
def test_an_order_is_acknowledged_in_the_agreed_form(world: World, form: str) -> None:
    agree(world, form)
    world.route(PURCHASE_ORDER)
    arrival = world.send(order())
    delivery = world.only(kind="acknowledgement")
    assert (delivery.place, delivery.target) == ("/acme/in", world.files)
    assert (delivery.sender, delivery.receiver) == ("ZZ:BYRON", "ZZ:ACME")
    (said,) = answer(delivery)
    assert (said.form, said.status, said.document_type) == (form, "accepted", "PO")
    assert delivery.arrival == arrival
    assert not delivery.is_inbound
    assert world.only(kind="bill").transfer == "ready"


def test_a_broken_message_is_rejected_and_the_others_accepted(world: World) -> None:
    agree(world)
    content = interchange(order("PO-1"), order("PO-2"))
    world.arrive(content.replace(b"BEG*00*SA*PO-2", b"BEG*00*SA*"))
    (said,) = answer(world.only(kind="acknowledgement"))
    assert said.status == "partial"
    assert [part.status for part in said.parts] == ["accepted", "rejected"]


def test_an_acknowledgement_is_never_acknowledged(world: World) -> None:
    agree(world)
    accepted = Acknowledgement(
        form="997",
        level="group",
        status="accepted",
        control_number="7",
        document_type="IN",
        included=1,
        received=1,
        accepted=1,
    )
    world.send(accepted)
    assert Delivery.unscoped.count() == 0


def test_a_second_reading_acknowledges_nothing_again(world: World, alice: User) -> None:
    agree(world)
    arrival = world.send(order())
    read(replay_arrival(arrival, actor=alice))
    assert Delivery.unscoped.filter(kind="acknowledgement").count() == 1


def test_without_a_place_it_waits_for_one(world: World) -> None:
    agree(world)
    DeliveryPlace.unscoped.all().delete()
    world.send(order())
    held = world.only(kind="acknowledgement")
    assert held.reason_code == "no_place"
    DeliveryPlace.unscoped.create(
        tenant=world.tenant, partner=world.acme, connection=world.files, outbound="/acme/in"
    )
    recheck_tenant(world.tenant.pk)
    held.refresh_from_db()
    assert (held.document, held.place) == ("valid", "/acme/in")


def test_people_see_its_route_and_switch_it_off(world: World) -> None:
    agree(world)
    world.send(order("PO-1"))
    Route.unscoped.filter(kind="acknowledgement").update(is_on=False)
    world.send(order("PO-2"))
    assert Delivery.unscoped.filter(kind="acknowledgement").count() == 1


def test_edifact_is_answered_with_contrl(world: World) -> None:
    agree(world)
    envelope = edifact.Envelope(
        sender=edifact.Identity(id="ACME", qualifier=world.acme.edifact_receiver_qualifier),
        receiver=edifact.Identity(id="BYRON", qualifier=world.acme.edifact_sender_qualifier),
        date=DAY,
        time=dt.time(9, 30),
        control_number="41",
    )
    world.arrive(edifact.write([order()], envelope).data)
    delivery = world.only(kind="acknowledgement")
    assert delivery.interchange is not None
    (said,) = [
        item.document
        for item in edifact.read(bytes(delivery.interchange.content))
        if isinstance(item, edifact.Message)
    ]
    assert isinstance(said, Acknowledgement)
    assert (said.form, said.status, said.control_number) == ("contrl", "accepted", "41")
