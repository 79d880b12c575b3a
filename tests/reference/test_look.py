"""The page that compares two lists, as Chromium shows it on a desk and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from connections import linking
from connections.models import Connection, Poll, PollKind, ReferenceEntry, SystemKind
from mappings.models import TradingPartner
from tenants.models import Tenant, User
from tests.browser import shoot, sign_in
from tests.factories import ConnectionFactory, PartnerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_every_finding_fits_a_desk_and_a_phone(page: Page, tenant: Tenant, alice: User) -> None:
    books: Connection = ConnectionFactory.create(tenant=tenant, key="freshbooks", name="FreshBooks")
    other: Connection = ConnectionFactory.create(
        tenant=tenant,
        key="sterling",
        name="Sterling of the Northeastern plants",
        system=SystemKind.IBM_STERLING,
        settings={"base_url": "https://sterling.example:1", "read_partners": True},
    )
    for connection in (books, other):
        Poll.objects.get_or_create(
            connection=connection, kind=PollKind.REFERENCE, defaults={"last_success_at": timezone.now()}
        )
    PartnerFactory.create(tenant=tenant, code="acme", name="Acme")
    ours, theirs = {}, {}
    for name in ("Acme", "Bluebell Grocers", "Canyon Outfitters", "Delta Hardware", "Evergreen"):
        ours[name] = _entry(books, "vendor", name, {"e-mail": f"ar@{name.split()[0].lower()}.example"})
        theirs[name] = _entry(
            other, "partner", name.upper(), {"mailbox": f"/{name.split()[0].lower()}/outbound"}
        )
    for name in ("Acme", "Bluebell Grocers", "Canyon Outfitters", "Delta Hardware"):
        linking.link(ours[name], theirs[name])
    theirs["Canyon Outfitters"].detail = {"mailbox": "/canyon/new"}
    theirs["Delta Hardware"].gone_at = timezone.now() - timedelta(days=1)
    for name in ("Canyon Outfitters", "Delta Hardware"):
        theirs[name].save()
    _entry(books, "client", "Consolidated Wholesale Distribution and Warehousing of America", {})
    _entry(other, "partner", "MARLOW PAPER", {"mailbox": "/marlow/outbound", "community": "EDI_PARTNERS"})
    aside = _entry(other, "partner", "QUILL SUPPLY", {})
    ReferenceEntry.unscoped.filter(pk=aside.pk).update(is_set_aside=True)
    assert TradingPartner.objects.for_tenant(tenant).count() == 1

    sign_in(page, alice)
    page.goto(f"/t/{tenant.slug}/connections/sterling/reference/")

    titles = [title.split("\n")[0] for title in page.locator("section.panel h2").all_inner_texts()]
    assert [title.rstrip(" 0123456789") for title in titles] == [
        "Gone",
        "Changed",
        "Linked, but not mapped",
        "Probably the same",
        "Only in FreshBooks",
        "Only in Sterling of the Northeastern plants",
        "In step",
        "Set aside",
    ]
    shoot(page, "reference")


def _entry(connection: Connection, kind: str, name: str, detail: dict[str, str]) -> ReferenceEntry:
    return ReferenceEntry.objects.create(
        tenant=connection.tenant, connection=connection, kind=kind, key=name, name=name, detail=detail
    )
