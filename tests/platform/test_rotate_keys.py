"""`manage.py rotate_keys` moves every stored secret to the newest key, and never over a writer's change."""

import threading
from collections.abc import Callable, Iterator
from io import StringIO
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db import connection

from connections.key_rotation import Column, columns_of, encrypted_columns, rotate
from connections.models import KeyCanary
from tests.platform.conftest import Vault, column, create_vault_table, overwrite

PASSWORD, SETTINGS = columns_of(Vault)


@pytest.fixture
def rotating(keys: list[str], settings: Any) -> Callable[[], None]:
    """Brings the second key to the front, as an operator does before `rotate_keys`."""

    def bring_new_key() -> None:
        settings.FIELD_ENCRYPTION_KEY = [keys[1], keys[0]]

    return bring_new_key


def opens(key: str, name: str, pk: int) -> bytes:
    return Fernet(key).decrypt(column(name, pk))


def test_every_value_moves_to_the_newest_key(vault: type[Vault], keys: list[str], rotating: Any) -> None:
    vault.objects.bulk_create(
        [vault(id=pk, password=f"secret {pk}", settings={"n": pk}) for pk in range(1, 8)]
    )
    rotating()
    vault.objects.create(id=8, password="already new", settings={"n": 8})
    counts = rotate(PASSWORD, batch_size=3)
    assert (counts.rotated, counts.current, counts.unreadable) == (7, 1, [])
    assert rotate(SETTINGS, batch_size=3).rotated == 7
    assert opens(keys[1], "password", 3) == b"secret 3"
    assert opens(keys[1], "settings", 3) == b'{"n": 3}'
    assert vault.objects.get(id=8).password == "already new"


def test_a_second_run_finds_nothing_to_do(vault: type[Vault], rotating: Any) -> None:
    vault.objects.create(id=1, password="secret")
    rotating()
    rotate(PASSWORD)
    before = column("password", 1)
    counts = rotate(PASSWORD)
    assert (counts.rotated, counts.current) == (0, 1)
    assert column("password", 1) == before


def test_a_stopped_run_is_taken_up_again(vault: type[Vault], keys: list[str], rotating: Any) -> None:
    vault.objects.bulk_create([vault(id=pk, password=f"secret {pk}") for pk in range(1, 6)])
    rotating()
    updates = 0

    def power_cut(execute: Any, query: str, parameters: Any, many: bool, context: Any) -> Any:
        nonlocal updates
        updates += query.startswith("UPDATE")
        if updates == 3:
            raise SystemExit
        return execute(query, parameters, many, context)

    with pytest.raises(SystemExit), connection.execute_wrapper(power_cut):
        rotate(PASSWORD, batch_size=2)
    counts = rotate(PASSWORD, batch_size=2)
    assert (counts.rotated, counts.current) == (3, 2)
    assert [opens(keys[1], "password", pk) for pk in range(1, 6)] == [b"secret %d" % pk for pk in range(1, 6)]


def test_nulls_are_passed_over_and_empty_strings_are_not(
    vault: type[Vault], keys: list[str], rotating: Any
) -> None:
    vault.objects.create(id=1, password=None)
    vault.objects.create(id=2, password="")
    rotating()
    assert rotate(PASSWORD).rotated == 1
    assert column("password", 1) is None
    assert opens(keys[1], "password", 2) == b""


def test_a_dry_run_counts_and_writes_nothing(vault: type[Vault], rotating: Any) -> None:
    vault.objects.create(id=1, password="secret")
    before = column("password", 1)
    rotating()
    assert rotate(PASSWORD, dry_run=True).rotated == 1
    assert column("password", 1) == before


def test_an_unreadable_value_is_reported_and_stops_nothing(
    vault: type[Vault], keys: list[str], rotating: Any
) -> None:
    vault.objects.bulk_create([vault(id=pk, password="secret") for pk in (1, 2, 3)])
    overwrite("password", 2, Fernet(Fernet.generate_key()).encrypt(b"of another key").decode())
    before = column("password", 2)
    rotating()
    counts = rotate(PASSWORD, batch_size=2)
    assert (counts.rotated, counts.unreadable) == (2, [2])
    assert column("password", 2) == before


@pytest.mark.parametrize(
    ("meanwhile", "expected", "rotated"),
    [
        ("UPDATE vault_vault SET password = %s WHERE id = 1", "changed", 1),
        ("UPDATE vault_vault SET password = NULL WHERE id = 1 AND %s <> ''", None, 0),
        ("DELETE FROM vault_vault WHERE id = 1 AND %s <> ''", "deleted", 0),
    ],
)
def test_what_a_writer_stores_meanwhile_wins(
    vault: type[Vault], keys: list[str], rotating: Any, meanwhile: str, expected: str | None, rotated: int
) -> None:
    """The writer still works with the old key, and writes between our reading and our writing."""
    vault.objects.create(id=1, password="original")
    rotating()
    by_old_key = Fernet(keys[0]).encrypt(b"changed").decode()
    writes = iter([meanwhile])

    def writer(execute: Any, query: str, parameters: Any, many: bool, context: Any) -> Any:
        if query.startswith("UPDATE") and (write := next(writes, None)):
            with connection.cursor() as cursor:
                cursor.execute(write, [by_old_key])
        return execute(query, parameters, many, context)

    with connection.execute_wrapper(writer):
        assert rotate(PASSWORD).rotated == rotated
    if expected == "deleted":
        assert not vault.objects.exists()
    else:
        assert vault.objects.get().password == expected
        assert expected is None or opens(keys[1], "password", 1) == b"changed"


def test_keys_of_any_kind_are_walked_in_order(db: None, keys: list[str], rotating: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE vault_named (name varchar(50) PRIMARY KEY, secret text)")
        for name in ("b", "a", "d", "c"):
            cursor.execute(
                "INSERT INTO vault_named VALUES (%s, %s)", [name, Fernet(keys[0]).encrypt(b"x").decode()]
            )
    rotating()
    assert rotate(Column("vault.Named.secret", "vault_named", "name", "secret"), batch_size=1).rotated == 4


# The columns


def test_every_encrypted_column_is_found_and_the_canary_comes_last(db: None) -> None:
    labels = [found.label for found in encrypted_columns()]
    assert labels[-1] == "connections.KeyCanary.proof"
    assert {"connections.Connection.credentials", "connections.AccessToken.refresh_token"} <= set(labels)
    assert len(labels) == len(set(labels))


def test_proxies_and_unmanaged_models_are_passed_over() -> None:
    class Shown(Vault):
        class Meta:
            app_label = "vault"
            proxy = True
            apps = Vault._meta.apps

    assert columns_of(Shown) == []
    assert [found.name for found in columns_of(Vault)] == ["password", "settings"]


# The command


@pytest.mark.django_db
class TestCommand:
    def run(self, **options: Any) -> str:
        output = StringIO()
        call_command("rotate_keys", stdout=output, **options)
        return output.getvalue()

    @pytest.fixture(autouse=True)
    def canary(self, keys: list[str]) -> None:
        KeyCanary.objects.only("pk").delete()
        KeyCanary.objects.create()

    def test_it_prints_counts_and_says_when_old_keys_may_go(self, rotating: Any) -> None:
        rotating()
        output = self.run()
        assert (
            "connections.KeyCanary.proof: 1 re-encrypted, 0 already under the newest key, 0 unreadable"
            in output
        )
        assert "1 values re-encrypted: the newest key opens every value." in output
        assert "0 values re-encrypted" in self.run()

    def test_a_dry_run_says_so(self, rotating: Any) -> None:
        rotating()
        assert "1 values would be re-encrypted. Nothing was written." in self.run(dry_run=True)
        assert "1 values re-encrypted" in self.run()

    def test_unreadable_values_make_it_fail_and_are_named(self, settings: Any) -> None:
        settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode()]
        with pytest.raises(
            CommandError, match=r"none of the 1 configured keys .*: connections\.KeyCanary\.proof of row 1"
        ):
            self.run(skip_checks=True)

    def test_after_it_the_newest_key_alone_is_enough(
        self, keys: list[str], rotating: Any, settings: Any
    ) -> None:
        rotating()
        self.run()
        settings.FIELD_ENCRYPTION_KEY = [keys[1]]
        assert KeyCanary.objects.get().proof == KeyCanary.PROOF


# Real writers


@pytest.fixture
def shared_vault(transactional_db: None) -> Iterator[type[Vault]]:
    """The vault, visible to other connections too."""
    create_vault_table()
    yield Vault
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE vault_vault")


@pytest.mark.postgresql
def test_no_write_is_lost_while_others_write(
    shared_vault: type[Vault], keys: list[str], rotating: Any, settings: Any
) -> None:
    """Four writers, of which none knows of the rotation, change the rows that it is walking over."""
    count, last = 40, {}
    Vault.objects.bulk_create([Vault(id=pk, password="start") for pk in range(count)])
    rotating()
    stop = threading.Event()

    def write(number: int) -> None:
        turn = 0
        while not stop.is_set():
            turn += 1
            for pk in range(number, count, 4):
                Vault.objects.filter(id=pk).update(password=f"{number}-{turn}")
                last[pk] = f"{number}-{turn}"
        connection.close()

    writers = [threading.Thread(target=write, args=[number]) for number in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(5):
        settings.FIELD_ENCRYPTION_KEY = settings.FIELD_ENCRYPTION_KEY[::-1]
        rotate(PASSWORD, batch_size=7)
    stop.set()
    for writer in writers:
        writer.join()
    assert dict(Vault.objects.values_list("id", "password")) == last
    rotate(PASSWORD)
    newest = settings.FIELD_ENCRYPTION_KEY[0]
    assert {pk: opens(newest, "password", pk).decode() for pk in range(count)} == last
