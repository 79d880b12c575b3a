"""`import_config` and `export_config`: a tenant's whole set-up as one file."""

import os
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from connections.config.dump import secret_name
from connections.models import Connection, Route
from connector_site import stack
from mappings.models import FileLayout, GLMapping, ItemMapping, PartnerLink, TradingPartner
from tenants.models import Tenant

DEMO = Path(stack.__file__).parent / "demo.yaml"
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7sVbWNLlQUkmBoBCMl0dQ3sUjoZY1fyC/JuC8/6tpv"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "DEMO_STERLING_URL": "http://127.0.0.1:5074",
        "DEMO_STERLING_USERNAME": "someone",
        "DEMO_STERLING_PASSWORD": "sterling-secret",
        "DEMO_SFTP_PORT": "2222",
        "DEMO_SFTP_USERNAME": "someone",
        "DEMO_SFTP_PASSWORD": "sftp-secret",
        "DEMO_SFTP_HOST_KEY": HOST_KEY,
    }.items():
        monkeypatch.setenv(name, value)


def load(path: Path) -> str:
    said = StringIO()
    call_command("import_config", path, stdout=said)
    return said.getvalue()


def dump(slug: str) -> str:
    said = StringIO()
    call_command("export_config", slug, stdout=said)
    return said.getvalue()


def changed(tmp_path: Path, change: Any) -> Path:
    data = yaml.safe_load(DEMO.read_text())
    change(data)
    path = tmp_path / "config.yaml"
    path.write_text(yaml.safe_dump(data))
    return path


def test_the_demo_tenant_is_such_a_file() -> None:
    load(DEMO)
    tenant = Tenant.objects.get(slug="byron-supply")
    assert Connection.objects.for_tenant(tenant).count() == 3
    assert TradingPartner.objects.for_tenant(tenant).count() == 7
    assert Route.objects.for_tenant(tenant).filter(is_on=True).count() == 3
    assert Connection.objects.for_tenant(tenant).get(key="files").settings["port"] == 2222


def test_applying_it_twice_changes_nothing() -> None:
    load(DEMO)
    assert " 0 created, 0 changed," in load(DEMO)


def test_what_is_exported_imports_without_a_change(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    load(DEMO)
    for connection in Connection.unscoped.all():
        for key, value in connection.credentials.items():
            monkeypatch.setenv(secret_name(connection, key), value)
    path = tmp_path / "exported.yaml"
    path.write_text(dump("byron-supply"))
    assert " 0 created, 0 changed," in load(path)


def test_no_secret_leaves_with_an_export() -> None:
    load(DEMO)
    exported = dump("byron-supply")
    assert "sterling-secret" not in exported
    assert "sftp-secret" not in exported
    assert "env:BYRON_SUPPLY_STERLING_PASSWORD" in exported


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (
            lambda d: d["connections"][1]["credentials"].update(password="plain"),
            "credentials.password: a secret is",
        ),
        (lambda d: d["connections"][1].update(colour="red"), "connections[1].colour: is not a key"),
        (
            lambda d: d["connections"][0].update(system="quickbooks"),
            "connections[0].system: “quickbooks” is unknown",
        ),
        (lambda d: d["connections"][2]["settings"].update(port="many"), "connections[2].settings.port:"),
        (lambda d: d["partners"][0].update(receiver_id="#"), "partners[0].receiver_id:"),
        (lambda d: d["partners"][0].update(edifact_overlay={"colour": 1}), "partners[0].edifact_overlay:"),
        (lambda d: d["routes"][0].update(kind="payment", format="rsx_json"), "routes[0].format:"),
        (lambda d: d["routes"][0].update(kind="vendor", format="csv"), "routes[0].partner:"),
        (lambda d: d["routes"][0].update(partner="nobody"), "there is no “nobody”"),
        (lambda d: d["partners"][0].update(overlay={"colour": 1}), "partners[0].overlay:"),
        (lambda d: d["partners"][0]["places"][0].update(connection="nowhere"), "there is no “nowhere”"),
        (
            lambda d: d["routes"][0].update(every_minutes=15, times_of_day=["08:00"]),
            "routes[0].every_minutes:",
        ),
        (lambda d: d.pop("tenant"), "tenant.slug: is missing"),
    ],
)
def test_a_mistake_is_named_by_file_key_and_reason(tmp_path: Path, change: Any, complaint: str) -> None:
    path = changed(tmp_path, change)
    with pytest.raises(CommandError) as refusal:
        load(path)
    assert complaint in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_one_mistake_leaves_everything_as_it_was(tmp_path: Path) -> None:
    load(DEMO)
    path = changed(tmp_path, lambda d: (d["partners"][0].update(name="New"), d["routes"][0].update(kind="x")))
    with pytest.raises(CommandError):
        load(path)
    assert not TradingPartner.unscoped.filter(name="New").exists()


def test_an_unset_variable_is_named() -> None:
    del os.environ["DEMO_STERLING_PASSWORD"]
    with pytest.raises(CommandError, match="DEMO_STERLING_PASSWORD, which is not set"):
        load(DEMO)


def test_a_file_that_is_no_yaml_says_so(tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text("tenant: [")
    with pytest.raises(CommandError, match="is not YAML"):
        load(path)


def test_a_change_changes_what_it_names(tmp_path: Path) -> None:
    load(DEMO)
    path = changed(tmp_path, lambda d: d["gl_mappings"][0].update(segment="9999"))
    assert "1 changed" in load(path)
    assert GLMapping.unscoped.filter(segment="9999").exists()
    assert PartnerLink.unscoped.count() == 6


PAYMENTS: dict[str, Any] = {
    "document": "payment",
    "format": "csv",
    "direction": "read",
    "columns": [{"name": name, "field": name} for name in ("number", "date", "amount", "currency", "pays")],
}


def test_file_layouts_come_and_go_as_data(tmp_path: Path) -> None:
    layout = {"key": "payments", "name": "Payments of Acme", "partner": "acme", "layout": PAYMENTS}
    file = changed(tmp_path, lambda data: data.update(layouts=[layout]))
    load(file)
    assert yaml.safe_load(dump("byron-supply"))["layouts"] == [layout]
    assert "0 created, 0 changed" in load(file)
    layout["layout"] = {**PAYMENTS, "delimiter": ";"}
    assert "0 created, 1 changed" in load(changed(tmp_path, lambda data: data.update(layouts=[layout])))
    assert FileLayout.unscoped.get().latest == 2


def test_a_bad_layout_is_named_by_its_column(tmp_path: Path) -> None:
    bad = {**PAYMENTS, "columns": [*PAYMENTS["columns"], {"name": "Paid", "feild": "date"}]}
    file = changed(tmp_path, lambda data: data.update(layouts=[{"key": "p", "name": "P", "layout": bad}]))
    with pytest.raises(
        CommandError, match=r"layouts\[0\].layout: Column 6 \(Paid\): feild is not a known key"
    ):
        load(file)


def test_item_mappings_come_and_go(tmp_path: Path) -> None:
    item = {
        "connection": "freshbooks",
        "partner": "acme",
        "buyer_item": "0093371",
        "item": "Gasket",
        "gtin": "036000291452",
    }
    file = changed(tmp_path, lambda data: data.update(items=[item]))

    load(file)

    assert ItemMapping.unscoped.get().item == "Gasket"
    exported = tmp_path / "exported.yaml"
    exported.write_text(dump("byron-supply"))
    assert yaml.safe_load(exported.read_text())["items"] == [item]


def test_booking_mappings_come_and_go(tmp_path: Path) -> None:
    rows = [
        {"connection": "freshbooks", "category": "", "id": "65771", "name": "Office Supplies"},
        {"connection": "freshbooks", "account": "6000", "partner": "acme", "id": "635980"},
        {"connection": "freshbooks", "tax": "gst", "name": "GST"},
    ]
    load(changed(tmp_path, lambda data: data.update(bookings=rows)))
    exported = yaml.safe_load(dump("byron-supply"))
    assert exported["bookings"] == rows
