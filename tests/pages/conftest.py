"""A customer at work: connections, partners, a route, documents in every standing, with planted secrets."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from audit.models import Arrival, Attempt, Delivery, Payload
from audit.services import notify, record
from connections.models import (
    AccessToken,
    Callback,
    Connection,
    ConnectionState,
    Heartbeat,
    Poll,
    Route,
    SystemKind,
)
from mappings.canonical import from_json, to_json
from mappings.models import GLMapping, TradingPartner
from tenants.models import Role, Tenant, User
from tests.factories import (
    ArrivalFactory,
    ConnectionFactory,
    DeliveryFactory,
    DeliveryPlaceFactory,
    MembershipFactory,
    PartnerFactory,
    PartnerLinkFactory,
    RouteFactory,
    UserFactory,
)

HOME = "/t/acme-trading/"
SECRETS = {
    "password": "planted-secret-password-of-the-server",
    "access": "planted-secret-access-token",
    "refresh": "planted-secret-refresh-token",
    "verifier": "planted-secret-webhook-verifier",
    "technical": "planted-secret-in-a-technical-detail",
}
INTERCHANGE = (
    b"ISA*00*          *00*          *ZZ*ACMETRADING    *ZZ*GLOBEX         *260302*1030*U*00401*000000042*0*P*>~"
    b"GS*IN*ACMETRADING*GLOBEX*20260302*1030*42*X*004010~ST*810*0001~BIG*20260302*INV-1001**PO-77~"
    b"TDS*123450~SE*4*0001~GE*1*42~IEA*1*000000042~"
)
INVOICE = """{"schema": "invoice/1", "number": "INV-1001", "date": "2026-03-02", "currency": "USD", "total": "1234.50",
 "purchase_order": "PO-77",
 "parties": [{"role": "bill_to", "name": "Globex Corporation",
   "address": {"lines": ["1 Long Road"], "city": "Springfield", "region": "IL",
     "postal_code": "62701", "country": "US"}}],
 "terms": [{"net_days": 30, "net_due_date": "2026-04-01"}],
 "lines": [{"number": "1", "quantity": "10", "unit_price": "100", "seller_item": "Widget, blue",
   "description": "A widget, in blue", "amount": "1000.00"},
  {"number": "2", "quantity": "1.5", "unit_price": "156.33", "seller_item": "Service", "description": "By the hour",
   "amount": "234.50"}]}"""
HOST_KEY = {
    "line": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOeXVZlPyZYZ5BC2sKLc1dBDm+7s0v2xbK1VKEtDrG6k",
    "kind": "ssh-ed25519",
    "fingerprint": "SHA256:qH2v6l8oLr6gUVyzQh6cJ0N3p7l2mYt5c8q0QXqk1nE",
}
STANDINGS: dict[str, dict[str, Any]] = {
    "held": {
        "document": "held",
        "reason_code": "unmapped_party",
        "reason": "the FreshBooks client Foxglove Florist is not linked to a trading partner.",
        "remedy": "Link it under Partners; the document then goes by itself.",
    },
    "failed": {"transfer": "failed", "reason": "The server refused the file: its disk is full."},
    "in_doubt": {
        "transfer": "in_doubt",
        "reason": "The connection broke while the file was renamed.",
        "remedy": "Look at the partner whether it is there, then say so here.",
    },
    "rejected": {
        "acknowledgement": "rejected",
        "reason_code": "acknowledgement",
        "reason": "segment 3 IT1, element 2: code 7 (“XX”); segment 5 TDS, element 1: code 1",
        "remedy": "Correct it and replay it.",
    },
    "overdue": {"acknowledgement": "overdue"},
    "waiting": {"transfer": "waiting", "reason": "The server did not answer."},
    "unanswered": {"acknowledgement": "waiting"},
    "accepted": {"acknowledgement": "accepted"},
    "accepted_with_errors": {"acknowledgement": "accepted_with_errors"},
    "skipped": {"transfer": "skipped", "reason": "it was deleted in FreshBooks."},
    "dismissed": {"transfer": "dismissed"},
    "ready": {"transfer": "ready"},
}


@dataclass
class World:
    """Everything belongs to alice's Acme Trading."""

    tenant: Tenant
    books: Connection
    server: Connection
    route: Route
    partner: TradingPartner

    def delivery(self, standing: str = "accepted", **more: Any) -> Delivery:
        """A document that stands so (`audit.standing`), with a timeline."""
        now = timezone.now()
        values = {**STANDINGS[standing], **more}
        if "acknowledgement" in values:
            values |= {"transfer": "delivered", "delivered_at": now - timedelta(hours=2)}
            values.setdefault("acknowledgement_due_at", now + timedelta(hours=22))
            if values["acknowledgement"] not in ("waiting", "overdue"):
                values["acknowledged_at"] = now - timedelta(hours=1)
        if values.get("transfer") in ("waiting", "ready"):
            values["next_attempt_at"] = now + timedelta(minutes=5)
        made: Delivery = DeliveryFactory.create(
            **{
                "tenant": self.tenant,
                "route": self.route,
                "partner": None if standing == "held" else self.partner,
                "interchange": None if standing == "held" else self.stored("invoice.x12", INTERCHANGE),
                "canonical": self.stored("invoice.json", to_json(from_json(INVOICE)).encode()),
                "source_record": self.stored("freshbooks.json", b'{"id": 90001}'),
                "amount": Decimal("1234.50"),
                "currency": "USD",
                "document_date": date(2026, 3, 2),
                "party_kind": "client",
                "party_id": "55006" if standing == "held" else "55001",
                "party_name": "Foxglove Florist" if standing == "held" else "Globex Corporation",
                **values,
            }
        )
        record(made, "found", "Found in FreshBooks (poll).", payload=made.source_record)
        if made.interchange:
            record(made, "translated", f"Translated for {made.partner}.", payload=made.interchange)
        if made.transfer == "delivered":
            Attempt.objects.create(delivery=made, number=1, outcome="delivered", finished_at=now)
            record(made, "delivered", "Delivered to Globex server.", data={"detail": SECRETS["technical"]})
        if standing == "failed":
            Attempt.objects.create(
                delivery=made, number=1, outcome="temporary", text="Disk full.", detail=SECRETS["technical"]
            )
            record(made, "failed", "Globex server: its disk is full.", data={"detail": SECRETS["technical"]})
        return made

    def arrival(self, **more: Any) -> Arrival:
        made: Arrival = ArrivalFactory.create(
            **{
                "tenant": self.tenant,
                "connection": self.server,
                "payload": self.stored("997.edi", b"ISA*00*short~"),
                "state": "read",
                "summary": "X12 1 × 997",
                "next_attempt_at": None,
                **more,
            }
        )
        record(made, "received", f"Received from Globex server as {made.name}.")
        return made

    def answer(self, delivery: Delivery, status: str = "accepted") -> Arrival:
        """An arrival that answers the delivery."""
        arrival = self.arrival(name=f"997-{delivery.number}.edi")
        record(
            delivery,
            "acknowledgement",
            f"The partner's 997 says: {status}.",
            data={"status": status, "arrival": arrival.public_id},
            payload=arrival.payload,
        )
        return arrival

    def stored(self, name: str, content: bytes) -> Payload:
        return Payload.store(
            tenant_id=self.tenant.pk, content=content, media_type="application/octet-stream", file_name=name
        )

    def server_test(
        self, *steps: dict[str, Any], running: bool = False, ago: timedelta = timedelta()
    ) -> None:
        """As if the server's connection test had said this."""
        started = (timezone.now() - ago).isoformat()
        self.server.test_report = {"running": running, "started_at": started, "steps": list(steps)}
        self.server.save(update_fields=["test_report"])


def step(title: str, state: str = "passed", text: str = "Yes.", **detail: Any) -> dict[str, Any]:
    return {"key": "x", "title": title, "state": state, "text": text, "detail": detail}


UNKNOWN_KEY = step(
    "Is it the server that it says it is?",
    "failed",
    "Nobody has confirmed the server's host key yet.",
    host_keys=[HOST_KEY],
    technical=SECRETS["technical"],
)


@pytest.fixture
def world(tenant: Tenant, alice: User) -> World:
    now = timezone.now()
    books = ConnectionFactory.create(
        tenant=tenant, name="FreshBooks", key="freshbooks", settings={"business_name": "Acme Trading"}
    )
    server = ConnectionFactory.create(
        tenant=tenant,
        name="Globex server",
        key="globex-server",
        system=SystemKind.SFTP,
        settings={
            "host": "sftp.globex.example",
            "port": 22,
            "username": "acme",
            "outbound_folder": "inbound",
        },
        credentials={"password": SECRETS["password"]},
        credentials_set_at=now,
        last_success_at=now,
    )
    AccessToken.objects.create(
        connection=books, access_token=SECRETS["access"], refresh_token=SECRETS["refresh"], expires_at=now
    )
    Callback.objects.create(
        connection=books, event="invoice.create", token_hash="1" * 64, verifier=SECRETS["verifier"]
    )
    partner = PartnerFactory.create(tenant=tenant, name="Globex", code="globex", receiver_id="GLOBEX")
    DeliveryPlaceFactory.create(partner=partner, connection=server, outbound="inbound")
    PartnerLinkFactory.create(
        partner=partner, connection=books, party_id="55001", party_name="Globex Corporation"
    )
    GLMapping.objects.create(tenant=tenant, connection=books, source_key="Widget, blue", segment="4000-10")
    route = RouteFactory.create(
        tenant=tenant, source=books, target=server, name="Invoices to Globex", key="invoices-to-globex"
    )
    Poll.objects.get_or_create(connection=books, kind="records", subject="invoices")
    Heartbeat.objects.create(name="host-1", host="host-1")
    return World(tenant, books, server, route, partner)


@pytest.fixture
def full_world(world: World) -> World:
    """A world with a document in every standing, and what else makes pages long."""
    for standing in STANDINGS:
        world.delivery(standing)
    answered = world.delivery("accepted", number="INV-2001")
    world.answer(answered)
    world.arrival(name="garbage.bin", state="failed", reason="It does not begin like an X12 interchange.")
    notify(
        tenant=world.tenant,
        key="x",
        title="Globex has not acknowledged invoice INV-1001",
        text="The agreed time is over. Ask the partner whether it arrived, or replay it.",
        url=answered.get_absolute_url(),
    )
    return world


@pytest.fixture
def viewer(tenant: Tenant) -> User:
    user = UserFactory.create(email="vera@example.org", full_name="Vera Viewer")
    MembershipFactory.create(tenant=tenant, user=user, role=Role.VIEWER)
    return user


@pytest.fixture
def browse(client: Client) -> Any:
    """browse(alice, "routes/") -> the page's text, or with `status` what else is answered."""

    def get(user: User, path: str, status: int = 200, **query: Any) -> str:
        client.force_login(user)
        response = client.get(HOME + path, query)
        assert response.status_code == status, (path, response.status_code)
        return response.content.decode()

    return get


@pytest.fixture
def press(client: Client) -> Any:
    """press(bob, "routes/x/switch/", follow=True) -> the response to a POST."""

    def post(user: User, path: str, data: dict[str, Any] | None = None, **options: Any) -> Any:
        client.force_login(user)
        return client.post(HOME + path, data or {}, **options)

    return post


def paused(connection: Connection, why: str = "The server did not answer.") -> Connection:
    connection.paused_until = timezone.now() + timedelta(minutes=10)
    connection.pause_reason = why
    connection.save()
    return connection


def stopped(connection: Connection, why: str = "The folder “in” is not there.") -> Connection:
    connection.state, connection.state_text = ConnectionState.MISCONFIGURED, why
    connection.state_remedy = "Correct the folder."
    connection.save()
    return connection
