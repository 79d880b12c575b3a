"""Three answers, one transition table, and a database that refuses what the table does not know."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.models import Delivery
from audit.states import ACKNOWLEDGEMENT_STEPS, TRANSFER_STEPS, Acknowledgement, IllegalStep, Transfer
from tests.factories import DeliveryFactory

EVERY_PAIR = [(before, after) for before in Transfer.values for after in Transfer.values]


@pytest.mark.parametrize(("before", "after"), EVERY_PAIR)
def test_a_transfer_takes_only_the_steps_of_the_table(before: str, after: str) -> None:
    delivery = Delivery(transfer=before)
    if after in TRANSFER_STEPS[before]:
        delivery.step(after)
        assert delivery.transfer == after
    else:
        with pytest.raises(IllegalStep):
            delivery.step(after)


def test_nothing_leaves_delivered_but_by_a_replay() -> None:
    assert TRANSFER_STEPS[Transfer.DELIVERED] == {Transfer.READY}


def test_a_rejection_is_final_and_beats_an_acceptance() -> None:
    delivery = Delivery(acknowledgement=Acknowledgement.ACCEPTED)
    delivery.acknowledge(Acknowledgement.REJECTED, timezone.now())
    assert ACKNOWLEDGEMENT_STEPS[delivery.acknowledgement] == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "answers",
    [
        {"document": "held", "transfer": "delivered", "delivered_at": timezone.now()},
        {"document": "held", "transfer": "sending"},
        {"transfer": "ready", "acknowledgement": "accepted"},
        {"transfer": "delivered", "delivered_at": None},
        {"transfer": "waiting", "next_attempt_at": None},
        {"transfer": "nonsense"},
        {"document": "nonsense"},
        {"transfer": "delivered", "delivered_at": timezone.now(), "acknowledgement": "nonsense"},
    ],
)
def test_the_database_refuses_answers_that_contradict_each_other(answers: dict[str, object]) -> None:
    delivery = DeliveryFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.unscoped.filter(pk=delivery.pk).update(**answers)


@pytest.mark.django_db
def test_one_delivery_per_route_record_and_revision() -> None:
    first = DeliveryFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        DeliveryFactory.create(
            tenant=first.tenant, route=first.route, source_id=first.source_id, revision=first.revision
        )
