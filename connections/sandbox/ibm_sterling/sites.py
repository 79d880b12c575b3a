"""The partners behind the mailboxes: each takes what lies in its outbound box and answers later."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connections.sandbox.edi import EdiPartner, Verdict
from connections.sandbox.ibm_sterling import envelope
from connections.sandbox.ibm_sterling.service import Service
from connections.sandbox.ibm_sterling.store import DEAD_LETTER, Message


@dataclass
class Due:
    """An answer that is not yet in the ack box: put there from `at` on, after so many more `polls`."""

    at: datetime
    name: str
    answer: bytes
    polls: int = 0


@dataclass
class Site:
    """One partner's four boxes below `/{name}` and the company behind them.

    `ack_after` is the number of seconds between taking a message and answering it, `ack_after_polls` how often
    the ack box has to be looked into meanwhile. With `isa_id` set, only X12 interchanges for this receiver find
    their way; the others end in `/DeadLetter`.
    """

    name: str
    ack_after: float = 0
    isa_id: str = ""
    verdict: Verdict = Verdict.ACCEPT
    acknowledge_with: str = "997"
    ack_after_polls: int = 0
    company: EdiPartner = field(init=False)
    # Ids of messages that were seen in the outbound box, and answers that are not yet in the ack box.
    arrived: set[int] = field(init=False, default_factory=set)
    # How many envelopes the installation has written for this partner.
    enveloped: int = field(init=False, default=0)
    due: list["Due"] = field(init=False, default_factory=list)

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
            "enveloped": self.enveloped,
            "ack_after_polls": self.ack_after_polls,
            "due": [
                [one.at.isoformat(), one.name, base64.b64encode(one.answer).decode(), one.polls]
                for one in self.due
            ],
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Take over what `dump` returned."""
        self.ack_after, self.isa_id = state["ack_after"], state["isa_id"]
        self.company.restore(state["company"])
        self.arrived = set(state["arrived"])
        self.enveloped = state.get("enveloped", 0)
        self.ack_after_polls = state.get("ack_after_polls", 0)
        self.due = [
            Due(datetime.fromisoformat(at), name, base64.b64decode(body), *polls)
            for at, name, body, *polls in state["due"]
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

    def looked_into(self, path: str) -> None:
        """Somebody has listed a box; what waits for that in an ack box comes nearer."""
        for site in self.sites.values():
            if site.ack == path:
                for due in site.due:
                    due.polls -= 1
                self._put_due_answers(site, self.service.clock.now())

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
            answers = site.company.receive(message.name, self._enveloped(site, document.payload, now), now)
            due = now + timedelta(seconds=site.ack_after)
            site.due += [Due(due, message.name, answer, site.ack_after_polls) for answer in answers]

    def _enveloped(self, site: Site, payload: bytes, now: datetime) -> bytes:
        """What comes without an envelope gets one of the installation's own, with its own control numbers."""
        if not payload.startswith((b"ST", b"UNH")):
            return payload
        site.enveloped += 1
        return envelope.wrap(
            payload, receiver=site.isa_id or site.name.upper(), number=site.enveloped, now=now
        )

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
        for due in [one for one in site.due if one.at <= now and one.polls <= 0]:
            site.due.remove(due)
            name = f"ACK-{store.last_number + 1}-{due.name}"[:100]
            if box is not None:
                store.add_message(box, name, store.add_document(name, due.answer, now), now)


def receiver_of(payload: bytes) -> str:
    """ISA08 of an X12 interchange; empty for anything else."""
    return payload[54:69].decode("latin-1").strip() if payload.startswith(b"ISA") else ""
