"""A small world with a row of every model, and the people at the support's desk."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from audit.models import Arrival, ArrivedDocument, Attempt, Delivery, Payload
from audit.services import notify, record
from audit.states import Transfer
from connections.models import (
    AccessToken,
    Backfill,
    Callback,
    CallSlot,
    Connection,
    Heartbeat,
    Hint,
    InvoiceNote,
    Poll,
    Push,
    ReferenceEntry,
    ReferenceLink,
    Route,
    Slot,
    SourceRecord,
    SystemKind,
)
from mappings.models import BookingMapping, GLMapping, ItemMapping, TradingPartner
from mappings.models.control_numbers import ControlNumber
from tenants.models import Invitation, Tenant, User
from tests.factories import (
    ArrivalFactory,
    ConnectionFactory,
    DeliveryFactory,
    DeliveryPlaceFactory,
    FileLayoutFactory,
    PartnerFactory,
    PartnerLinkFactory,
    PayloadFactory,
    RouteFactory,
    StatusReportFactory,
    UserFactory,
)

SECRETS = {
    "password": "planted-secret-of-the-partner-server",
    "access": "planted-secret-access-token",
    "refresh": "planted-secret-refresh-token",
    "verifier": "planted-secret-webhook-verifier",
}
INTERCHANGE = (
    b"ISA*00*          *00*          *ZZ*BYRON          *ZZ*GLOBEX         "
    b"*250102*1030*U*00401*000000042*0*P*>~\n"
    b"GS*IN*BYRON*GLOBEX*20250102*1030*42*X*004010~\nST*810*0001~\nBIG*20250102*INV-1001~\nSE*3*0001~\n"
    b"GE*1*42~\nIEA*1*000000042~\n"
)


@dataclass
class World:
    tenant: Tenant
    books: Connection
    server: Connection
    route: Route
    partner: TradingPartner
    delivery: Delivery
    arrival: Arrival


@pytest.fixture
def world(tenant: Tenant, alice: User) -> World:
    """One organisation with one delivered invoice, the answer to it, and planted secrets."""
    now = timezone.now()
    books = ConnectionFactory.create(tenant=tenant, name="Byron Books", key="books")
    server = ConnectionFactory.create(
        tenant=tenant,
        name="Globex server",
        key="globex",
        system=SystemKind.SFTP,
        settings={"host": "sftp.globex.example", "port": 22, "username": "byron", "outbound_folder": "in"},
        credentials={"password": SECRETS["password"]},
        credentials_set_at=now,
    )
    AccessToken.objects.create(
        connection=books, access_token=SECRETS["access"], refresh_token=SECRETS["refresh"], expires_at=now
    )
    Callback.objects.create(
        connection=books, event="invoice.create", token_hash="1" * 64, verifier=SECRETS["verifier"]
    )
    route = RouteFactory.create(tenant=tenant, source=books, target=server, name="Invoices to Globex")
    partner = PartnerFactory.create(tenant=tenant, name="Globex", code="globex", receiver_id="GLOBEX")
    DeliveryPlaceFactory.create(partner=partner, connection=server)
    PartnerLinkFactory.create(partner=partner, connection=books, party_id="55001")
    ItemMapping.objects.create(
        tenant=tenant, connection=books, partner=partner, buyer_item="P-93371", item="Widget"
    )
    GLMapping.objects.create(
        tenant=tenant, connection=books, partner=partner, source_key="Widget", segment="400-10"
    )
    FileLayoutFactory.create(tenant=tenant, partner=partner)
    ControlNumber.objects.create(
        tenant=tenant, sender="ZZ:BYRON", receiver="ZZ:GLOBEX", kind="interchange", last=42
    )
    delivery = delivered_invoice(tenant, route, partner)
    arrival = acknowledgement(server, delivery)
    Backfill.objects.create(
        tenant=tenant,
        route=route,
        date_from=date(2025, 1, 1),
        date_to=date(2025, 1, 31),
        requested_by="alice",
    )
    Poll.objects.get_or_create(connection=books, kind="records", subject="invoices")
    Hint.objects.create(connection=books, noun="invoice", object_id="90001")
    SourceRecord.objects.create(connection=books, resource="invoices", source_id="90001")
    Slot.objects.create(connection=server, work="deliver")
    InvoiceNote.objects.create(
        tenant=tenant,
        connection=books,
        delivery=delivery,
        event=delivery.events.earliest("sequence"),
        invoice_id=delivery.source_id,
        line="ml-connector: accepted",
    )
    CallSlot.objects.create(installation="sterling.globex.example:35006", number=1)
    pair = [
        ReferenceEntry.objects.create(tenant=tenant, connection=one, kind=kind, key="G1", name="Globex")
        for one, kind in ((books, "client"), (server, "partner"))
    ]
    ReferenceLink.objects.create(tenant=tenant, books=pair[0], other=pair[1], connection=server)
    StatusReportFactory.create(arrival=arrival)
    ArrivedDocument.objects.create(tenant=tenant, arrival=arrival, position=1, kind="invoice", number="I-7")
    BookingMapping.objects.create(tenant=tenant, connection=books, kind="category", target_id="65771")
    pushed = PayloadFactory.create(tenant=tenant)
    Push.objects.create(
        tenant=tenant, connection=server, name="997.edi", sha256="2" * 64, size=7, payload=pushed
    )
    Heartbeat.objects.create(name="host-1", host="host-1")
    notify(tenant=tenant, key="delivery-1", title="Something failed", text="Look at it.")
    invitation = Invitation(tenant=tenant, email="dora@example.org")
    invitation.renew(by=alice)
    invitation.save()
    return World(tenant, books, server, route, partner, delivery, arrival)


def delivered_invoice(tenant: Tenant, route: Route, partner: TradingPartner, **more: object) -> Delivery:
    values = {
        "number": "INV-1001",
        "source_id": "90001",
        "amount": Decimal("1234.50"),
        "currency": "USD",
        "party_kind": "client",
        "party_id": "55001",
        "party_name": "Globex Corporation",
        "transfer": Transfer.DELIVERED,
        "delivered_at": timezone.now() - timedelta(hours=1),
        "remote_id": "message-4711",
        "interchange_control": "42",
        "group_control": "42",
        "message_control": "0001",
        "interchange": stored(tenant, "invoice-INV-1001.edi", INTERCHANGE),
        "canonical": stored(tenant, "invoice.json", b'{"number": "INV-1001", "total": "1234.50"}'),
        "source_record": stored(tenant, "freshbooks.json", b'{"invoiceid": 90001}'),
    }
    delivery = DeliveryFactory.create(tenant=tenant, route=route, partner=partner, **{**values, **more})
    Attempt.objects.create(delivery=delivery, number=1, outcome="delivered", worker="host-1:17")
    record(delivery, "found", "Found in FreshBooks (webhook).", data={"freshbooks_id": delivery.source_id})
    return delivery


def acknowledgement(connection: Connection, delivery: Delivery) -> Arrival:
    """An arrival whose bytes stand on the timeline of the delivery that it answers."""
    arrival = ArrivalFactory.create(
        tenant=connection.tenant,
        connection=connection,
        name="997-0001.edi",
        payload=stored(connection.tenant, "997-0001.edi", b"ISA*00*short~"),
        state="read",
        next_attempt_at=None,
    )
    record(arrival, "received", "Received from Globex server.")
    record(
        delivery,
        "acknowledgement",
        "The partner's 997 says: accepted.",
        data={"arrival": arrival.public_id},
        payload=arrival.payload,
    )
    return arrival


def stored(tenant: Tenant, name: str, content: bytes) -> Payload:
    return Payload.store(
        tenant_id=tenant.pk, content=content, media_type="application/octet-stream", file_name=name
    )


@pytest.fixture
def sam(db: None) -> User:
    """Support staff who may do everything."""
    return UserFactory.create(
        email="sam@example.org", full_name="Sam Support", is_staff=True, is_superuser=True
    )


@pytest.fixture
def desk(sam: User) -> Client:
    """Sam's browser."""
    return browser_of(sam)


@pytest.fixture
def olga(db: None) -> User:
    """Support staff who may look at everything but the contents of documents, and change nothing."""
    olga = UserFactory.create(email="olga@example.org", full_name="Olga Onlooker", is_staff=True)
    looks = Permission.objects.filter(codename__startswith="view_").exclude(codename="view_payload")
    olga.user_permissions.set(looks)
    return olga


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
