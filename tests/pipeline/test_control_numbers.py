"""Control numbers: increasing, one sequence per sender, receiver and type, unique under concurrency."""

from threading import Thread

import pytest
from django.db import connections, transaction

from mappings.models import ControlNumber
from mappings.models.control_numbers import HIGHEST, next_control_number
from tenants.models import Tenant
from tests.factories import TenantFactory


def draw(tenant: Tenant, *, receiver: str = "ACME", kind: str = "interchange") -> int:
    with transaction.atomic():
        return next_control_number(tenant_id=tenant.pk, sender="BYRON", receiver=receiver, kind=kind)


def test_each_sequence_counts_for_itself(tenant: Tenant) -> None:
    assert [draw(tenant), draw(tenant), draw(tenant)] == [1, 2, 3]
    assert draw(tenant, receiver="OTHER") == 1
    assert draw(tenant, kind="IN") == 1
    assert draw(TenantFactory.create()) == 1


def test_the_highest_is_followed_by_one(tenant: Tenant) -> None:
    draw(tenant)
    ControlNumber.objects.update(last=HIGHEST)
    assert draw(tenant) == 1


def test_a_number_is_used_up_together_with_its_content(tenant: Tenant) -> None:
    draw(tenant)
    with transaction.atomic():
        next_control_number(tenant_id=tenant.pk, sender="BYRON", receiver="ACME", kind="interchange")
        transaction.set_rollback(True)
    assert draw(tenant) == 2


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_none_is_given_out() -> None:
    with pytest.raises(RuntimeError):
        next_control_number(tenant_id=1, sender="BYRON", receiver="ACME", kind="interchange")


@pytest.mark.django_db(transaction=True)
def test_many_threads_never_get_the_same() -> None:
    tenant = TenantFactory.create()
    drawn: list[int] = []

    def work() -> None:
        drawn.extend(draw(tenant) for _ in range(5))
        connections.close_all()

    threads = [Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == list(range(1, 31))
