"""The settings form of an SFTP connection, as a person fills it in."""

from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection, SystemKind
from connections.systems.sftp.forms import SftpForm
from connections.systems.sftp.settings import Credentials, Settings
from tests.sftp.test_keys import ED25519, pem, public_line

VALID = {
    "host": "sftp.partner.com",
    "port": "22",
    "username": "acme",
    "password": "pass word ",
    "outbound_folder": "inbound",
    "writing": "rename",
    "temporary_name": "dot_part",
    "check_size": "on",
    "inbound_folder": "outbound",
    "settle_seconds": "30",
    "max_megabytes": "50",
    "after_collect": "move",
    "processed_folder": "outbound/processed",
    "error_folder": "outbound/error",
}


def filled(instance: Connection | None = None, /, **changes: str) -> SftpForm:
    data = {name: value for name, value in (VALID | changes).items() if value != "(absent)"}
    return SftpForm(instance, data)


def applied(form: SftpForm, connection: Connection | None = None) -> Connection:
    assert form.is_valid(), form.errors
    connection = connection or Connection(system=SystemKind.SFTP)
    form.apply(connection)
    return connection


@pytest.fixture
def stored() -> Connection:
    return applied(filled())


def test_what_is_entered_becomes_settings_and_credentials(stored: Connection) -> None:
    settings = Settings.of(stored.settings)

    assert (settings.host, settings.port, settings.username) == ("sftp.partner.com", 22, "acme")
    assert settings.check_size is True
    assert settings.write_marker is False
    assert settings.patterns == ()
    assert Credentials.of(stored.credentials).password == "pass word "
    assert "password" not in stored.settings
    assert stored.credentials_set_at is not None


def test_the_defaults_of_the_form_are_those_of_the_settings() -> None:
    form, settings = SftpForm(), Settings()

    for name, field in form.fields.items():
        if field.initial is not None and name not in form.secret_names():
            assert field.initial == getattr(settings, name), name


def test_every_setting_has_a_field_and_every_field_is_under_a_heading() -> None:
    form = SftpForm()
    names = {name for _, fields in form.groups for name in fields}

    assert set(form.fields) == names
    assert names - set(form.secret_names()) == set(Settings.__dataclass_fields__)
    assert set(form.secret_names()) == set(Credentials.__dataclass_fields__)


def test_a_page_never_holds_a_secret(stored: Connection) -> None:
    stored.credentials = {"password": "s3cret-s3cret-s3cret", "private_key": pem(ED25519)}
    for form in (SftpForm(stored), filled(stored, host="bad host", password="typed-s3cret")):
        html = form.as_p()
        assert "s3cret-s3cret" not in html
        assert "typed-s3cret" not in html
        assert "BEGIN OPENSSH" not in html


class TestStoredSecrets:
    def test_an_empty_field_keeps_what_is_stored(self, stored: Connection) -> None:
        changed_at = stored.credentials_set_at

        applied(filled(stored, password="", username="other"), stored)

        assert stored.credentials["password"] == "pass word "
        assert stored.settings["username"] == "other"
        assert stored.credentials_set_at == changed_at

    def test_a_new_one_replaces_it(self, stored: Connection) -> None:
        stored.credentials_set_at = None

        applied(filled(stored, password="new"), stored)

        assert stored.credentials["password"] == "new"
        assert stored.credentials_set_at is not None
        assert stored.credentials_set_at <= timezone.now()

    def test_a_cleared_one_is_gone(self, stored: Connection) -> None:
        form = filled(stored, password="", private_key=pem(ED25519), **{"password-clear": "on"})

        applied(form, stored)

        assert set(stored.credentials) == {"private_key"}

    @pytest.mark.parametrize("change", [{"host": "evil.example"}, {"port": "2222"}])
    def test_they_are_not_sent_to_another_address_without_being_entered_again(
        self, stored: Connection, change: dict[str, str]
    ) -> None:
        form = filled(stored, password="", **change)

        assert not form.is_valid()
        assert "another address" in str(form.errors["password"])
        assert filled(stored, password="again", **change).is_valid()

    def test_settings_that_the_form_does_not_know_stay(self, stored: Connection) -> None:
        stored.settings["of_a_later_version"] = 1

        applied(filled(stored, password=""), stored)

        assert stored.settings["of_a_later_version"] == 1


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"host": "sftp://partner.com"}, "host", "Only the name"),
        ({"host": "partner.com:22"}, "host", "Only the name"),
        ({"host": "acme@partner.com"}, "host", "Only the name"),
        ({"host": "partner.com/inbound"}, "host", "Only the name"),
        ({"port": "70000"}, "port", "65535"),
        ({"password": ""}, "password", "password or a private key"),
        ({"private_key": "PuTTY-User-Key-File-2: ssh-rsa"}, "private_key", "PuTTYgen"),
        ({"private_key": public_line(ED25519)}, "private_key", "a public key"),
        ({"private_key": pem(ED25519, passphrase="right")}, "passphrase", "protected by a passphrase"),
        (
            {"private_key": pem(ED25519, passphrase="right"), "passphrase": "wrong"},
            "passphrase",
            "does not open",
        ),
        ({"host_keys": "ssh-ed25519 nonsense"}, "host_keys", "is not a host key"),
        ({"processed_folder": ""}, "processed_folder", "where collected files are moved"),
        ({"error_folder": ""}, "error_folder", "where collected files are moved"),
        ({"outbound_folder": ""}, "outbound_folder", "required"),
        ({"outbound_folder": "in\x07box"}, "outbound_folder", "invisible"),
        ({"outbound_folder": "./outbound/"}, "inbound_folder", "read our own files"),
        ({"processed_folder": "outbound/."}, "processed_folder", "taken again"),
        ({"error_folder": "outbound", "after_collect": "delete"}, "error_folder", "taken again"),
        ({"marker_ending": "done"}, "marker_ending", "such as .done"),
        ({"marker_ending": "./x"}, "marker_ending", "such as .done"),
        ({"after_collect": "burn"}, "after_collect", "valid choice"),
        ({"settle_seconds": "-1"}, "settle_seconds", "greater than or equal to 0"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else None,
)
def test_a_mistake_is_said_beside_its_field(changes: dict[str, str], field: str, said: str) -> None:
    form = filled(**changes)

    assert not form.is_valid()
    assert said in str(form.errors[field])


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "10.0.0.7"},
        {"host": "2001:db8::7"},
        {"password": "", "private_key": pem(ED25519)},
        {"password": "", "private_key": pem(ED25519, passphrase="right"), "passphrase": "right"},
        {"after_collect": "leave", "processed_folder": "", "error_folder": ""},
        {"inbound_folder": "", "processed_folder": "", "error_folder": ""},
        {"patterns": "*.csv\r\n\r\n *.x12 "},
        {"marker_ending": ".ok"},
        {"after_collect": "leave", "error_folder": "outbound"},
    ],
    ids=range(9),
)
def test_what_is_right_is_taken(changes: dict[str, Any]) -> None:
    form = filled(**changes)

    assert form.is_valid(), form.errors


def test_lists_are_one_entry_per_line_and_come_back_so() -> None:
    line = public_line(ED25519)
    connection = applied(
        filled(patterns="*.csv\r\n\r\n *.x12 ", host_keys=f"[sftp.partner.com]:22 {line} x\n")
    )

    assert connection.settings["patterns"] == ["*.csv", "*.x12"]
    assert connection.settings["host_keys"] == [line]
    assert SftpForm(connection)["patterns"].value() == "*.csv\n*.x12"
