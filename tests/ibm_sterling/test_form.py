"""The settings form of an IBM Sterling connection, as a person fills it in."""

import pytest

from connections.models import Connection, SystemKind
from connections.systems.ibm_sterling.forms import SterlingForm
from connections.systems.ibm_sterling.settings import Credentials, Settings
from tests.ibm_sterling.test_check import certify

VALID = {
    "base_url": "https://b2bi.acme.example:5443/",
    "auth_mode": "basic",
    "username": "ml-connector",
    "password": "s3cret-s3cret-s3cret",
    "client_auth": "basic",
    "outbound_path": "/acme/outbound",
    "inbound_path": "/acme/inbound",
    "ack_path": "/acme/ack",
    "finish_action": "move",
    "archive_path": "/acme/archive",
    "upload_mode": "two_step",
    "life_span": "0",
    "page_size": "200",
    "most_calls": "2",
    "envelope_owner": "connector",
    "status_source": "none",
}
OAUTH = {
    "auth_mode": "oauth",
    "username": "",
    "password": "",
    "token_url": "https://identity.acme.example/oauth2/token",
    "client_id": "ml",
    "client_secret": "client-s3cret-s3cret",
}
OURS = certify("ml-connector")


def filled(instance: Connection | None = None, /, **changes: str) -> SterlingForm:
    return SterlingForm(instance, VALID | changes)


def applied(form: SterlingForm, connection: Connection | None = None) -> Connection:
    assert form.is_valid(), form.errors
    connection = connection or Connection(system=SystemKind.IBM_STERLING)
    form.apply(connection)
    return connection


@pytest.fixture
def stored() -> Connection:
    return applied(filled())


def test_what_is_entered_becomes_settings_and_credentials(stored: Connection) -> None:
    settings, credentials = Settings.of(stored.settings), Credentials.of(stored.credentials)

    assert settings.service_url == "https://b2bi.acme.example:5443/B2BAPIs/svc"
    assert settings.page_size == 200
    assert (credentials.username, credentials.password) == ("ml-connector", "s3cret-s3cret-s3cret")
    assert not {"username", "password", "client_id", "client_secret", "client_key"} & set(stored.settings)


def test_every_setting_has_a_field_and_every_field_is_under_a_heading() -> None:
    form = SterlingForm()
    names = {name for _, fields in form.groups for name in fields}
    credentials = {*form.secret_names(), *form.visible_credentials}

    assert set(form.fields) == names
    assert names - credentials == set(Settings.__dataclass_fields__)
    assert credentials == set(Credentials.__dataclass_fields__)


def test_the_defaults_of_the_form_are_those_of_the_settings() -> None:
    form, settings = SterlingForm(), Settings()

    for name, field in form.fields.items():
        if field.initial is not None:
            assert field.initial == getattr(settings, name), name


def test_the_user_name_is_shown_and_the_password_is_not(stored: Connection) -> None:
    html = SterlingForm(stored).as_p()

    assert 'value="ml-connector"' in html
    assert "s3cret-s3cret" not in html


def test_an_empty_password_keeps_the_stored_one(stored: Connection) -> None:
    applied(filled(stored, password="", page_size="50"), stored)

    assert stored.credentials["password"] == "s3cret-s3cret-s3cret"
    assert stored.settings["page_size"] == 50


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "https://evil.example"},
        {"token_url": "https://evil.example/token"},
        {"insecure": "on"},
        {"ca_bundle": OURS.pem},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_stored_password_is_not_sent_elsewhere_without_being_entered_again(
    stored: Connection, change: dict[str, str]
) -> None:
    form = filled(stored, password="", **change)

    assert not form.is_valid()
    assert "another address" in str(form.errors["password"])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"base_url": "b2bi.acme.example"}, "base_url", "no web address"),
        ({"base_url": "http://b2bi.acme.example"}, "base_url", "not encrypted"),
        ({"base_url": "https://b2bi.acme.example:99999"}, "base_url", "Port out of range"),
        ({"password": ""}, "password", "Enter the password"),
        ({"username": ""}, "username", "Enter the user name"),
        (OAUTH | {"token_url": ""}, "token_url", "Enter the address for tokens"),
        (OAUTH | {"token_url": "http://identity.acme.example"}, "token_url", "https://"),
        (OAUTH | {"client_secret": ""}, "client_secret", "Enter the client secret"),
        ({"outbound_path": "acme/outbound"}, "outbound_path", "begins with a slash"),
        ({"archive_path": ""}, "archive_path", "moved to"),
        ({"archive_path": "/acme/ack"}, "archive_path", "another mailbox"),
        ({"ca_bundle": "not pem"}, "ca_bundle", "cannot be read"),
        ({"client_certificate": OURS.pem}, "client_key", "belong together"),
        ({"client_key": OURS.key_pem}, "client_key", "belong together"),
        (
            {"client_certificate": "nonsense", "client_key": OURS.key_pem},
            "client_certificate",
            "cannot be used",
        ),
        ({"page_size": "0"}, "page_size", "greater than or equal to 1"),
        ({"resource_paths": "mailboxmessages"}, "resource_paths", "name=path"),
        ({"most_calls": "0"}, "most_calls", "greater than or equal to 1"),
        ({"envelope_owner": "sterling"}, "status_source", "acknowledgements cannot be matched"),
        ({"state_map": "Complete"}, "state_map", "word=meaning"),
        ({"state_map": "Complete=done"}, "state_map", "accepted_with_errors"),
        ({"code_list": "GL_SEGMENTS"}, "code_list", "name|sender|receiver|version"),
        ({"write_code_list": "on"}, "code_list", "Name the code list"),
    ],
    ids=range(23),
)
def test_a_mistake_is_said_beside_its_field(changes: dict[str, str], field: str, said: str) -> None:
    form = filled(**changes)

    assert not form.is_valid()
    assert said in str(form.errors[field])


@pytest.mark.parametrize(
    "changes",
    [
        OAUTH,
        {"base_url": "http://127.0.0.1:8080", "insecure": "on"},
        {"base_url": "https://b2bi.acme.example/B2BAPIs/svc/"},
        {"inbound_path": "", "ack_path": "", "archive_path": ""},
        {"finish_action": "none", "archive_path": ""},
        {"client_certificate": OURS.pem, "client_key": OURS.key_pem},
        {"ca_bundle": OURS.pem},
        {"resource_paths": "mailboxmessages=mailboxMessages"},
        {"envelope_owner": "sterling", "status_source": "workflow"},
        {"status_source": "file_gateway", "state_map": "Complete=accepted\nRouting = waiting"},
        {"read_partners": "on", "code_list": "GL|BOOKS|ERP|1", "write_code_list": "on"},
    ],
    ids=range(11),
)
def test_what_is_right_is_taken(changes: dict[str, str]) -> None:
    form = filled(**changes)

    assert form.is_valid(), form.errors
