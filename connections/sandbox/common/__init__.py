"""What every stand-in has: fault switches, a clock, saved state, a control surface and a server.

How to write the stand-in of an HTTP system::

    class Mailboxes(StandIn):
        name = "Mailboxes"

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.faults.declare("empty_as_404", "An empty list is answered with 404.")
            self.route("GET", "/boxes/<int:box_id>", self.show_box)
            self.load_saved_state()

        def show_box(self, request: Request, box_id: int) -> Response: ...
        def dump(self) -> dict[str, Any]: ...       # everything it holds, as JSON
        def restore(self, state: dict[str, Any]) -> None: ...
        def reset(self) -> None: ...                # back to the seed data

    with serve(Mailboxes()) as server:              # a free port on 127.0.0.1
        requests.get(f"{server.url}/boxes/1")

Handlers run one at a time, under `StandIn.lock`; take that lock as well when Python code or a thread of
your own touches the state. Raise a werkzeug `HTTPException`, or `Answer(response)`, to answer early.
Systems that do not speak HTTP use `Faults`, `Clock` and `StateFile` alone, or beside a `StandIn` that only
serves the control surface.
"""

from connections.sandbox.common.clock import Clock
from connections.sandbox.common.faults import FaultError, Faults
from connections.sandbox.common.server import Server, serve, serve_until_stopped, wait_until_stopped
from connections.sandbox.common.standin import Answer, StandIn, json_object, json_response
from connections.sandbox.common.state_file import StateFile, StateFileError

__all__ = [
    "Answer",
    "Clock",
    "FaultError",
    "Faults",
    "Server",
    "StandIn",
    "StateFile",
    "StateFileError",
    "json_object",
    "json_response",
    "serve",
    "serve_until_stopped",
    "wait_until_stopped",
]
