"""The stand-in itself, and what a test or a person may ask of it beyond the product's own API."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from werkzeug.exceptions import BadRequest, NotFound
from werkzeug.wrappers import Request, Response

from connections.sandbox.common import json_response
from connections.sandbox.common.standin import CONTROL, json_object
from connections.sandbox.edi import Verdict
from connections.sandbox.ibm_sterling.documents import Documents
from connections.sandbox.ibm_sterling.mailboxes import Mailboxes
from connections.sandbox.ibm_sterling.messages import Messages
from connections.sandbox.ibm_sterling.page import render
from connections.sandbox.ibm_sterling.reference import Reference, seed_code_lists
from connections.sandbox.ibm_sterling.service import Service
from connections.sandbox.ibm_sterling.sites import Exchange, Site
from connections.sandbox.ibm_sterling.store import DEAD_LETTER, Store
from connections.sandbox.ibm_sterling.tracking import Tracking, state_of

OTHER_PARTNERS = ("MARLOW PAPER", "NORTHWIND TOOLS", "QUILL SUPPLY")


class Sterling(Service):
    """The stand-in for one installation of IBM Sterling B2B Integrator.

    `partners` are the companies behind the boxes (by default one, `acme`). Every `tick_every` seconds
    they take what lies in their outbound boxes and answer what is due; None: only when `tick()` is called.
    """

    def __init__(
        self, *, partners: Iterable[Site] = (), tick_every: float | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self._configured = [*partners] or [Site("acme")]
        self.sites: dict[str, Site] = {}
        self.tick_every = tick_every
        self.reference = Reference(self)
        self._exchange = Exchange(self, self.sites)
        Documents(self)
        Mailboxes(self)
        Messages(self)
        Tracking(self, self.sites)
        self._add_control()
        self.load_saved_state()

    # For tests and for the page

    def tick(self) -> None:
        """Let the partners work once."""
        with self.lock:
            worked = self._exchange.tick()
        if worked:
            self.changed()

    def drop(self, path: str, name: str, payload: bytes) -> int:
        """Put a message into a box as a partner would. Returns its id. Raises KeyError for no such box."""
        with self.lock:
            box = self.store.mailbox_at(path)
            if box is None:
                raise KeyError(path)
            now = self.clock.now()
            message = self.store.add_message(box, name, self.store.add_document(name, payload, now), now)
        self.changed()
        return message.id

    def boxes(self) -> list[dict[str, Any]]:
        """Every box with its messages, as `/_sandbox/boxes` shows them."""
        with self.lock:
            return [
                {
                    "id": box.id,
                    "path": box.path,
                    "messages": [self._seen(one.id) for one in self.store.messages_in(box)],
                }
                for box in sorted(self.store.mailboxes.values(), key=lambda box: box.path)
            ]

    def payloads(self, path: str) -> list[bytes]:
        """The content of every message in a box, oldest first."""
        with self.lock:
            box = self.store.mailbox_at(path)
            return [self.payload(one.id) for one in self.store.messages_in(box)] if box else []

    def payload(self, message_id: int) -> bytes:
        """The exact bytes of a message; empty when they were purged."""
        document = self.store.documents.get(self.store.messages[message_id].document_id)
        return (document.payload or b"") if document else b""

    def complaints(self) -> list[dict[str, Any]]:
        """What the partners complain of, each with the name of the partner."""
        with self.lock:
            return [
                {"partner": site.name, **one}
                for site in self.sites.values()
                for one in site.company.complaints
            ]

    def looked_into(self, path: str) -> None:
        self._exchange.looked_into(path)

    # Life

    def dump(self) -> dict[str, Any]:
        return {
            "store": self.store.dump(),
            "sites": {name: site.dump() for name, site in self.sites.items()},
            "code_lists": self.reference.code_lists,
            "mistakes": self.mistakes,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.sites.update({site.name: replace(site) for site in self._configured})
        self.store = Store.load(state["store"])
        self.reference.code_lists = state["code_lists"]
        self.mistakes = state["mistakes"]
        for name, site in self.sites.items():
            if name in state["sites"]:
                site.restore(state["sites"][name])
        self._add_missing_boxes()

    def reset(self) -> None:
        self.store = Store()
        self.mistakes = []
        self.most_at_once = 0
        self.unlock()
        self.reference.code_lists = seed_code_lists()
        self.sites.update({site.name: replace(site) for site in self._configured})
        self._add_missing_boxes()

    def _add_missing_boxes(self) -> None:
        for path in (DEAD_LETTER, *(path for site in self.sites.values() for path in site.boxes)):
            if self.store.mailbox_at(path) is None:
                self.store.add_mailbox(path)
        self.reference.partners = []
        for site in self.sites.values():
            self.reference.add_partner(site.name.upper(), site.outbound)
        for name in OTHER_PARTNERS:
            self.reference.add_partner(name, f"/{name.lower().replace(' ', '_')}")

    def _seen(self, message_id: int) -> dict[str, Any]:
        message = self.store.messages[message_id]
        now = self.clock.now()
        return {
            "id": message.id,
            "name": message.name,
            "size": len(self.payload(message.id)),
            "created": message.created.isoformat(),
            "extractable": message.is_extractable(now),
            "state": state_of(message),
            "failed": message.failed,
        }

    # Over HTTP

    def _add_control(self) -> None:
        self.route("GET", "/", lambda _: render(self))
        self.route("POST", f"{CONTROL}/tick", self._tick_now)
        self.route("GET", f"{CONTROL}/boxes", lambda _: json_response({"boxes": self.boxes()}))
        self.route("POST", f"{CONTROL}/messages", self._drop)
        self.route("GET", f"{CONTROL}/messages/<int:identifier>/payload", self._show_payload)
        self.route("POST", f"{CONTROL}/messages/<int:identifier>/purge", self._purge)
        self.route("GET", f"{CONTROL}/partners", lambda _: json_response({"partners": self._partners()}))
        self.route("POST", f"{CONTROL}/partners/<name>", self._instruct)
        self.route("GET", f"{CONTROL}/complaints", lambda _: json_response({"complaints": self.complaints()}))
        self.route("GET", f"{CONTROL}/mistakes", self._show_mistakes)
        self.route("POST", f"{CONTROL}/unlock", self._unlock_now)

    def _tick_now(self, _: Request) -> Response:
        self.tick()
        return json_response({"boxes": self.boxes()})

    def _drop(self, request: Request) -> Response:
        """`{"path": "/acme/inbound", "name": "po.x12", "payload": "<base64>"}`, or `text` for the payload."""
        order = json_object(request)
        try:
            payload = base64.b64decode(order["payload"], validate=True) if "payload" in order else None
            content = str(order["text"]).encode() if payload is None else payload
            identifier = self.drop(order["path"], str(order["name"]), content)
        except (KeyError, TypeError, binascii.Error) as error:
            raise BadRequest(f"Give path, name, and payload (base64) or text: {error!r}") from error
        return json_response({"id": identifier}, 201)

    def _show_payload(self, _: Request, identifier: int) -> Response:
        self._known(identifier)
        return Response(self.payload(identifier), content_type="application/octet-stream")

    def _purge(self, _: Request, identifier: int) -> Response:
        self._known(identifier)
        self.store.documents[self.store.messages[identifier].document_id].payload = None
        return json_response({"purged": True})

    def _known(self, identifier: int) -> None:
        if identifier not in self.store.messages:
            raise NotFound(f"There is no message {identifier}.")

    def _partners(self) -> list[dict[str, Any]]:
        return [
            {
                "name": site.name,
                "verdict": site.company.verdict,
                "verdicts": site.company.verdicts,
                "acknowledge_with": site.company.acknowledge_with,
                "ack_after": site.ack_after,
                "ack_after_polls": site.ack_after_polls,
                "isa_id": site.isa_id,
                "answers_due": len(site.due),
                "documents": site.company.documents,
                "complaints": site.company.complaints,
            }
            for site in self.sites.values()
        ]

    def _instruct(self, request: Request, name: str) -> Response:
        """Change a partner: any of `verdict`, `verdicts` ({number: verdict or null}), `ack_after`,
        `ack_after_polls`, `acknowledge_with`, `isa_id`.
        """
        site = self.sites.get(name)
        if site is None:
            raise NotFound(f"There is no partner {name}.")
        order = json_object(request)
        try:
            _instruct(site, order)
        except (TypeError, ValueError, AttributeError) as error:
            raise BadRequest(str(error)) from error
        return json_response({"partners": self._partners()})

    def _show_mistakes(self, _: Request) -> Response:
        return json_response({"mistakes": self.mistakes, "most_at_once": self.most_at_once})

    def _unlock_now(self, _: Request) -> Response:
        self.unlock()
        return json_response({"unlocked": True})


def _instruct(site: Site, order: dict[str, Any]) -> None:
    known = {"verdict", "verdicts", "ack_after", "ack_after_polls", "acknowledge_with", "isa_id"}
    if unknown := order.keys() - known:
        raise ValueError(f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}.")
    verdicts = {str(key): value and Verdict(value) for key, value in order.get("verdicts", {}).items()}
    verdict = Verdict(order.get("verdict", site.company.verdict))
    acknowledge_with = str(order.get("acknowledge_with", site.company.acknowledge_with))
    if acknowledge_with not in {"997", "999"}:
        raise ValueError("acknowledge_with must be 997 or 999.")
    site.ack_after = max(0.0, float(order.get("ack_after", site.ack_after)))
    site.ack_after_polls = max(0, int(order.get("ack_after_polls", site.ack_after_polls)))
    site.isa_id = str(order.get("isa_id", site.isa_id))
    site.company.acknowledge_with = acknowledge_with
    site.company.instruct(verdict, verdicts)
