"""Two people at once, each in a transaction of their own, as only a real server lets them be."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from tenants import services
from tenants.models import Allowance, Invitation, LastOwnerError, Membership, Role, Tenant
from tests.factories import UserFactory

pytestmark = [pytest.mark.postgresql, pytest.mark.django_db(transaction=True)]


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Runs all actions at the same moment; their results, or what they raised."""
    results: list[object] = []
    start = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(action())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_two_owners_do_not_step_down_past_each_other(tenant, alice, bob):
    bob.memberships.update(role=Role.OWNER)

    def step_down(membership: Membership) -> None:
        membership.role = Role.VIEWER
        membership.save()

    first, second = alice.memberships.get(), bob.memberships.get()
    results = at_once(lambda: step_down(first), lambda: step_down(second))
    assert [type(result) for result in results if result] == [LastOwnerError]
    assert Membership.objects.for_tenant(tenant).filter(role=Role.OWNER).count() == 1


def test_two_owners_do_not_remove_each_other(tenant, alice, bob):
    bob.memberships.update(role=Role.OWNER)
    results = at_once(alice.memberships.get().delete, bob.memberships.get().delete)
    assert [type(result) for result in results if isinstance(result, Exception)] == [LastOwnerError]
    assert Membership.objects.for_tenant(tenant).filter(role=Role.OWNER).count() == 1


def test_one_invitation_lets_one_person_in(tenant, alice):
    invitation = Invitation(tenant=tenant, email="dora@example.org")
    invitation.renew(by=alice)
    invitation.save()
    users = UserFactory.create_batch(4)
    actions = [lambda user=user: services.accept_invitation(invitation, user) for user in users]
    results = at_once(*actions)
    assert sum(isinstance(result, services.InvitationError) for result in results) == 3
    assert Membership.objects.for_tenant(tenant).exclude(user=alice).count() == 1


def test_an_allowance_is_not_exceeded():
    def take() -> bool:
        return Allowance.take("mail", "a", limit=3, per=timedelta(hours=1))

    assert sorted(at_once(*[take] * 8)) == [False] * 5 + [True] * 3  # type: ignore[type-var]


def test_organisations_of_the_same_name_are_founded_at_once(alice, bob):
    def found() -> Tenant:
        return services.found_organisation(alice, name="Twin", time_zone="UTC")

    assert all(isinstance(result, Tenant) for result in at_once(*[found] * 4))
    assert Tenant.objects.filter(name="Twin").count() == 4
