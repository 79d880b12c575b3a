"""The group of support staff: enough for their work, nothing that lets them become more."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from audit.decisions import FOR_ARRIVALS, FOR_DELIVERIES
from connections.admin.decisions import FOR_CONNECTIONS
from tenants.models import User
from tests.admin.conftest import World, browser_of
from tests.admin.test_every_page import every_page


@pytest.fixture
def sue(staff: User) -> User:
    """Someone of the support staff, in the group."""
    call_command("support_group", verbosity=0)
    staff.groups.set(Group.objects.filter(name="Support"))
    return User.objects.get(pk=staff.pk)


def test_every_page_opens(world: World, sue: User) -> None:
    browser = browser_of(sue)
    for url in every_page():
        assert browser.get(url).status_code == 200, url


def test_every_decision_may_be_taken(sue: User) -> None:
    for decision in (*FOR_DELIVERIES, *FOR_ARRIVALS, *FOR_CONNECTIONS):
        assert sue.has_perm(decision.permission), decision.key


@pytest.mark.parametrize(
    "permission",
    [
        "tenants.change_user",
        "tenants.add_user",
        "auth.change_group",
        "django_q.add_schedule",
        "django_q.change_schedule",
        "audit.change_delivery",
        "audit.delete_event",
        "connections.delete_connection",
    ],
)
def test_it_does_not_make_them_more(sue: User, permission: str) -> None:
    assert not sue.has_perm(permission)


def test_it_is_brought_up_to_date(sue: User) -> None:
    group = Group.objects.get()
    count = group.permissions.count()
    group.permissions.clear()
    call_command("support_group", verbosity=0)
    assert group.permissions.count() == count
