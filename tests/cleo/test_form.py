"""The settings form of a Cleo connection, as a person fills it in."""

import pytest

from connections.models import Connection, SystemKind
from connections.systems.cleo.forms import CleoForm
from connections.systems.cleo.settings import Credentials, Settings
from tests.cleo.conftest import PROFILES

SFTP = {
    "transport": "sftp",
    "username": "PM-4711",
    "password": "s3cret-s3cret-s3cret",
    "host": "sftp.cleointegration.com",
}
DEFAULTS = {
    name: str(field.initial)
    for name, field in CleoForm().fields.items()
    if field.initial not in (None, False)
}
REST = SFTP | {
    "transport": "rest",
    "host": "",
    "base_url": "https://byron.cleointegration.com/api",
    **PROFILES["plain"],
}


def filled(instance: Connection | None = None, /, **changes: str) -> CleoForm:
    return CleoForm(instance, DEFAULTS | SFTP | changes)


def applied(form: CleoForm, connection: Connection | None = None) -> Connection:
    assert form.is_valid(), form.errors
    connection = connection or Connection(system=SystemKind.CLEO)
    form.apply(connection)
    return connection


def test_sftp_needs_no_profile_and_rest_needs_one() -> None:
    assert filled().is_valid()
    form = filled(transport="rest", base_url="https://byron.cleointegration.com")

    assert not form.is_valid()
    assert {"list_path", "item_name", "download_path", "upload_path"} <= set(form.errors)
    assert "Ask the administrator" in str(form.errors["list_path"])


@pytest.mark.parametrize("profile", ["plain", "second"])
def test_a_profile_is_taken_as_it_is_entered(profile: str) -> None:
    connection = applied(filled(**(REST | dict.fromkeys(PROFILES["plain"], "") | PROFILES[profile])))

    settings = Settings.of(connection.settings)
    assert settings.origin == "https://byron.cleointegration.com"
    assert settings.list_path == PROFILES[profile]["list_path"]
    assert Credentials.of(connection.credentials).password == SFTP["password"]
    assert "password" not in connection.settings


def test_every_setting_has_a_field_and_every_field_is_under_a_heading() -> None:
    form = CleoForm()
    names = {name for _, fields in form.groups for name in fields}

    assert set(form.fields) == names
    assert names - set(form.secret_names()) == set(Settings.__dataclass_fields__)
    assert set(form.secret_names()) == set(Credentials.__dataclass_fields__)


def test_the_defaults_of_the_form_are_those_of_the_settings() -> None:
    settings = Settings()
    for name, field in CleoForm().fields.items():
        if field.initial is not None:
            assert field.initial == getattr(settings, name), name


def test_no_path_of_the_file_api_is_suggested() -> None:
    blank = Settings()
    for name in Settings.__dataclass_fields__:
        if name.endswith("_path") and name != "token_path":
            assert getattr(blank, name) == "", name


def test_the_profile_is_folded_away_until_it_is_used_or_wrong() -> None:
    assert "Over REST" in CleoForm().folded_now()
    assert "REST profile: lists" not in CleoForm(applied(filled(**REST))).folded_now()
    wrong = filled(transport="rest")
    assert not wrong.is_valid()
    assert "REST profile: lists" not in wrong.folded_now()


def test_the_password_is_never_shown_and_not_sent_to_another_address() -> None:
    stored = applied(filled(**REST))
    assert "s3cret" not in CleoForm(stored).as_p()

    moved = filled(stored, **(REST | {"password": "", "base_url": "https://evil.example"}))
    assert not moved.is_valid()
    assert "another address" in str(moved.errors["password"])
    assert filled(stored, **(REST | {"password": ""})).is_valid()


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"host": ""}, "host", "Enter the name of the server"),
        ({"host": "sftp://x"}, "host", "Only the name"),
        ({"password": ""}, "password", "Enter a password or a private key"),
        ({"file_name": "{number}.edi"}, "file_name", "one name"),
        ({"allowed_types": "*.txt"}, "file_name", "allowed file types do not permit"),
        ({"allowed_types": "*.edi"}, "writing", "do not permit temporary names"),
        ({"allowed_types": "[(a+)+]"}, "allowed_types", "repeats too much"),
        ({"inbound_folder": "upload"}, "inbound_folder", "our own documents"),
        ({"outbound_folder": "../x"}, "outbound_folder", ".."),
        ({"archive_mode": "move"}, "archive_folder", "moved to"),
        ({"archive_mode": "move", "archive_folder": "download"}, "archive_folder", "another folder"),
        ({"password_set_on": "2999-01-01"}, "password_set_on", "still to come"),
        (REST | {"base_url": "http://byron.example"}, "base_url", "not encrypted"),
        (REST | {"base_url": "https://byron.example/portal"}, "base_url", "has a path"),
        (REST | {"base_url": ""}, "base_url", "Over REST we need the address"),
        (REST | {"token_path": "authentication"}, "token_path", "begins with a slash"),
        (REST | {"list_path": "/files"}, "list_path", "{folder} is missing"),
        (REST | {"list_path": "https://x/{folder}"}, "list_path", "begins with a slash"),
        (REST | {"list_path": "//x/{folder}"}, "list_path", "begins with a slash"),
        (REST | {"list_path": "/{folder}/../x"}, "list_path", "no “..”"),
        (REST | {"download_path": "/files/{file}"}, "download_path", "“file” is no placeholder"),
        (REST | {"item_href": ""}, "item_href", "a path is {href}"),
        (REST | {"item_size": "", "item_mtime": ""}, "item_size", "growing file"),
        (REST | {"page_start_param": ""}, "page_start_param", "more than one page"),
        (REST | {"upload_ok": "good"}, "upload_ok", "HTTP statuses"),
        (REST | {"upload_name_field": ""}, "upload_name_field", "name of the file"),
        (REST | {"upload_mode": "header", "upload_name_field": "X: y"}, "upload_name_field", "letters"),
        (
            REST | {"upload_mode": "header", "upload_name_field": "Host"},
            "upload_name_field",
            "something else",
        ),
        (REST | {"archive_mode": "delete", "delete_path": ""}, "delete_path", "Collected files"),
        (
            REST | {"archive_mode": "move", "archive_folder": "a", "move_body": ""},
            "move_body",
            "{folder} is missing",
        ),
        (REST | {"ca_bundle": "no pem"}, "ca_bundle", "cannot be read"),
    ],
    ids=range(31),
)
def test_a_mistake_is_said_beside_its_field(changes: dict[str, str], field: str, said: str) -> None:
    form = filled(**changes)

    assert not form.is_valid()
    assert said in str(form.errors[field]).replace("&quot;", '"')
