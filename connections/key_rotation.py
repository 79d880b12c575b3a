"""Re-encrypts every encrypted column with the newest key, while others read and write."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import connections, models

from connections.fields import EncryptedJSONField, EncryptedTextField, all_keys, newest_key
from connections.models import KeyCanary


@dataclass(frozen=True)
class Column:
    """One encrypted column of one table."""

    label: str
    table: str
    key: str
    name: str


@dataclass
class Counts:
    """What became of the values of a column. `unreadable` holds the primary keys that no key opens."""

    rotated: int = 0
    current: int = 0
    unreadable: list[Any] = field(default_factory=list)


def encrypted_columns() -> list[Column]:
    """Every encrypted column of the installed models. The canary's is last: it vouches for the others."""
    found = [(model, column) for model in apps.get_models() for column in columns_of(model)]
    return [column for _, column in sorted(found, key=lambda pair: pair[0] is KeyCanary)]


def columns_of(model: type[models.Model]) -> list[Column]:
    """The encrypted columns in the model's own table."""
    meta = model._meta
    key = meta.pk.column if meta.pk else None
    if meta.proxy or not meta.managed or not key:
        return []
    return [
        Column(label=f"{meta.label}.{field.name}", table=meta.db_table, key=key, name=field.column)
        for field in meta.local_concrete_fields
        if isinstance(field, EncryptedTextField | EncryptedJSONField) and field.column
    ]


def rotate(column: Column, *, using: str = "default", batch_size: int = 500, dry_run: bool = False) -> Counts:
    """Re-encrypt the values that are not under the newest key. May be stopped and started again at any time.

    Each value is replaced alone, and only if it is still the one that was read: what a writer stores
    meanwhile is looked at again, never overwritten. With `dry_run` nothing is written, and `rotated` counts
    what would be.
    """
    counts = Counts()
    for key, token in _tokens(column, using, batch_size):
        try:
            if _rotate_value(column, key, token, using, dry_run):
                counts.rotated += 1
            else:
                counts.current += 1
        except InvalidToken:
            counts.unreadable.append(key)
    return counts


def _tokens(column: Column, using: str, batch_size: int) -> Iterator[tuple[Any, str]]:
    """Primary key and ciphertext of every value, as the database holds them, in the order of the key."""
    quote = connections[using].ops.quote_name
    table, key, name = quote(column.table), quote(column.key), quote(column.name)
    select = f"SELECT {key}, {name} FROM {table} WHERE {name} IS NOT NULL"  # noqa: S608
    batch = _fetch(using, f"{select} ORDER BY {key} LIMIT %s", [batch_size])
    while batch:
        yield from batch
        last = batch[-1][0]
        batch = _fetch(using, f"{select} AND {key} > %s ORDER BY {key} LIMIT %s", [last, batch_size])


def _rotate_value(column: Column, key: Any, token: str, using: str, dry_run: bool) -> bool:
    """True when the value was re-encrypted. Raises `InvalidToken` when no key opens it."""
    quote = connections[using].ops.quote_name
    table, name, where = quote(column.table), quote(column.name), f"{quote(column.key)} = %s"
    while not _is_current(token):
        fresh = all_keys().rotate(token).decode("ascii")
        if dry_run:
            return True
        with connections[using].cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {name} = %s WHERE {where} AND {name} = %s",  # noqa: S608
                [fresh, key, token],
            )
            if cursor.rowcount:
                return True
        # A writer was quicker: look at what it wrote.
        rows = _fetch(using, f"SELECT {name} FROM {table} WHERE {where} AND {name} IS NOT NULL", [key])  # noqa: S608
        if not rows:
            return False
        token = rows[0][0]
    return False


def _is_current(token: str) -> bool:
    try:
        newest_key().decrypt(token)
    except InvalidToken:
        return False
    return True


def _fetch(using: str, query: str, parameters: list[Any]) -> list[tuple]:
    with connections[using].cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()
