"""The settings form: what Stampli needs beside an SFTP server, and the table of status words."""

from typing import Any

import pytest

from connections.models import Connection, SystemKind
from connections.systems.base import Misconfigured
from connections.systems.registry import REGISTRY, open_system
from connections.systems.stampli.forms import StampliForm
from connections.systems.stampli.settings import Settings
from mappings.stampli import WORDS

FILLED = {
    "company_id": "QUILL",
    "no_number": "make",
    "export_dates": "YYYY-MM-DD",
    "status_words": "Paid = paid\nParked by AP = pending approval",
    "host": "sftp.stampli.example",
    "port": "22",
    "username": "byron",
    "password": "secret",
    "outbound_folder": "inbound",
    "inbound_folder": "outbound",
    "processed_folder": "outbound/processed",
    "error_folder": "outbound/error",
    "writing": "rename",
    "temporary_name": "dot_part",
    "settle_seconds": "30",
    "max_megabytes": "50",
    "after_collect": "move",
}


def filled(**changes: str) -> tuple[StampliForm, Connection]:
    connection = Connection(system=SystemKind.STAMPLI)
    initial = {name: field.initial for name, field in StampliForm.base_fields.items()}
    return StampliForm(connection, {**initial, **FILLED, **changes}), connection


def test_what_is_entered_becomes_settings() -> None:
    form, connection = filled()
    assert form.is_valid(), form.errors

    form.apply(connection)

    settings = Settings.of(connection.settings)
    assert (settings.company_id, settings.host) == ("QUILL", "sftp.stampli.example")
    assert settings.words == {"Paid": "paid", "Parked by AP": "pending_approval"}
    assert connection.credentials == {"password": "secret"}
    assert "secret" not in str(connection.settings)


def test_an_empty_table_is_the_one_to_begin_with() -> None:
    form, connection = filled(status_words="")
    assert form.is_valid(), form.errors

    form.apply(connection)

    assert Settings.of(connection.settings).words == WORDS


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"company_id": ""}, "company_id", "required"),
        ({"company_id": "../etc"}, "company_id", "letters, digits"),
        ({"status_words": "Paid"}, "status_words", "an equals sign"),
        ({"status_words": "Paid = paid\npaid = failed"}, "status_words", "twice"),
        ({"host": "https://stampli"}, "host", "Only the name"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(changes: dict[str, str], field: str, said: str) -> None:
    form, _ = filled(**changes)

    assert said in str(form.errors[field])


def test_every_field_is_shown_once() -> None:
    shown = [field.name for _, fields in StampliForm().grouped() for field in fields]

    assert sorted(shown) == sorted(StampliForm.base_fields)


def test_the_registry_opens_it_and_looks_every_quarter_of_an_hour() -> None:
    settings: dict[str, Any] = {"inbound_folder": "out"}
    with open_system(Connection(system=SystemKind.STAMPLI, settings=settings)) as system:
        assert system.places() == ["out"]
    assert REGISTRY[SystemKind.STAMPLI].poll_seconds == 900


def test_a_broken_table_of_words_is_a_wrong_setting() -> None:
    with pytest.raises(Misconfigured, match="table of status words"):
        _ = Settings.of({"status_words": ["Paid"]}).words
