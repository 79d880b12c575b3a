"""The lists that FreshBooks holds at this moment, for people to choose from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connections.models import Connection
from connections.systems.base import SystemFailure
from connections.systems.freshbooks import FreshBooks
from connections.systems.freshbooks.reference import client_name
from connections.systems.registry import open_system
from mappings.freshbooks.values import identifier, rows, text


@dataclass(frozen=True, slots=True)
class Listed:
    """Names by FreshBooks id; `trouble` says why there are none, when FreshBooks could not be asked."""

    names: dict[str, str] = field(default_factory=dict)
    trouble: str = ""


def clients(connection: Connection) -> Listed:
    """The clients by company, else by person or e-mail address."""
    return _ask(
        connection,
        lambda system: {identifier(row, "id", "userid"): client_name(row) for row in system.books.clients()},
    )


def items(connection: Connection) -> Listed:
    return _ask(
        connection,
        lambda system: {identifier(row, "id", "itemid"): text(row, "name") for row in system.books.items()},
    )


def vendors(connection: Connection) -> Listed:
    return _ask(
        connection,
        lambda system: {
            identifier(row, "vendorid", "id"): text(row, "vendor_name") for row in system.books.vendors()
        },
    )


def expense_categories(connection: Connection) -> Listed:
    return _ask(
        connection,
        lambda system: {
            identifier(row, "categoryid", "id"): text(row, "category")
            for row in system.books.expense_categories()
        },
    )


def journal_accounts(connection: Connection) -> Listed:
    """The sub-accounts that journal entries post to, each with its number and the account it belongs to."""
    return _ask(connection, lambda system: dict(_sub_accounts(system)))


def _sub_accounts(system: FreshBooks) -> Iterator[tuple[str, str]]:
    for account in system.books.journal_accounts():
        for sub in rows(account, "sub_accounts"):
            number, name = text(sub, "account_sub_number"), text(sub, "account_sub_name")
            yield (
                identifier(sub, "sub_accountid", "id"),
                f"{number} {name} ({text(account, 'account_name')})".strip(),
            )


def taxes(connection: Connection) -> Listed:
    """The taxes by name: a bill's line carries the name and the percentage."""
    return _ask(
        connection, lambda system: {text(row, "name"): text(row, "name") for row in system.books.taxes()}
    )


def _ask(connection: Connection, question: Callable[[FreshBooks], dict[str, str]]) -> Listed:
    if not connection.is_usable:
        return Listed(trouble=f"{connection} is not active.")
    try:
        with open_system(connection) as system:
            assert isinstance(system, FreshBooks)  # noqa: S101 - looked up by system
            return Listed(question(system))
    except SystemFailure as failure:
        return Listed(trouble=f"{failure} {failure.remedy}".strip())
