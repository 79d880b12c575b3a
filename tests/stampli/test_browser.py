"""The pages of reconciliation and of status reports in a browser, at both widths."""

import pytest
from playwright.sync_api import Page, expect

from connections.models import Connection
from tenants.models import User
from tests.browser import shoot, sign_in
from tests.stampli.test_reconciliation_page import PERIOD, march, stampli

__all__ = ["march", "stampli"]

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_month_is_reconciled(page: Page, march: Connection, alice: User) -> None:
    sign_in(page, alice)
    page.goto("/t/acme-trading/connections/stampli/")
    page.get_by_role("link", name="Reconcile payments").click()
    page.goto(f"{page.url}?{PERIOD}")

    expect(page.get_by_text("Amount differs", exact=True)).to_be_visible()
    shoot(page, "reconciliation")
    page.get_by_role("link", name="Show all 4").click()
    expect(page.get_by_text("payment 9100")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as CSV").click()
    assert download.value.suggested_filename == "reconciliation-stampli-2026-03-01-2026-03-31.csv"

    page.goto("/t/acme-trading/reports/")
    expect(page.get_by_text("Linked to nothing").first).to_be_visible()
    shoot(page, "reports")
