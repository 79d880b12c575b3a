"""A real Chromium for the tests marked `browser`, and screenshots of what it shows.

With SCREENSHOTS=<folder> in the environment, `shoot(page, "members")` writes members-1280.png and
members-375.png there; without it, it still checks that nothing overflows either width.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client, override_settings
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tenants.models import User

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {1280: 900, 375: 760}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    # Playwright's loop runs in this thread, and Django would take it for an async view calling the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of a fresh browser profile, whose relative addresses lead to the live server.

    The test fails if the browser reports a script error or something that the content security policy blocks.
    """
    context = browser.new_context(base_url=live_server.url, timezone_id="America/Chicago", locale="en-US")
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: _collect(complaints, message.type, message.text))
    with override_settings(SITE_URL=live_server.url):
        yield page
    context.close()
    assert not complaints


def _collect(complaints: list[str], kind: str, text: str) -> None:
    """An answer such as 404 is the test's own affair, anything else that is logged as an error is not."""
    if kind == "error" and not text.startswith("Failed to load resource"):
        complaints.append(text)


def sign_in(page: Page, user: User) -> None:
    """Signs `user` in without going through the form."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": settings.SITE_URL}]
    )


def shoot(page: Page, name: str) -> None:
    """Shows the page at desktop and phone width, checks that it fits, and keeps pictures if wanted."""
    folder = os.environ.get("SCREENSHOTS")
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        overflow = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{page.url} is {overflow} pixels wider than a window of {width}"
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 1280, "height": WIDTHS[1280]})
