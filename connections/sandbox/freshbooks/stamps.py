"""How FreshBooks writes dates and times.

Accounting stamps carry no zone and are US/Eastern, daylight saving included; bills, bill vendors and the
`signup_date` of clients are UTC in the same notation; ledger accounts and identities are RFC 3339.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
_SECONDS = "%Y-%m-%d %H:%M:%S"


def eastern(moment: datetime) -> str:
    """`2026-02-01 10:15:00` in US/Eastern."""
    return moment.astimezone(EASTERN).strftime(_SECONDS)


def eastern_version(moment: datetime) -> str:
    """The `version` stamp: as `eastern`, with microseconds."""
    return moment.astimezone(EASTERN).strftime(f"{_SECONDS}.%f")


def utc(moment: datetime) -> str:
    """`2026-02-01 15:15:00` in UTC."""
    return moment.astimezone(UTC).strftime(_SECONDS)


def rfc3339(moment: datetime) -> str:
    """`2026-02-01T15:15:00.123456Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def today(moment: datetime) -> date:
    """The business's day."""
    return moment.astimezone(EASTERN).date()


def due_date(start: str, offset_days: int | None) -> str:
    """The day `offset_days` after the ISO date `start`."""
    return (date.fromisoformat(start) + timedelta(days=offset_days or 0)).isoformat()
