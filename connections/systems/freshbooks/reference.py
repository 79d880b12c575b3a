"""FreshBooks' clients, vendors and accounts as reference data."""

from collections.abc import Callable, Iterable

from connections.models import ReferenceKind
from connections.systems.base import Reference
from connections.systems.freshbooks.resources import Books
from mappings.freshbooks.values import Row, identifier, text

ACTIVE = "0"


def client_name(client: Row) -> str:
    """The company, else the person, else the e-mail address."""
    person = f"{text(client, 'fname')} {text(client, 'lname')}".strip()
    return text(client, "organization") or person or text(client, "email")


def _clients(books: Books) -> list[Reference]:
    return [
        Reference(
            key=identifier(row, "id", "userid"),
            name=client_name(row),
            detail={"e-mail": text(row, "email")},
        )
        for row in _active(books.clients())
    ]


def _vendors(books: Books) -> list[Reference]:
    return [
        Reference(
            key=identifier(row, "vendorid", "id"),
            name=text(row, "vendor_name"),
            detail={
                "account number": text(row, "account_number"),
                "e-mail": text(row, "primary_contact_email"),
            },
        )
        for row in _active(books.vendors())
    ]


def _accounts(books: Books) -> list[Reference]:
    """By their numbers; an account without one cannot be named to anybody."""
    found = {
        account.number: Reference(
            key=account.number,
            name=account.name,
            detail={"type": account.kind, "expense category": str(account.expense_category or "")},
        )
        for account in books.accounts()
        if account.number and account.is_active
    }
    return list(found.values())


def _active(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if text(row, "vis_state") in ("", ACTIVE)]


LISTS: dict[ReferenceKind, Callable[[Books], list[Reference]]] = {
    ReferenceKind.CLIENT: _clients,
    ReferenceKind.VENDOR: _vendors,
    ReferenceKind.ACCOUNT: _accounts,
}
