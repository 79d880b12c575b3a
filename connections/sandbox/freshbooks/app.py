"""The FreshBooks stand-in: its parts put together."""

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import Clock, StandIn
from connections.sandbox.freshbooks import control, errors, identity, oauth, seed, webhooks
from connections.sandbox.freshbooks.bill_payments import BillPayments
from connections.sandbox.freshbooks.bill_vendors import BillVendors
from connections.sandbox.freshbooks.bills import Bills
from connections.sandbox.freshbooks.bookkeeper import Bookkeeper
from connections.sandbox.freshbooks.callbacks import Callbacks
from connections.sandbox.freshbooks.catalogue import Categories, Expenses, Items, Taxes
from connections.sandbox.freshbooks.clients import Clients
from connections.sandbox.freshbooks.identity import Identity
from connections.sandbox.freshbooks.invoices import Invoices
from connections.sandbox.freshbooks.journal import JournalEntries, JournalEntryAccounts, JournalEntryDetails
from connections.sandbox.freshbooks.ledger import Ledger
from connections.sandbox.freshbooks.oauth import App, OAuth
from connections.sandbox.freshbooks.payments import Payments
from connections.sandbox.freshbooks.resource import Resource
from connections.sandbox.freshbooks.table import Table
from connections.sandbox.freshbooks.ticker import Ticker
from connections.sandbox.freshbooks.webhooks import Webhooks


class FreshBooks(StandIn):
    """One FreshBooks account with its API, sign-in and webhooks.

    `client_id`, `client_secret`, `redirect_uris`, `scopes`: the registered application; `allow_http` also
    takes http redirect URIs, which the real portal refuses. `access_token_seconds`: life of an access token.
    `me_per_minute`: calls of `/users/me` allowed. `book_every`: seconds between invoices of the ticker, 0 for
    none. `seed`: what the ticker and the default lines depend on. `disable_after`, `retry_pauses`,
    `webhook_timeout`: see `Webhooks`. `save_to`, `clock`: see `StandIn`.
    """

    name = "FreshBooks"

    def __init__(
        self,
        *,
        client_id: str = "sandbox-client",
        client_secret: str = "sandbox-secret",  # noqa: S107 - of a stand-in
        redirect_uris: Sequence[str] = (),
        scopes: Sequence[str] = oauth.APP_SCOPES,
        allow_http: bool = False,
        access_token_seconds: int = oauth.ACCESS_TOKEN_SECONDS,
        me_per_minute: int = 20,
        book_every: float = 0,
        seed: int = 1,
        disable_after: int = 10,
        retry_pauses: Sequence[float] = (5.0, 60.0),
        webhook_timeout: float = 10.0,
        save_to: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(save_to=save_to, clock=clock)
        registered = App(client_id, client_secret, list(redirect_uris), tuple(scopes), allow_http)
        self.oauth = OAuth(
            registered, self.clock, self.faults, person=identity.PERSON, access_seconds=access_token_seconds
        )
        self.identity = Identity(self, per_minute=me_per_minute)
        self.webhooks = Webhooks(
            self, disable_after=disable_after, retry_pauses=retry_pauses, timeout=webhook_timeout
        )
        self.callbacks = Callbacks(self)
        self._make_resources()
        self.bookkeeper = Bookkeeper(self, seed)
        self.ticker = Ticker(self, book_every)
        self._declare_switches()
        self._add_routes()
        self.load_saved_state()

    # The parts of StandIn

    def start(self) -> None:
        super().start()
        self.webhooks.start()
        self.ticker.start()

    def stop(self) -> None:
        self.ticker.stop()
        self.webhooks.stop()
        super().stop()

    def dump(self) -> dict[str, Any]:
        return {
            **self._books(),
            "bill_line_id": self._bill_line_id,
            "booked": self.bookkeeper.booked,
            "next_invoice_number": self.invoices.next_number,
            "ledger_accounts": list(self.ledger.accounts.values()),
            "webhooks": self.webhooks.dump(),
            "oauth": self.oauth.dump(),
        }

    def public_state(self) -> dict[str, Any]:
        """The state without tokens and verifiers."""
        callbacks = self.webhooks.callbacks.rows.values()
        return {
            **{name: table["rows"] for name, table in self._books().items()},
            "ledger_accounts": list(self.ledger.accounts.values()),
            "callbacks": [{k: v for k, v in row.items() if k != "verifier"} for row in callbacks],
            "deliveries": list(self.webhooks.log),
            "oauth": self.oauth.counts(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        for name, table in self.tables.items():
            table.restore(state[name])
        self._bill_line_id = state["bill_line_id"]
        self.bookkeeper.booked = state["booked"]
        self.ledger.load(state["ledger_accounts"])
        self.invoices.next_number = state["next_invoice_number"]
        self.invoices.restored()
        self.webhooks.restore(state["webhooks"])
        self.oauth.restore(state["oauth"])

    def reset(self) -> None:
        for table in self.tables.values():
            table.clear()
        self._bill_line_id = 0
        self.bookkeeper.booked = 0
        self.invoices.next_number = 1
        self.invoices.restored()
        self.webhooks.clear()
        self.oauth.clear()
        seed.plant(self)

    def error_response(self, error: HTTPException, request: Request) -> Response:
        return errors.render(error, request.path, self.faults)

    # For the resources

    def new_uuid(self) -> str:
        return str(uuid.uuid4())

    def next_bill_line_id(self) -> int:
        self._bill_line_id += 1
        return self._bill_line_id

    def _make_resources(self) -> None:
        self._bill_line_id = 0
        self.credits = Table(first_id=31001, index="clientid")
        self.journal_details = Table(first_id=2004224)
        self.clients = Clients(self, Table(first_id=55001))
        self.invoices: Invoices = Invoices(self, Table(first_id=90001, index="customerid"))
        self.payments = Payments(self, Table(first_id=115900, index="invoiceid"))
        self.bills = Bills(self, Table(first_id=7001))
        self.bill_payments = BillPayments(self, Table(first_id=9101, index="billid"))
        self.bill_vendors = BillVendors(self, Table("vendorid", first_id=1561))
        self.items = Items(self, Table(first_id=40001))
        self.taxes = Taxes(self, Table(first_id=8001))
        self.categories = Categories(self, Table(first_id=65771))
        self.expenses = Expenses(self, Table(first_id=30001))
        self.journal_entries = JournalEntries(self, Table(first_id=941370), self.journal_details)
        self.resources: list[Resource] = [
            self.clients,
            self.invoices,
            self.payments,
            self.bills,
            self.bill_payments,
            self.bill_vendors,
            self.items,
            self.taxes,
            self.categories,
            self.expenses,
            self.journal_entries,
        ]
        self.tables: dict[str, Table] = {resource.plural: resource.table for resource in self.resources}
        self.tables |= {"credits": self.credits, "journal_entry_details": self.journal_details}
        self.resources += [
            JournalEntryDetails(self, self.journal_details),
            JournalEntryAccounts(self, Table()),
        ]
        self.ledger: Ledger = Ledger(self)

    def _books(self) -> dict[str, dict[str, Any]]:
        return {name: table.dump() for name, table in self.tables.items()}

    def _declare_switches(self) -> None:
        declare = self.faults.declare
        declare("feature_gate", "The plan lacks the feature: an error envelope.", resource=None, status=200)
        declare("hidden_rows", "total counts rows that are not shown.", resource=None, extra=16, all=False)
        declare("conflict", "409 on a write: another request is changing it.", resource=None)
        declare("bill_payment_touches_bill", "A bill payment moves the bill's updated_at and is announced.")
        declare("callback_documented_shape", "Callbacks are shown with id and an ISO stamp, as documented.")
        errors.declare(self.faults)
        oauth.declare(self.faults)
        identity.declare(self.faults)
        webhooks.declare(self.faults)

    def _add_routes(self) -> None:
        for resource in self.resources:
            resource.add_routes()
        self.ledger.add_routes()
        self.callbacks.add_routes()
        for path in ("/oauth/authorize", "/oauth/authorize/", "/service/auth/oauth/authorize"):
            self.route("GET", path, self.oauth.show_consent)
            self.route("POST", path, self.oauth.decide_consent)
        for base in ("/auth/oauth", "/service/auth/oauth"):
            self.route("POST", f"{base}/token", self.oauth.answer_token)
            self.route("POST", f"{base}/revoke", self.oauth.answer_revoke)
        self.route("GET", "/auth/api/v1/users/me", self.identity.answer_me)
        control.add_routes(self)
