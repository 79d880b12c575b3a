"""When a route sends: at once, at intervals, at times of the day in the tenant's zone."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from connections.models import Route
from tenants.models import Tenant

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def route(**values: object) -> Route:
    return Route(tenant=Tenant(time_zone="America/New_York"), **values)


def test_at_once() -> None:
    assert route().next_slot(NOON) == NOON


def test_every_quarter_of_an_hour() -> None:
    assert route(every_minutes=15).next_slot(NOON.replace(minute=7)) == NOON.replace(minute=15)


def test_times_of_the_day_are_the_tenants_own() -> None:
    at = route(times_of_day=["08:00", "17:30"])
    assert at.next_slot(NOON) == datetime(2026, 3, 2, 13, 0, tzinfo=UTC)
    assert at.next_slot(NOON.replace(hour=14)) == datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    assert at.next_slot(NOON.replace(hour=23)) == datetime(2026, 3, 3, 13, 0, tzinfo=UTC)


def test_times_of_the_day_follow_summer_time() -> None:
    before_change = datetime(2026, 3, 7, 23, 0, tzinfo=UTC)
    assert route(times_of_day=["08:00"]).next_slot(before_change) == datetime(2026, 3, 8, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("times", ["08:00", ["8 o'clock"], [800], {"at": "08:00"}])
def test_times_that_are_none_are_refused(times: object) -> None:
    with pytest.raises(ValidationError) as refusal:
        route(times_of_day=times).clean()
    assert "times_of_day" in refusal.value.message_dict
