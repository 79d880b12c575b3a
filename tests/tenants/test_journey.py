"""From sign-up to a colleague at work, as people do it: in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tenants.models import Role, User
from tests.browser import shoot, sign_in
from tests.factories import PASSWORD, MembershipFactory, TenantFactory
from tests.tenants.mailbox import link_in, only_mail

pytestmark = pytest.mark.browser


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.mark.django_db(transaction=True)
def test_from_sign_up_to_a_colleague_who_joins(page, live_server):
    page.goto("/")
    heading(page, "Sign in")
    shoot(page, "sign-in")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    heading(page, "Sign up")
    shoot(page, "sign-up")
    page.get_by_label("E-mail address").fill("Dora@Example.org")
    page.get_by_role("button", name="Continue").click()
    heading(page, "Look into your mailbox")
    shoot(page, "sign-up-sent")

    page.goto(link_in(only_mail("dora@example.org")))
    heading(page, "Finish your sign-up")
    expect(page.get_by_label("Time zone")).to_have_value("America/Chicago")
    shoot(page, "finish-sign-up")
    page.get_by_label("Your name").fill("Dora Dean")
    page.get_by_label("Organisation").fill("Dean & Daughters")
    page.get_by_label("Password").fill("dora")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_text("This password is too short")).to_be_visible()
    shoot(page, "finish-sign-up-error")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create the account").click()
    heading(page, "Dean & Daughters")
    expect(page.get_by_role("status")).to_contain_text("Welcome, Dora")
    shoot(page, "home")

    page.get_by_role("link", name="Members", exact=True).click()
    page.get_by_role("link", name="Invite a member").click()
    page.get_by_label("E-mail address").fill("erik@example.org")
    page.get_by_label("Editor").check()
    shoot(page, "invite")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_role("status")).to_contain_text("on its way to erik@example.org")
    shoot(page, "members-invited")
    page.get_by_label("Account of dora@example.org").click()
    shoot(page, "account-menu")
    page.get_by_role("button", name="Sign out").click()
    heading(page, "Sign in")

    page.goto(link_in(only_mail("erik@example.org")))
    heading(page, "Join Dean & Daughters")
    shoot(page, "join")
    page.get_by_label("Your name").fill("Erik Ek")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("status")).to_contain_text("You are now a member of Dean & Daughters")
    assert User.objects.get(email="erik@example.org").memberships.get().role == Role.EDITOR


@pytest.mark.django_db(transaction=True)
def test_every_page_of_members_and_accounts_fits(page, alice, bob):
    MembershipFactory.create(
        user=alice, tenant=TenantFactory.create(name="A Second Company with a Long Name")
    )
    bob_id = bob.memberships.get().pk
    sign_in(page, alice)
    for path, name in [
        ("/", "start"),
        ("/t/acme-trading/members/", "members"),
        (f"/t/acme-trading/members/{bob_id}/remove/", "remove"),
        ("/t/acme-trading/settings/", "settings"),
        ("/organisations/new/", "new-organisation"),
        ("/password/", "password-change"),
        ("/invitations/made-up/", "invitation-invalid"),
        ("/nowhere/", "not-found"),
    ]:
        page.goto(path)
        shoot(page, name)


@pytest.mark.django_db(transaction=True)
def test_menus_open_by_keyboard_and_close_on_escape(page, alice):
    sign_in(page, alice)
    page.goto("/t/acme-trading/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    summary = page.get_by_label("Account of alice@example.org")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(summary).to_be_focused()


@pytest.mark.django_db(transaction=True)
def test_switching_between_organisations(page, alice):
    MembershipFactory.create(user=alice, tenant=TenantFactory.create(name="Second Co"))
    sign_in(page, alice)
    page.goto("/t/acme-trading/")
    page.get_by_label("Organisation: Acme Trading").click()
    shoot(page, "switcher")
    page.get_by_role("link", name="Second Co").click()
    heading(page, "Second Co")


@pytest.mark.django_db(transaction=True)
def test_the_support_pages_fit_in(page, alice, bob):
    root = User.objects.create_superuser("root@example.org", PASSWORD, full_name="Root")
    page.goto("/admin/")
    shoot(page, "support-sign-in")
    sign_in(page, root)
    for path, name in [
        ("/admin/", "support"),
        ("/admin/tenants/user/", "support-users"),
        (f"/admin/tenants/tenant/{bob.memberships.get().tenant_id}/change/", "support-tenant"),
    ]:
        page.goto(path)
        shoot(page, name)
