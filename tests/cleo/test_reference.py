"""Lists that lie in the mailbox as CSV files, compared with FreshBooks' in both directions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connections.linking import comparison
from connections.models import Connection, ReferenceEntry, ReferenceKind
from connections.sandbox import cleo as sandbox
from connections.sandbox.freshbooks import FreshBooks as Books
from connections.systems.base import Misconfigured
from connections.systems.cleo.reference import entries, folder_and_name
from connections.systems.cleo.system import Cleo
from tenants.models import Tenant
from tests.cleo.conftest import Connect, connection_to, sftp_settings
from tests.cleo.world import World, byron
from tests.freshbooks.conftest import books, server

__all__ = ["books", "server"]

VENDORS = "Number;City;Name\r\nV-1;Hull;Northwind Papér\r\n;;no key\r\nV-2;;Marlow Tools\r\n"
PATH = "lists/vendors.csv"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_list_is_read_however_it_was_exported(encoding: str, separator: str) -> None:
    listed = entries(VENDORS.replace(";", separator).encode(encoding), PATH)

    assert [(one.key, one.name, one.detail) for one in listed] == [
        ("V-1", "Northwind Papér", {"city": "Hull"}),
        ("V-2", "Marlow Tools", {}),
    ]


@pytest.mark.parametrize("content", [b"", b"just a line\n", b"key,,name\n1,2,3\n"])
def test_what_is_no_list_says_so_and_is_never_taken_for_an_empty_one(content: bytes) -> None:
    with pytest.raises(Misconfigured, match="no list"):
        entries(content, PATH)


def test_a_path_is_a_folder_and_a_name() -> None:
    assert folder_and_name("/a/b/c.csv") == ("a/b", "c.csv")
    assert folder_and_name("c.csv") == ("", "c.csv")


@pytest.mark.django_db
def test_both_doors_lead_to_the_file(running: sandbox.Running, connect: Connect, tenant: Tenant) -> None:
    running.cleo.mailbox.storage.make_folder("lists")
    running.cleo.drop("lists", "vendors.csv", VENDORS.encode())
    over_sftp = connection_to(running, tenant)
    over_sftp.settings = sftp_settings(running, vendors_file=PATH)
    with connect(vendors_file=PATH) as rest, Cleo(over_sftp) as sftp:
        assert rest.reference_kinds() == sftp.reference_kinds() == (ReferenceKind.VENDOR,)
        assert rest.reference(ReferenceKind.VENDOR) == sftp.reference(ReferenceKind.VENDOR) != []


@pytest.mark.django_db
def test_a_file_that_is_not_there_stops_nothing_but_its_own_list(connect: Connect) -> None:
    with connect(vendors_file="download/none.csv") as system, pytest.raises(Misconfigured, match="no file"):
        system.reference(ReferenceKind.VENDOR)


class TestCompared:
    @pytest.fixture
    def world(self, transactional_db: None, books: Books, server: Any, tmp_path: Path) -> Iterator[World]:
        lists = {"vendors_file": PATH, "customers_file": "lists/customers.csv"}
        with byron(books, tmp_path / "cleo", ["mill"], **lists) as world:
            world.running.cleo.mailbox.storage.make_folder("lists")
            yield world

    def test_what_is_only_here_and_only_there_is_listed_for_a_person(self, world: World) -> None:
        known = world.books.bookkeeper.add_vendor("Paper Mill of Hull", notify=False)["vendor_name"]
        vendors = f"number,name\nV-1,{known}\nV-2,Nobody We Know\n"
        world.running.cleo.drop("lists", "vendors.csv", vendors.encode())
        world.running.cleo.drop("lists", "customers.csv", b"number,name\nC-9,Somebody New\n")
        world.run()

        there = Connection.unscoped.get(pk=world.cleo.pk)
        listed = ReferenceEntry.objects.for_tenant(world.tenant).filter(connection=there)
        assert {entry.key for entry in listed} == {"V-1", "V-2", "C-9"}
        found = {str(one.finding) for one in comparison(there)}
        assert {"suggested", "only_here", "only_there"} <= found
        assert world.written_to_freshbooks() == []
