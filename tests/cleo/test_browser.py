"""Setting a Cleo connection up in Chromium, from the empty form to a push that makes us look."""

import pytest
import requests
from playwright.sync_api import Page, expect

from connections.management.commands.run_pending import run_pending
from connections.models import Connection, ConnectionState, Push
from connections.pipeline.check import check
from connections.sandbox import cleo as sandbox
from tenants.models import Tenant, User
from tests.browser import shoot, sign_in
from tests.cleo.conftest import PROFILES, rest_settings

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def shape() -> str:
    return "plain"


def test_rest_by_a_profile(page: Page, running: sandbox.Running, tenant: Tenant, alice: User) -> None:
    sign_in(page, alice)
    page.goto(f"/t/{tenant.slug}/connections/add/cleo/")
    # What only REST needs is folded away.
    expect(page.locator("#id_list_path")).to_be_hidden()
    shoot(page, "cleo-empty")

    page.get_by_label("How we reach it").select_option("rest")
    page.locator("#id_username").fill(sandbox.USERNAME)
    page.locator("#id_password").fill(sandbox.PASSWORD)
    page.get_by_role("button", name="Save and test").click()
    # Now it is open, and says what is missing.
    expect(page.locator("#id_list_path")).to_be_visible()
    expect(page.get_by_text("Over REST we need how a folder is listed").first).to_be_visible()
    shoot(page, "cleo-missing")

    page.get_by_text("REST profile: archiving").click()
    for name, value in {"base_url": running.url, **PROFILES["plain"]}.items():
        field = page.locator(f"#id_{name}")
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("#id_insecure").check()
    page.locator("#id_password").fill(sandbox.PASSWORD)
    page.get_by_role("button", name="Save and test").click()
    found = Connection.unscoped.get()
    assert check(found.pk), Connection.unscoped.get().test_report
    page.goto(found.get_absolute_url())
    expect(page.get_by_text("“download” is there and holds 0 files.")).to_be_visible()
    shoot(page, "cleo-tested")

    page.get_by_role("button", name="Make an address").click()
    address = page.locator("#push code").inner_text()
    assert requests.post(f"{address}?name=997_ACME.edi", data=b"ISA*", timeout=30).status_code == 202
    page.reload()
    expect(page.locator("#push")).to_contain_text("997_ACME.edi")
    assert Push.objects.for_tenant(tenant).count() == 1
    shoot(page, "cleo-push")


def test_a_password_that_has_expired_is_entered_in_place(
    page: Page, running: sandbox.Running, tenant: Tenant, alice: User
) -> None:
    made = Connection.unscoped.create(
        tenant=tenant,
        key="cleo",
        name="Cleo",
        system="cleo",
        state=ConnectionState.ACTIVE,
        settings=rest_settings(running),
        credentials={"password": "the old one"},
    )
    run_pending()
    sign_in(page, alice)
    page.goto(made.get_absolute_url())
    expect(page.get_by_text("does not let “ml-connector” in").first).to_be_visible()
    shoot(page, "cleo-expired")

    page.locator("#new_password").fill(sandbox.PASSWORD)
    page.get_by_role("button", name="Save and test").click()
    assert check(made.pk)
    page.goto(made.get_absolute_url())
    assert Connection.unscoped.get().state == ConnectionState.ACTIVE
