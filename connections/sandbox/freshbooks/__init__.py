"""A stand-in for FreshBooks: OAuth sign-in, the accounting API, the chart of accounts and webhooks.

Start it in a test, on a free port::

    books = FreshBooks(redirect_uris=["http://127.0.0.1/callback"], allow_http=True)
    with serve(books) as server:                      # server.url is both the API and the sign-in address
        token = books.oauth.mint()["access_token"]    # without the browser
        books.bookkeeper.book_invoice(55001, po_number="PO-7781", notify=False)
        books.faults.set("reply_lost", times=1, method="POST")
        books.clock.move(hours=13)                    # the access token has expired

or as a part of a longer-lived process::

    server = start(port=8100, save_to=path, book_every=20, redirect_uris=[...], allow_http=True)
    ...
    server.stop()

`FreshBooks` lists the options. `control` lists what can be driven over HTTP under `/_sandbox/`, beside the
switches, state, calls and clock that every stand-in has; `/` is a page for people.

The seed (all ids are fixed):

- Ada Byron, identity 31001, owner of **Byron Supply**: account_id `Zx9Qw1`, business id 77213, business
  UUID `0c5f2f6e-0000-4000-8000-000000000002`; client of Babbage Works (77214), which has no account_id.
- The application: client id `sandbox-client`, secret `sandbox-secret`.
- Clients 55001 Acme Retail, 55002 Bluebell Grocers, 55003 Canyon Outfitters, 55004 Delta Hardware,
  55005 Evergreen Market, 55006 Foxglove Florist (meant to stay without a mapping).
- Bill vendors 1561 Northwind Paper, 1562 Harbor Freight Lines, 1563 Gasket Works,
  1564 City Power & Light.
- Items 40001 Widget, blue (WID-BLUE), 40002 Widget, red (WID-RED), 40003 Gasket (GSK-4),
  40004 Bolt set (BLT-M8), 40005 Pallet service (SRV-PAL).
- Taxes 8001 Sales Tax 6.25 %, 8002 County Tax 1.125 %.
- Expense categories 65771 Office Supplies, 65772 Freight & Shipping, 65773 Cost of Goods Sold,
  65774 Utilities, 65775 Professional Services.
- Journal sub-accounts: 635971 Checking (1000-1), 635972 Petty Cash (1000-2), 635973 Trade Receivables
  (1200-1), 635974 Trade Payables (2000-1), 635975 Sales Tax Payable (2200-1), 635976 Owner's Equity
  (3000-1), 635977 Sales (4000-1), 635978 Shipping Income (4000-2), 635979 Materials (5000-1),
  635980 Office Supplies (6000-1), 635981 Freight (6000-2), 635982 Utilities (6000-3),
  635983 Professional Services (6000-4).
- Bills 7001 (paid by bill payment 9101), 7002, 7003; invoices 90001 to 90003, of which payment 115900
  paid 90002; expenses 30001, 30002.
"""

from typing import Any

from connections.sandbox.common import Server
from connections.sandbox.freshbooks.app import FreshBooks
from connections.sandbox.freshbooks.notices import SILENT, Notice


def start(*, host: str = "127.0.0.1", port: int = 0, **options: Any) -> Server[FreshBooks]:
    """Start a FreshBooks stand-in that runs until `stop()` is called; `options` are those of `FreshBooks`.

    Raises OSError when the port is taken, StateFileError when the saved state is damaged.
    """
    server = Server(FreshBooks(**options), host, port)
    server.start()
    return server


__all__ = ["SILENT", "FreshBooks", "Notice", "start"]
