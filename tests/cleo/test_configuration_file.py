"""A Cleo connection in a configuration file: everything but its secrets, there and back."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from connections.models import Connection, PushAddress
from connections.systems.cleo import push
from connections.systems.cleo.forms import CleoForm
from tenants.models import Tenant
from tests.cleo.conftest import PROFILES
from tests.cleo.test_form import REST, applied, filled


@pytest.mark.django_db
@pytest.mark.parametrize("profile", ["plain", "second"])
def test_it_comes_back_as_it_was(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, profile: str
) -> None:
    blank = dict.fromkeys(PROFILES["plain"], "")
    more = {"allowed_types": "*.edi", "writing": "direct", "password_set_on": "2026-03-02"}
    made = applied(filled(**(REST | blank | PROFILES[profile] | more)))
    made.tenant, made.key, made.name = tenant, "cleo", "Cleo"
    made.save()
    before, token = dict(made.settings), push.new_address(made).token
    path = tmp_path / "set-up.yaml"

    written = StringIO()
    call_command("export_config", tenant.slug, stdout=written)
    text = written.getvalue()
    path.write_text(text)
    assert "s3cret" not in text
    assert token not in text
    for line in text.splitlines():
        if "env:" in line:
            monkeypatch.setenv(line.partition("env:")[2].strip(), "entered anew")
    Connection.unscoped.all().delete()
    call_command("import_config", str(path))

    again = Connection.unscoped.get()
    assert {name: value for name, value in again.settings.items() if value != before.get(name)} == {}
    assert again.credentials == {"password": "entered anew"}
    assert not PushAddress.objects.exists()
    assert CleoForm(again).initial["list_path"] == PROFILES[profile]["list_path"]
    assert yaml.safe_load(text)["connections"][0]["system"] == "cleo"
