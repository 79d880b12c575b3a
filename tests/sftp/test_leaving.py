"""Invoices from FreshBooks lie on an OpenSSH server once, in the format that was agreed, and are read there."""

from pathlib import Path
from typing import Any

import pytest

from audit.models import Delivery
from connections.models import Format
from mappings.codecs import edifact, x12
from mappings.models.layouts import read
from tests.factories import FileLayoutFactory
from tests.openssh import SSHD, OpenSSHServer
from tests.pipeline.conftest import World, books, server, world
from tests.sftp.conftest import settings_of

__all__ = ["books", "server", "world"]

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]


@pytest.fixture
def folder(openssh: OpenSSHServer, world: World, settings: Any) -> Path:
    """Where the partner finds our files; the world's connection leads there."""
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    world.sftp.settings = settings_of(openssh, write_marker=True, marker_ending=".ok")
    world.sftp.credentials = {"private_key": openssh.client_key_path.read_text()}
    world.sftp.save()
    world.acme.places.update(outbound=openssh.remote("inbound"))
    return openssh.local("inbound")


def number_in(delivery: Delivery, content: bytes) -> str:
    """The number of the invoice as the partner reads it."""
    if delivery.layout_version:
        [document] = read(delivery.layout_version, content).documents
    else:
        reader: Any = x12 if content.startswith(b"ISA") else edifact
        [document] = [item.document for item in reader.read(content) if isinstance(item, reader.Message)]
    return str(document.number)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("wire_format", "ending"),
    [
        (Format.X12, ".x12"),
        (Format.EDIFACT, ".edi"),
        (Format.CSV, ".csv"),
        (Format.XML, ".xml"),
        (Format.FIXED, ".txt"),
    ],
)
def test_an_invoice_lies_there_once_with_its_marker(
    folder: Path, world: World, wire_format: str, ending: str
) -> None:
    if wire_format in (Format.CSV, Format.XML, Format.FIXED):
        FileLayoutFactory.create(tenant=world.tenant, standard=f"invoice_{wire_format}")
    world.route.format = wire_format
    world.route.save()
    invoice = world.book()

    world.run()
    world.later()

    delivery = world.delivery(invoice)
    assert (delivery.is_delivered, delivery.reason) == (True, "")
    names = sorted(path.name for path in folder.iterdir())
    assert names == [delivery.interchange_name, f"{delivery.interchange_name}.ok"]
    assert delivery.interchange_name.endswith(ending)
    assert number_in(delivery, (folder / names[0]).read_bytes()) == invoice["invoice_number"]


def test_a_changed_layout_holds_for_what_comes_after(folder: Path, world: World) -> None:
    layout = FileLayoutFactory.create(tenant=world.tenant, standard="invoice_csv")
    world.route.format = Format.CSV
    world.route.save()
    first = world.book()
    world.run()
    layout.save_version({**layout.version.data, "delimiter": ";"})
    second = world.book()
    world.run()

    versions = [world.delivery(invoice).layout_version for invoice in (first, second)]
    assert [version.number for version in versions if version] == [1, 2]
    assert [
        number_in(world.delivery(one), file_of(folder, world.delivery(one))) for one in (first, second)
    ] == [
        first["invoice_number"],
        second["invoice_number"],
    ]


def test_an_invoice_that_waits_for_a_layout_goes_when_one_is_saved(folder: Path, world: World) -> None:
    world.route.format = Format.CSV
    world.route.save()
    invoice = world.book()
    world.run()
    assert world.delivery(invoice).reason_code == "no_layout"

    FileLayoutFactory.create(tenant=world.tenant, standard="invoice_csv")
    world.later()

    assert world.delivery(invoice).is_delivered


def file_of(folder: Path, delivery: Delivery) -> bytes:
    return (folder / delivery.interchange_name).read_bytes()
