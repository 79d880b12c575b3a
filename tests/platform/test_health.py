"""What monitors ask: does the process answer, and do documents flow?"""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from connections.models import Heartbeat
from connector_site import health


@pytest.fixture
def worker() -> Heartbeat:
    return Heartbeat.objects.create(name="host-1", host="host-1")


def problems(client: Client) -> dict[str, str]:
    """The checks that failed; none means 200, any 503."""
    response = client.get("/health/ready")
    body = response.json()
    failed = {name: problem for name, problem in body["checks"].items() if problem}
    assert (response.status_code, body["status"]) == ((503, "not ready") if failed else (200, "ready"))
    assert response["Cache-Control"] == "no-store"
    assert list(body["checks"]) == ["database", "migrations", "keys", "worker", "work"]
    return failed


def test_a_live_process_answers_without_the_database(client: Client) -> None:
    response = client.get("/health/live")
    assert (response.status_code, response.json()) == (200, {"status": "alive"})


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_probes_come_from_inside_under_any_name_and_by_plain_http(
    client: Client, db: None, settings: Any, worker: Heartbeat, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["connector.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    response = client.get(path, headers={"host": "10.0.0.7:8000"})
    assert response.status_code == 200
    assert response.cookies == {}
    assert client.head(path, headers={"host": "10.0.0.7:8000"}).status_code == 200


def test_no_other_address_is_answered_in_front(client: Client, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["connector.example.org"]
    for path in ("/health", "/health/", "/health/live/", "/health/ready/x", "//health/live"):
        assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 400


@pytest.mark.django_db
class TestReady:
    def test_with_a_worker_and_nothing_waiting(self, client: Client, worker: Heartbeat) -> None:
        assert problems(client) == {}

    def test_not_before_a_worker_has_run(self, client: Client) -> None:
        assert problems(client) == {"worker": "No worker has ever run."}

    def test_not_when_the_workers_are_silent(self, client: Client, worker: Heartbeat) -> None:
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=2, seconds=50))
        assert problems(client) == {}
        Heartbeat.objects.update(beat_at=timezone.now() - timedelta(minutes=7, seconds=5))
        assert problems(client) == {"worker": "No worker has shown a sign of life for 7 minutes."}

    def test_one_living_worker_is_enough(self, client: Client, worker: Heartbeat) -> None:
        Heartbeat.objects.create(name="gone", host="gone", beat_at=timezone.now() - timedelta(days=9))
        assert problems(client) == {}

    def test_not_when_due_work_waits_too_long(self, client: Client, worker: Heartbeat, settings: Any) -> None:
        settings.READY_MAX_WAIT_SECONDS = 600
        with patch.object(health, "oldest_due", lambda: timezone.now() - timedelta(seconds=590)):
            assert problems(client) == {}
        with patch.object(health, "oldest_due", lambda: timezone.now() - timedelta(hours=5)):
            assert problems(client) == {"work": "The oldest due work has waited for 5 hours."}

    def test_not_with_the_wrong_keys(self, client: Client, worker: Heartbeat, keys: list[str]) -> None:
        assert problems(client) == {"keys": "The encryption keys do not open what the database holds."}

    def test_not_before_the_migrations(self, client: Client, worker: Heartbeat) -> None:
        MigrationRecorder(connection).record_unapplied("connections", "0001_initial")
        assert problems(client) == {"migrations": "1 migrations are not applied: run `manage.py migrate`."}

    def test_not_without_the_database_and_without_saying_where_it_is(
        self, client: Client, worker: Heartbeat
    ) -> None:
        def refuse(*_: Any) -> None:
            raise OperationalError("connection to server at db-7.internal failed for user connector")

        with connection.execute_wrapper(refuse):
            response = client.get("/health/ready")
        assert response.status_code == 503
        assert "db-7" not in response.text
        failed = {name for name, problem in response.json()["checks"].items() if problem}
        assert {"database", "migrations", "worker", "work"} <= failed
