"""The start-up check of the encryption keys.

Management commands, and with them the worker, run the system checks by themselves; the web process, which
Django starts without checks, calls `require_right_keys()`.
"""

from typing import Any

from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections

from connections.fields import DecryptionError
from connections.models import KeyCanary

WRONG_KEYS = "The keys in FIELD_ENCRYPTION_KEYS do not open what this database holds."
WRONG_KEYS_HINT = (
    "Set FIELD_ENCRYPTION_KEYS to the keys that this database was written with, newest first. "
    "docs/security.md says how keys are changed, and what to do when one is lost."
)


def keys_are_right(using: str = DEFAULT_DB_ALIAS) -> bool:
    """False when the keys do not open the canary. True as well when there is nothing to try them on yet: no
    database answers, or it is not migrated. Leaves no connection behind that a forked process would share."""
    was_connected = connections[using].connection is not None
    try:
        KeyCanary.objects.using(using).first()
    except DecryptionError:
        return False
    except DatabaseError:
        return True
    finally:
        if not was_connected:
            connections[using].close()
    return True


def require_right_keys() -> None:
    """Raises `ImproperlyConfigured` when the keys are the wrong ones."""
    if not keys_are_right():
        raise ImproperlyConfigured(f"{WRONG_KEYS} {WRONG_KEYS_HINT} (connections.E001)")


def plant_canary(*, using: str, **_: Any) -> None:
    """Store the canary after the first migration. Receives `post_migrate`."""
    connection = connections[using]
    if KeyCanary._meta.db_table in connection.introspection.table_names():
        KeyCanary.objects.using(using).bulk_create([KeyCanary()], ignore_conflicts=True)


@register()
def check_keys(**_: Any) -> list[CheckMessage]:
    return [] if keys_are_right() else [Error(WRONG_KEYS, hint=WRONG_KEYS_HINT, id="connections.E001")]
