"""The pages that people see: consent, messages, and the sandbox's own page."""

from typing import TYPE_CHECKING, Any

from markupsafe import Markup
from werkzeug.wrappers import Response

from connections.sandbox.freshbooks.table import Row
from connections.sandbox.pages import (
    choice_field,
    fault_board,
    form,
    page,
    paragraph,
    section,
    side_by_side,
    table,
    text_field,
)

if TYPE_CHECKING:
    from connections.sandbox.freshbooks.app import FreshBooks

INVOICES = "/_sandbox/invoices"
SHOWN = 25
CONSENT = Markup(
    "<p>The application <strong>{}</strong> asks to use Byron Supply with these permissions:</p><ul>{}</ul>"
    "<form method=post><input type=hidden name=consent value='{}'>"
    "<button name=decision value=allow>Allow</button>"
    "<button name=decision value=deny class=quiet>Deny</button></form>"
)


def message(title: str, text: str, status: int) -> Response:
    """A page that says one thing."""
    response = page(title, paragraph(text))
    response.status_code = status
    return response


def consent(person: str, application: str, scopes: list[str], nonce: str) -> Response:
    """The question whether the application may use the books."""
    listed = Markup("").join(Markup("<li><code>{}</code></li>").format(scope) for scope in scopes)
    intro = paragraph(Markup("You are signed in as <strong>{}</strong>.").format(person))
    return page("FreshBooks sandbox", intro, CONSENT.format(application, listed, nonce))


def home(books: "FreshBooks") -> Response:
    """The sandbox's own page: what the books hold, and the buttons to change it."""
    intro = paragraph(
        f"A stand-in that runs on this machine. It is {books.clock.now():%Y-%m-%d %H:%M} UTC here."
    )
    return page(
        "FreshBooks sandbox",
        intro,
        _booking(books),
        _invoices(books),
        _clients(books),
        _callbacks(books),
        _deliveries(books),
        fault_board(books.faults),
    )


def _booking(books: "FreshBooks") -> Markup:
    clients = {
        str(row["id"]): row["organization"]
        for row in books.clients.table.rows.values()
        if row["vis_state"] != 1
    }
    book = form(
        INVOICES,
        "Book",
        choice_field("client", "Client", clients),
        text_field("po_number", "Purchase order", hint="made up"),
        choice_field("notify", "Webhook", {"true": "as usual", "false": "none"}),
        text_field("duplicates", "Sent again", kind="number", hint="0"),
        choice_field("signature", "Signature", {"good": "good", "missing": "missing", "forged": "forged"}),
    )
    pace = text_field("seconds", "Book one every (seconds), 0: never", books.ticker.seconds, "number")
    return section("Book an invoice", book, form("/_sandbox/ticker", "Set", pace, quiet=True))


def _invoices(books: "FreshBooks") -> Markup:
    newest = [row for _, row in zip(range(SHOWN), books.invoices.table.newest_first(), strict=False)]
    rows: list[tuple[Any, ...]] = [
        (
            invoice["invoice_number"],
            invoice["organization"],
            _money(invoice["amount"]),
            _money(invoice["outstanding"]),
            "deleted" if invoice["vis_state"] == 1 else books.invoices.v3_status(invoice),
            invoice["po_number"],
            _invoice_buttons(invoice),
        )
        for invoice in newest
    ]
    headings = ("Number", "Client", "Amount", "Outstanding", "Status", "PO", "")
    count = paragraph(f"The newest of {len(books.invoices.table)}.")
    return section("Invoices", count, table(headings, rows, empty="There are none."))


def _invoice_buttons(invoice: Row) -> Markup:
    if invoice["vis_state"] == 1:
        return Markup("")
    to = f"{INVOICES}/{invoice['id']}"
    buttons = [form(to, "Edit", method="PUT", quiet=True), form(to, "Delete", method="DELETE", quiet=True)]
    if invoice["status"] == 1:
        buttons.append(form(f"{to}/send", "Mark sent", quiet=True))
    if invoice["status"] != 4:
        buttons.append(form(f"{to}/pay", "Pay", quiet=True))
    return side_by_side(*buttons)


def _clients(books: "FreshBooks") -> Markup:
    rows: list[tuple[Any, ...]] = [
        (client["id"], client["organization"], client["email"], client["p_city"])
        for client in books.clients.table.rows.values()
    ]
    return section("Clients", table(("Id", "Organization", "Email", "City"), rows, empty="There are none."))


def _callbacks(books: "FreshBooks") -> Markup:
    rows: list[tuple[Any, ...]] = [
        (
            callback["callbackid"],
            callback["event"],
            Markup("<code>{}</code>").format(callback["uri"]),
            "verified" if callback["verified"] else "not verified",
            callback["failures"],
        )
        for callback in books.webhooks.callbacks.rows.values()
    ]
    headings = ("Id", "Event", "URI", "State", "Failures in a row")
    return section("Callbacks", table(headings, rows, empty="None is registered."))


def _deliveries(books: "FreshBooks") -> Markup:
    rows: list[tuple[Any, ...]] = [
        (
            delivery["at"][11:19],
            delivery["event"],
            delivery["object_id"],
            delivery["callbackid"],
            delivery["attempt"],
            delivery["status"] or delivery["error"],
        )
        for delivery in list(books.webhooks.log)[: -SHOWN - 1 : -1]
    ]
    headings = ("At (UTC)", "Event", "Object", "Callback", "Attempt", "Answer")
    return section("Deliveries", table(headings, rows, empty="There were none yet."))


def _money(value: dict[str, Any]) -> str:
    return f"{value['amount']} {value['code']}"
