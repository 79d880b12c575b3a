"""Trading partners and code lists, as the installation keeps them.

A partner of the file gateway has a name and a mailbox but no EDI identifiers: those stand in our own trading
partners. A code list pairs sender codes (accounts) with receiver codes (GL segments).
"""

from collections import Counter
from collections.abc import Sequence

from connections.models import ReferenceKind
from connections.systems.base import Misconfigured, Reference, Temporary
from connections.systems.ibm_sterling.api import Api, Refused
from connections.systems.ibm_sterling.settings import Settings


def kinds(settings: Settings) -> tuple[ReferenceKind, ...]:
    """The lists that the connection is set to give."""
    wanted = {ReferenceKind.PARTNER: settings.read_partners, ReferenceKind.ACCOUNT: bool(settings.code_list)}
    return tuple(kind for kind, is_read in wanted.items() if is_read)


def read(api: Api, kind: ReferenceKind) -> list[Reference]:
    """The whole list of one kind."""
    return _partners(api) if kind == ReferenceKind.PARTNER else _accounts(api)


def add_codes(api: Api, entries: Sequence[Reference]) -> None:
    """Add accounts with their segments to the code list. The same pair twice stays one."""
    codes = [
        {"senderCode": one.key, "receiverCode": one.detail["segment"], "description": one.name}
        for one in entries
    ]
    api.call(
        "POST",
        "codelists",
        api.settings.code_list,
        "actions",
        "bulkupdatecodes",
        json={"codes": codes},
        repeatable=True,
    )


def _partners(api: Api) -> list[Reference]:
    """Fields may be missing from a row: the product leaves some away."""
    return [
        Reference(
            key=str(row["partnerName"])[:200],
            name=str(row["partnerName"]),
            detail={
                "mailbox": _said(row.get("mailbox")),
                "e-mail": _said(row.get("emailAddress")),
                "community": _said(row.get("community")),
            },
        )
        for row in api.rows("tradingpartners")
        if row.get("partnerName")
    ]


def _accounts(api: Api) -> list[Reference]:
    """By their sender codes; one that stands there with several segments, by each pair."""
    key = api.settings.code_list
    try:
        answer = api.call("GET", "codelists", key)
    except Refused as refused:
        if refused.status != 404:
            raise
        raise Misconfigured(
            f"There is no code list “{key}” that our account may see.",
            remedy="Compare name, sender, receiver and version with the Sterling administrator.",
            detail=refused.answer.excerpt(),
        ) from None
    found = answer.json()
    if not isinstance(found, dict) or not isinstance(found.get("codes"), list):
        raise Temporary(f"IBM Sterling sent no codes of “{key}”.", detail=answer.excerpt())
    codes = [code for code in found["codes"] if isinstance(code, dict) and _said(code.get("senderCode"))]
    times = Counter(_said(code["senderCode"]) for code in codes)
    entries = {}
    for code in codes:
        account, segment = _said(code["senderCode"]), _said(code.get("receiverCode"))
        own = account if times[account] == 1 else f"{account}|{segment}"
        entries[own[:200]] = Reference(
            key=own[:200], name=_said(code.get("description")) or account, detail={"segment": segment}
        )
    return list(entries.values())


def _said(value: object) -> str:
    """A text of theirs as it may be stored and shown."""
    text = "" if value is None or isinstance(value, dict | list) else str(value)
    return "".join(c if c.isprintable() else "�" for c in text).strip()[:200]
