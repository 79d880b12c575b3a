"""What support may decide about a connection: end its pause, switch it off, switch it on."""

from django.utils import timezone

from audit.decisions import Decision
from audit.models import Delivery
from audit.states import Transfer
from connections.models import Connection, ConnectionState, SystemKind
from connections.pipeline.health import activate
from tenants.models import User


def _no_resumption(connection: Connection) -> str:
    if not connection.is_usable:
        return f"not active, but {connection.get_state_display()}"
    return "" if connection.is_paused() or connection.failures_in_row else "not paused"


def _no_switching_off(connection: Connection) -> str:
    return "switched off already" if connection.state == ConnectionState.OFF else ""


def _no_switching_on(connection: Connection) -> str:
    if connection.state == ConnectionState.ACTIVE:
        return "active already"
    if connection.state == ConnectionState.SETTING_UP:
        return "still being set up by the customer"
    if connection.state == ConnectionState.NEEDS_SIGN_IN and connection.system == SystemKind.FRESHBOOKS:
        return "waiting for the customer to sign in at FreshBooks again"
    return ""


def _go_on(connection: Connection, *, actor: User, why: str) -> None:  # noqa: ARG001 - the history has both
    """Work goes on at once, also what would rest until its own next attempt."""
    activate(connection)
    resting = Delivery.unscoped.filter(target=connection, transfer=Transfer.WAITING)
    resting.update(next_attempt_at=timezone.now())


def _switch_off(connection: Connection, *, actor: User, why: str) -> None:
    connection.state = ConnectionState.OFF
    connection.state_text = f"Switched off by {actor}: {why}"
    connection.state_remedy = "Ask support to switch it on again."
    connection.save(update_fields=["state", "state_text", "state_remedy", "updated_at"])


RESUME = Decision(
    key="resume",
    title="Resume now",
    done="resumed",
    effect="The pause ends, and what waits is tried at once. If it fails again, the pause begins anew.",
    permission="connections.resume_connection",
    refusal=_no_resumption,
    carry_out=_go_on,
)
SWITCH_OFF = Decision(
    key="switch-off",
    title="Switch off",
    done="switched off",
    effect="Nothing is sent, fetched or collected any more. Documents wait until it is switched on again.",
    permission="connections.switch_connection",
    refusal=_no_switching_off,
    carry_out=_switch_off,
)
SWITCH_ON = Decision(
    key="switch-on",
    title="Switch on",
    done="switched on",
    effect="Work goes on at once with what waits. If its settings are still wrong, it stops again.",
    permission="connections.switch_connection",
    refusal=_no_switching_on,
    carry_out=_go_on,
)
FOR_CONNECTIONS = (RESUME, SWITCH_OFF, SWITCH_ON)
