"""Objects for tests. Each app's factories follow the models they make."""

import hashlib
from datetime import date
from typing import Any

from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from audit.models import Arrival, Delivery, Payload, StatusReport
from connections.models import Connection, ConnectionState, Route, SystemKind
from mappings.codecs import layouts
from mappings.models import DeliveryPlace, FileLayout, PartnerLink, TradingPartner
from tenants.models import Membership, Role, Tenant, User

PASSWORD = "correct horse battery"


class TenantFactory(DjangoModelFactory[Tenant]):
    class Meta:
        model = Tenant

    name = Sequence(lambda n: f"Organisation {n}")
    time_zone = "America/New_York"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = Sequence(lambda n: f"person{n}@example.org")
    full_name = Sequence(lambda n: f"Person {n}")
    password = PASSWORD

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        return model_class.objects.create_user(*args, **kwargs)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    tenant = SubFactory(TenantFactory)
    user = SubFactory(UserFactory)
    role = Role.OWNER


class ConnectionFactory(DjangoModelFactory[Connection]):
    class Meta:
        model = Connection

    tenant = SubFactory(TenantFactory)
    system = SystemKind.FRESHBOOKS
    key = Sequence(lambda n: f"connection-{n}")
    name = LazyAttribute(lambda made: made.key.title())
    state = ConnectionState.ACTIVE


class PartnerFactory(DjangoModelFactory[TradingPartner]):
    class Meta:
        model = TradingPartner

    tenant = SubFactory(TenantFactory)
    code = Sequence(lambda n: f"partner-{n}")
    name = LazyAttribute(lambda made: made.code.title())
    sender_id = "BYRON"
    receiver_id = LazyAttribute(lambda made: made.code.upper()[:15])


class RouteFactory(DjangoModelFactory[Route]):
    class Meta:
        model = Route

    tenant = SubFactory(TenantFactory)
    key = Sequence(lambda n: f"route-{n}")
    name = LazyAttribute(lambda made: made.key.title())
    source = SubFactory(ConnectionFactory, tenant=SelfAttribute("..tenant"))
    target = SubFactory(ConnectionFactory, tenant=SelfAttribute("..tenant"), system=SystemKind.SFTP)
    is_on = True


class DeliveryPlaceFactory(DjangoModelFactory[DeliveryPlace]):
    class Meta:
        model = DeliveryPlace

    tenant = SelfAttribute("partner.tenant")
    partner = SubFactory(PartnerFactory)
    outbound = LazyAttribute(lambda made: f"/{made.partner.code}/outbound")


class PartnerLinkFactory(DjangoModelFactory[PartnerLink]):
    class Meta:
        model = PartnerLink

    tenant = SelfAttribute("partner.tenant")
    partner = SubFactory(PartnerFactory)
    party_id = Sequence(lambda n: str(55000 + n))


class FileLayoutFactory(DjangoModelFactory[FileLayout]):
    """A layout in its first version, made of the one that is shipped under the name `standard`."""

    class Meta:
        model = FileLayout
        exclude = ("standard",)

    standard = "invoice_csv"
    tenant = SubFactory(TenantFactory)
    key = Sequence(lambda n: f"layout-{n}")
    name = LazyAttribute(lambda made: made.key.title())
    data = LazyAttribute(lambda made: layouts.STANDARD[made.standard])

    @classmethod
    def _create(cls, model_class: type[FileLayout], *args: Any, **kwargs: Any) -> FileLayout:
        data = kwargs.pop("data")
        layout = model_class(**kwargs)
        layout.save_version(data)
        return layout


class PayloadFactory(DjangoModelFactory[Payload]):
    class Meta:
        model = Payload

    tenant = SubFactory(TenantFactory)
    content = b"ISA*00*"
    media_type = "application/edi-x12"
    file_name = "invoice.edi"
    sha256 = LazyAttribute(lambda made: hashlib.sha256(made.content).hexdigest())
    size = LazyAttribute(lambda made: len(made.content))


class DeliveryFactory(DjangoModelFactory[Delivery]):
    class Meta:
        model = Delivery

    tenant = SubFactory(TenantFactory)
    route = SubFactory(RouteFactory, tenant=SelfAttribute("..tenant"))
    target = SelfAttribute("route.target")
    partner = SubFactory(PartnerFactory, tenant=SelfAttribute("..tenant"))
    kind = "invoice"
    source_id = Sequence(lambda n: str(90000 + n))
    fingerprint = Sequence(lambda n: f"{n:064x}")
    number = Sequence(lambda n: f"{n:07d}")
    interchange = SubFactory(PayloadFactory, tenant=SelfAttribute("..tenant"))


class ArrivalFactory(DjangoModelFactory[Arrival]):
    class Meta:
        model = Arrival

    tenant = SubFactory(TenantFactory)
    connection = SubFactory(ConnectionFactory, tenant=SelfAttribute("..tenant"), system=SystemKind.SFTP)
    place = "/acme/ack"
    key = Sequence(str)
    name = Sequence(lambda n: f"997-{n}.edi")
    payload = SubFactory(PayloadFactory, tenant=SelfAttribute("..tenant"))
    sha256 = "0" * 64
    size = 7


class StatusReportFactory(DjangoModelFactory[StatusReport]):
    class Meta:
        model = StatusReport

    tenant = SelfAttribute("arrival.tenant")
    arrival = SubFactory(ArrivalFactory)
    connection = SelfAttribute("arrival.connection")
    line = 2
    identity = Sequence(lambda n: f"{n:064x}")
    about = "bill"
    status = "approved"
    stated = "Approved"
    remote_id = Sequence(lambda n: f"SI-{n:06}")
    source_id = Sequence(lambda n: str(58000 + n))
    dated = date(2026, 3, 10)
