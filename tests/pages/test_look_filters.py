"""tenants.templatetags.look: figures and days as people write them; which tab is the current one."""

from datetime import date
from decimal import Decimal

import pytest

from tenants.templatetags.look import amount, day, quantity, tone


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1234.5"), "1,234.50"),
        ("0.0375", "0.0375"),
        ("100", "100.00"),
        (Decimal("-9.99"), "-9.99"),
        (Decimal("1E+3"), "1,000.00"),
        (None, "–"),
        ("NaN", "–"),
        ("much", "–"),
    ],
    ids=str,
)
def test_an_amount_has_two_decimals_or_as_many_as_say_something(value, shown):
    assert amount(value) == shown


def test_an_amount_is_followed_by_its_currency():
    assert amount(Decimal("1234.5"), "USD") == "1,234.50 USD"
    assert amount(None, "USD") == "–"


@pytest.mark.parametrize(
    ("value", "shown"), [("10.00", "10"), ("2.50", "2.5"), (1200, "1,200"), ("", "–")], ids=str
)
def test_a_quantity_has_no_needless_zeros(value, shown):
    assert quantity(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2026, 3, 4), "4 Mar 2026"),
        ("2026-03-04", "4 Mar 2026"),
        ("soon", "soon"),
        (None, "–"),
        ("", "–"),
    ],
    ids=str,
)
def test_a_day_is_written_out(value, shown):
    assert day(value) == shown


@pytest.mark.parametrize(
    ("state", "expected"),
    [("misconfigured", "failed"), ("needs_sign_in", "failed"), ("setting_up", "waiting"), ("off", "neutral")],
)
def test_states_of_connections_have_their_tones(state, expected):
    assert tone(state) == expected


@pytest.mark.parametrize(
    ("path", "tab"),
    [
        ("", "Home"),
        ("documents/", "Documents"),
        ("arrivals/", "Documents"),
        ("connections/globex-server/", "Connections"),
        ("links/freshbooks/", "Partners"),
        ("routes/invoices-to-globex/", "Routes"),
    ],
)
def test_each_page_belongs_to_a_tab(browse, world, alice, path, tab):
    page = browse(alice, path)
    assert page.count('" aria-current="page">' + tab) == 1
