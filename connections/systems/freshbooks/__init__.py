"""FreshBooks: signing in, reading what changed, writing without doubles, webhooks.

`oauth` keeps the sign-in alive, `client` speaks the API, `records` finds what changed, `resources` writes,
`webhooks` receives and `callbacks` keeps them registered, `system` is what the pipeline and the connection
test use.
"""

from connections.systems.freshbooks.callbacks import keep_webhooks, verify
from connections.systems.freshbooks.records import Record
from connections.systems.freshbooks.system import FreshBooks

__all__ = ["FreshBooks", "Record", "keep_webhooks", "verify"]
