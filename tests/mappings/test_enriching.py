"""What a partner wants and FreshBooks does not know: vendor number, GL segments, replacements."""

import datetime as dt
from decimal import Decimal

import pytest

from connections.models import Connection
from mappings import names, translation
from mappings.canonical import Invoice, Line, Reference
from mappings.models import GLMapping, TradingPartner
from tenants.models import Tenant
from tests.factories import ConnectionFactory, PartnerFactory


@pytest.fixture
def freshbooks(tenant: Tenant) -> Connection:
    return ConnectionFactory.create(tenant=tenant)


@pytest.fixture
def acme(tenant: Tenant) -> TradingPartner:
    return PartnerFactory.create(tenant=tenant)


def invoice(*references: Reference) -> Invoice:
    line = Line(quantity=Decimal(1), unit_price=Decimal(5), seller_item="Widget", references=references)
    return Invoice(
        number="1",
        date=dt.date(2026, 2, 1),
        currency="USD",
        total=Decimal(5),
        purchase_order="PO-1",
        lines=(line,),
    )


def segment(document: object) -> str:
    assert isinstance(document, Invoice)
    return next((one.value for one in document.lines[0].references if one.kind == "gl_segment"), "")


def enriched(document: Invoice, partner: TradingPartner, connection: Connection) -> Invoice:
    made = translation.enrich(document, partner=partner, connection_id=connection.pk)
    assert isinstance(made, Invoice)
    return made


def map_to(
    connection: Connection, key: str, to: str, *, partner: TradingPartner | None = None, kind: str = "item"
) -> None:
    GLMapping.objects.create(
        tenant=connection.tenant,
        connection=connection,
        partner=partner,
        source_kind=kind,
        source_key=key,
        segment=to,
    )


def test_an_item_carries_its_segment(acme: TradingPartner, freshbooks: Connection) -> None:
    map_to(freshbooks, "Widget", "4000-10")
    assert segment(enriched(invoice(), acme, freshbooks)) == "4000-10"


def test_the_partners_own_mapping_wins(acme: TradingPartner, freshbooks: Connection) -> None:
    map_to(freshbooks, "Widget", "own", partner=acme)
    map_to(freshbooks, "Widget", "general")
    assert segment(enriched(invoice(), acme, freshbooks)) == "own"


def test_an_account_serves_where_the_item_has_none(acme: TradingPartner, freshbooks: Connection) -> None:
    map_to(freshbooks, "4000-1", "4000-99", kind="account")
    booked = invoice(Reference(kind="gl_account", value="4000-1"))
    assert segment(enriched(booked, acme, freshbooks)) == "4000-99"


def test_a_partner_that_insists_on_segments_names_what_lacks_one(
    acme: TradingPartner, freshbooks: Connection
) -> None:
    acme.needs_gl_segment = True
    with pytest.raises(translation.Missing, match="“Widget” has none"):
        enriched(invoice(), acme, freshbooks)


def test_the_vendor_number_goes_along(acme: TradingPartner, freshbooks: Connection) -> None:
    acme.vendor_number = "V-7"
    assert enriched(invoice(), acme, freshbooks).reference_value("vendor_number") == "V-7"


def test_a_replacement_says_so() -> None:
    replaced = translation.as_replacement(invoice())
    assert isinstance(replaced, Invoice)
    assert replaced.purpose == "replace"


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("INV 1/2", "INV_1_2"),
        ("../../etc/passwd", "etc_passwd"),
        ("", "document"),
        ("ÄÖ", "document"),
        ("a" * 99, "a" * 40),
    ],
)
def test_a_document_number_becomes_a_safe_name(name: str, safe: str) -> None:
    assert names.safe_name(name) == safe
