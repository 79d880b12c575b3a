"""A wrong key is a clear error when web, worker or a command starts; without data there is no error."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, connections

from connections.checks import keys_are_right, plant_canary, require_right_keys
from connections.models import KeyCanary

PROJECT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def wrong_key(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode()]


def errors() -> list[str]:
    return [str(error.id) for error in run_checks() if str(error.id) == "connections.E001"]


@pytest.mark.django_db
class TestCheck:
    def test_migrating_plants_the_canary_once(self) -> None:
        assert KeyCanary.objects.get().proof == KeyCanary.PROOF
        plant_canary(using="default")
        assert KeyCanary.objects.count() == 1

    def test_the_right_keys_pass(self, settings: Any) -> None:
        assert errors() == []
        settings.FIELD_ENCRYPTION_KEY = [Fernet.generate_key().decode(), *settings.FIELD_ENCRYPTION_KEY]
        assert errors() == []
        require_right_keys()

    def test_a_wrong_key_is_an_error_with_a_hint(self, wrong_key: None) -> None:
        assert errors() == ["connections.E001"]
        (error,) = [error for error in run_checks() if error.id == "connections.E001"]
        assert "do not open what this database holds" in error.msg
        assert "newest first" in str(error.hint)

    def test_the_web_process_refuses_it(self, wrong_key: None) -> None:
        with pytest.raises(ImproperlyConfigured, match=r"FIELD_ENCRYPTION_KEYS.*connections\.E001"):
            require_right_keys()

    def test_planting_again_never_replaces_a_canary_of_other_keys(self, wrong_key: None) -> None:
        plant_canary(using="default")
        assert not keys_are_right()

    def test_without_a_canary_there_is_nothing_to_say(self, wrong_key: None) -> None:
        KeyCanary.objects.only("pk").delete()
        assert keys_are_right()

    def test_without_its_table_there_is_nothing_to_say(self, wrong_key: None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE {KeyCanary._meta.db_table}")
        plant_canary(using="default")


def test_the_check_leaves_no_connection_open_for_forked_processes(transactional_db: None) -> None:
    connections["default"].close()
    assert keys_are_right()
    if connection.vendor != "sqlite":  # A database in memory stays open, or it would be gone.
        assert connections["default"].connection is None


# As processes


def manage(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=os.environ
        | {
            "DEBUG": "1",
            "ENV_FILE": os.devnull,
            "DJANGO_SETTINGS_MODULE": "connector_site.settings",
            "DATABASE_URL": f"sqlite:///{folder}/test.sqlite3",
        }
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_commands_and_web_stop_at_a_wrong_key(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    other = Fernet.generate_key().decode()
    checked = manage(tmp_path, "manage.py", "check", FIELD_ENCRYPTION_KEYS=key)
    assert checked.returncode == 0, checked.stderr
    migrated = manage(tmp_path, "manage.py", "migrate", FIELD_ENCRYPTION_KEYS=key)
    assert migrated.returncode == 0, migrated.stderr
    rotated = manage(tmp_path, "manage.py", "rotate_keys", FIELD_ENCRYPTION_KEYS=f"{other},{key}")
    assert rotated.returncode == 0, rotated.stderr
    for arguments in [("manage.py", "check"), ("manage.py", "migrate"), ("-c", "import connector_site.wsgi")]:
        right = manage(tmp_path, *arguments, FIELD_ENCRYPTION_KEYS=other)
        assert right.returncode == 0, right.stderr
        wrong = manage(tmp_path, *arguments, FIELD_ENCRYPTION_KEYS=key)
        assert wrong.returncode != 0
        assert "connections.E001" in wrong.stderr
        assert "do not open what this database holds" in wrong.stderr
        assert key not in wrong.stderr
