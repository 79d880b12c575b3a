"""How the pages of what comes in look, in Chromium at both widths."""

from typing import Any

import pytest
from playwright.sync_api import Page

from audit.models import ArrivedDocument
from mappings.models import BookingMapping
from tenants.models import User
from tests.browser import shoot, sign_in
from tests.pages.test_arrived import held, inbound, row

__all__ = ["held", "inbound", "row"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_pages_of_what_comes_in(
    page: Page, world: Any, row: ArrivedDocument, held: Any, bob: User, live_server: Any
) -> None:
    BookingMapping.unscoped.create(
        tenant=world.tenant,
        connection=world.books,
        kind="category",
        target_id="65771",
        target_name="Office Supplies",
    )
    sign_in(page, bob)
    for name, path in (
        ("arrived", f"arrived/{row.public_id}/"),
        ("choose", f"documents/{held.public_id}/choose/"),
        ("payment", f"documents/{held.public_id}/"),
        ("arrival", f"arrivals/{row.arrival.public_id}/"),
        ("inbound-route", "routes/add-inbound/"),
        ("partners", "partners/"),
    ):
        page.goto(f"/t/acme-trading/{path}")
        shoot(page, name)
