"""Reference: read the lists of companies and accounts that a system holds, and keep ours in step with them."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from connections.linking import accounts_to_add, link_by_itself, tell_changes
from connections.models import Connection, Poll, ReferenceEntry, ReferenceKind, SystemKind
from connections.systems.base import Misconfigured, Reference, Rejected, System
from connections.systems.registry import open_system


def read_reference(_poll: Poll, connection: Connection) -> int:
    """Read every list that the connection is set to give; returns how many entries are new or changed.

    One list that cannot be read stops neither the others nor the connection: documents flow without it.
    Where the connection allows it, accounts that are mapped here and missing there are added to its list.
    """
    changed, troubles = 0, []
    with open_system(connection) as system:
        for kind in system.reference_kinds():
            try:
                changed += store(connection, kind, system.reference(kind))
                if kind == ReferenceKind.ACCOUNT and system.writes_reference():
                    changed += _add_accounts(system, connection)
            except (Misconfigured, Rejected) as failure:
                troubles.append(f"{kind.label.capitalize()}s: {failure} {failure.remedy}".strip())
    for other in _compared(connection):
        tell_changes(other)
    if troubles:
        raise Rejected(" ".join(troubles))
    return changed


def _compared(connection: Connection) -> list[Connection]:
    """The partner systems' connections whose comparison hangs on what was just read."""
    others = Connection.unscoped.filter(tenant=connection.tenant_id).exclude(system=SystemKind.FRESHBOOKS)
    if connection.system != SystemKind.FRESHBOOKS:
        others = others.filter(pk=connection.pk)
    listed = ReferenceEntry.objects.for_tenant(connection.tenant_id).values("connection")
    return list(others.filter(pk__in=listed).select_related("tenant"))


@transaction.atomic
def store(connection: Connection, kind: ReferenceKind, listed: Sequence[Reference]) -> int:
    """Take over a whole list; returns how many entries are new or changed.

    What is not listed any more is kept, as gone, while a link hangs on it, and dropped otherwise.
    """
    ours = ReferenceEntry.objects.for_tenant(connection.tenant_id).filter(connection=connection, kind=kind)
    known = {entry.key: entry for entry in ours.select_for_update()}
    changed = 0
    for reference in listed:
        entry = known.pop(reference.key, None) or ReferenceEntry(
            tenant_id=connection.tenant_id, connection=connection, kind=kind, key=reference.key
        )
        detail = {word: str(value)[:200] for word, value in reference.detail.items() if value}
        values = (reference.name[:200], detail, None)
        if entry.pk is None or (entry.name, entry.detail, entry.gone_at) != values:
            entry.name, entry.detail, entry.gone_at = values
            entry.save()
            changed += 1
    gone = ours.filter(pk__in=[entry.pk for entry in known.values()])
    gone.filter(links_in__isnull=True, links_out__isnull=True).delete()
    return changed + gone.filter(gone_at__isnull=True).update(gone_at=timezone.now())


def _add_accounts(system: System, connection: Connection) -> int:
    """Add what is missing to the system's list, read it again, and link what was added."""
    missing = accounts_to_add(connection)
    if not missing:
        return 0
    system.add_reference(ReferenceKind.ACCOUNT, missing)
    changed = store(connection, ReferenceKind.ACCOUNT, system.reference(ReferenceKind.ACCOUNT))
    link_by_itself(connection, [entry.key for entry in missing])
    return changed
