"""The partners behind the mailboxes: each takes what lies in its outbound box and answers later."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connections.sandbox.edi import EdiPartner, Verdict
from connections.sandbox.ibm_sterling.service import Service
from connections.sandbox.ibm_sterling.store import DEAD_LETTER, Message


@dataclass
class Site:
    """One partner's four boxes below `/{name}` and the company behind them.

    `ack_after` is the number of seconds between taking a message and answering it. With `isa_id` set,
    only X12 interchanges for this receiver find their way; the others end in `/DeadLetter`.
    """

    name: str
    ack_after: float = 0
    isa_id: str = ""
    verdict: Verdict = Verdict.ACCEPT
    acknowledge_with: str = "997"
    company: EdiPartner = field(init=False)
    # Ids of messages that were seen in the outbound box, and answers that are not yet in the ack box.
    arrived: set[int] = field(init=False, default_factory=set)
    due: list[tuple[datetime, str, bytes]] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.company = EdiPartner(self.name, verdict=self.verdict, acknowledge_with=self.acknowledge_with)

    @property
    def outbound(self) -> str:
        """Where the customer puts what this partner shall get."""
        return f"/{self.name}/outbound"

    @property
    def inbound(self) -> str:
        """Where the partner puts documents for the customer."""
        return f"/{self.name}/inbound"

    @property
    def ack(self) -> str:
        """Where the partner's acknowledgements appear."""
        return f"/{self.name}/ack"

    @property
    def boxes(self) -> tuple[str, ...]:
        """All paths, the parent first. The last one is a decoy that a prefix filter finds as well."""
        root = f"/{self.name}"
        return (root, f"{root}/outbound.test", self.outbound, self.inbound, self.ack, f"{root}/archive")

    def dump(self) -> dict[str, Any]:
        """What this partner remembers, as values that JSON knows."""
        return {
            "ack_after": self.ack_after,
            "isa_id": self.isa_id,
            "company": self.company.dump(),
            "arrived": sorted(self.arrived),
            "due": [[at.isoformat(), name, base64.b64encode(body).decode()] for at, name, body in self.due],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `dump` returned."""
        self.ack_after, self.isa_id = state["ack_after"], state["isa_id"]
        self.company.restore(state["company"])
        self.arrived = set(state["arrived"])
        self.due = [
            (datetime.fromisoformat(at), name, base64.b64decode(body)) for at, name, body in state["due"]
        ]


class Exchange:
    """Moves messages between the boxes and the partners. Call `tick` under the service's lock."""

    def __init__(self, service: Service, sites: dict[str, Site]) -> None:
        self.service = service
        self.sites = sites

    def tick(self) -> bool:
        """Let every partner take what is there, then put every answer that is due into its box.

        Returns whether anything was done.
        """
        now = self.service.clock.now()
        before = self.service.store.last_number, self._progress()
        for site in self.sites.values():
            box = self.service.store.mailbox_at(site.outbound)
            for message in list(self.service.store.messages_in(box)) if box else ():
                site.arrived.add(message.id)
                if message.taken is None and not message.failed and message.is_extractable(now):
                    self._take(site, message, now)
            self._put_due_answers(site, now)
        return before != (self.service.store.last_number, self._progress())

    def _progress(self) -> list[tuple[int, int, int]]:
        return [
            (len(site.arrived), len(site.company.documents), len(site.company.complaints))
            for site in self.sites.values()
        ]

    def _take(self, site: Site, message: Message, now: datetime) -> None:
        document = self.service.store.documents.get(message.document_id)
        if document is None or document.payload is None or document.is_purged(now):
            self._give_up(site, message, "The content is no longer available.")
        elif self.service.faults.take("routing_fails"):
            self._give_up(site, message, "The routing rule failed.")
        elif site.isa_id and receiver_of(document.payload) != site.isa_id:
            self._give_up(site, message, f"No route: the receiver is {receiver_of(document.payload)!r}.")
        else:
            message.taken = now
            message.extract()
            answers = site.company.receive(message.name, document.payload, now)
            due = now + timedelta(seconds=site.ack_after)
            site.due += [(due, message.name, answer) for answer in answers]

    def _give_up(self, site: Site, message: Message, why: str) -> None:
        message.failed = why
        dead_letter = self.service.store.mailbox_at(DEAD_LETTER)
        if dead_letter is not None:
            message.mailbox_id = dead_letter.id
        at = self.service.clock.now().isoformat()
        site.company.complaints.append(
            {"at": at, "source": message.name, "kind": "undeliverable", "number": "", "text": why}
        )

    def _put_due_answers(self, site: Site, now: datetime) -> None:
        store, box = self.service.store, self.service.store.mailbox_at(site.ack)
        for answer in [one for one in site.due if one[0] <= now]:
            site.due.remove(answer)
            name = f"ACK-{store.last_number + 1}-{answer[1]}"[:100]
            if box is not None:
                store.add_message(box, name, store.add_document(name, answer[2], now), now)


def receiver_of(payload: bytes) -> str:
    """ISA08 of an X12 interchange; empty for anything else."""
    return payload[54:69].decode("latin-1").strip() if payload.startswith(b"ISA") else ""
