"""A model of our own with encrypted columns, whose table lives for one test."""

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps.registry import Apps
from django.db import connection, models

from connections.fields import EncryptedJSONField, EncryptedTextField


class Vault(models.Model):
    id = models.BigIntegerField(primary_key=True)
    label = models.CharField(max_length=50, default="")
    password = EncryptedTextField(null=True, blank=True)
    settings = EncryptedJSONField(default=dict)

    objects: models.Manager["Vault"] = models.Manager()

    class Meta:
        app_label = "vault"
        apps = Apps()

    def __str__(self) -> str:
        return self.label


def create_vault_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE vault_vault (id bigint PRIMARY KEY, label varchar(50) NOT NULL,"
            " password text NULL, settings text NOT NULL)"
        )


@pytest.fixture
def vault(db: None) -> type[Vault]:
    """The model with its table, which goes when the test's transaction is rolled back."""
    create_vault_table()
    return Vault


@pytest.fixture
def keys(settings: Any) -> list[str]:
    """Two fresh keys; the first is the only one in force."""
    fresh = [Fernet.generate_key().decode() for _ in range(2)]
    settings.FIELD_ENCRYPTION_KEY = fresh[:1]
    return fresh


def column(name: str, pk: int) -> Any:
    """What the database itself holds in one column of the vault."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {name} FROM vault_vault WHERE id = %s", [pk])  # noqa: S608
        return cursor.fetchone()[0]


def overwrite(name: str, pk: int, value: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE vault_vault SET {name} = %s WHERE id = %s", [value, pk])  # noqa: S608
