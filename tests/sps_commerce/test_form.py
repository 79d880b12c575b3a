"""The settings form of an SPS Commerce connection, as a person fills it in."""

import pytest

from connections.models import Connection, SystemKind
from connections.systems.sps_commerce.forms import SpsForm
from connections.systems.sps_commerce.settings import AUDIENCE, Credentials, Settings

VALID = {
    "client_id": "abc",
    "client_secret": "s3cret-s3cret-s3cret",
    "audience": AUDIENCE,
    "outbound_directory": "/in",
    "name_template": "{prefix}{number}-{hash}.{ext}",
    "inbound_directories": "out/PO\nout/SH/",
    "depth": "2",
    "after_collect": "delete",
    "api_url": "https://api.spscommerce.com",
    "auth_url": "https://auth.spscommerce.com",
    "page_size": "1000",
    "history_minutes": "5",
}


def filled(instance: Connection | None = None, /, **changes: str) -> SpsForm:
    return SpsForm(instance, VALID | changes)


def applied(form: SpsForm) -> Connection:
    assert form.is_valid(), form.errors
    connection = Connection(system=SystemKind.SPS_COMMERCE)
    form.apply(connection)
    return connection


def test_what_is_entered_becomes_settings_and_credentials() -> None:
    stored = applied(filled())
    settings, credentials = Settings.of(stored.settings), Credentials.of(stored.credentials)

    assert settings.outbound_directory == "in/"
    assert settings.directories == ["out/PO/", "out/SH/"]
    assert (credentials.client_id, credentials.client_secret) == ("abc", "s3cret-s3cret-s3cret")
    assert not {"client_id", "client_secret"} & set(stored.settings)


def test_every_setting_has_a_field_and_every_field_is_under_a_heading() -> None:
    form = SpsForm()
    names = {name for _, fields in form.groups for name in fields}
    credentials = {*form.secret_names(), *form.visible_credentials}

    assert set(form.fields) == names
    assert names - credentials == set(Settings.__dataclass_fields__)
    assert credentials == set(Credentials.__dataclass_fields__)


def test_the_defaults_of_the_form_are_those_of_the_settings() -> None:
    form, settings = SpsForm(), Settings()

    for name, field in form.fields.items():
        if field.initial is not None:
            value = getattr(settings, name)
            assert field.initial == (list(value) if isinstance(value, tuple) else value), name


def test_the_secret_is_never_in_the_page() -> None:
    assert "s3cret-s3cret" not in SpsForm(applied(filled())).as_p()


@pytest.mark.parametrize(
    "change", [{"api_url": "https://evil.example"}, {"auth_url": "https://evil.example"}, {"insecure": "on"}]
)
def test_a_stored_secret_is_not_sent_elsewhere_without_being_entered_again(change: dict[str, str]) -> None:
    form = filled(applied(filled()), client_secret="", **change)

    assert not form.is_valid()
    assert "another address" in str(form.errors["client_secret"])


@pytest.mark.parametrize(
    ("changes", "field", "said"),
    [
        ({"name_template": "{prefix}{number}.{ext}"}, "name_template", "overwrites"),
        ({"name_template": "{what}{hash}"}, "name_template", "is not known"),
        ({"name_template": "a/../{hash}"}, "name_template", "cannot be used"),
        ({"outbound_directory": "in/../out"}, "outbound_directory", "leads elsewhere"),
        ({"inbound_directories": "out/?x"}, "inbound_directories", "cannot be used"),
        ({"inbound_directories": "in"}, "inbound_directories", "our own documents"),
        ({"api_url": "http://api.spscommerce.com"}, "api_url", "not encrypted"),
        ({"auth_url": "nothing"}, "auth_url", "no web address"),
        ({"client_secret": ""}, "client_secret", "required"),
        ({"page_size": "1001"}, "page_size", "1000"),
    ],
)
def test_what_cannot_work_is_said_beside_the_field(changes: dict[str, str], field: str, said: str) -> None:
    assert said in str(filled(**changes).errors[field])
