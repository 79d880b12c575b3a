"""What RSX carries comes back as it was, in both notations."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.codecs import rsx
from tests.mappings.strategies import rsx as strategies

KINDS = {
    "Invoice": strategies.invoices(),
    "Order": strategies.orders,
    "OrderAck": strategies.answers,
    "Shipment": strategies.ship_notices,
}
FEW = 15
MANY = 120
SLOW_DRAWS = [HealthCheck.too_slow, HealthCheck.data_too_large]


def back(data, **options):
    items: list[Any] = list(rsx.read(data, **options))
    file = items.pop()
    assert str(file.report) == ""
    assert [str(item.report) for item in items] == [""] * len(items)
    assert [item.ignored for item in items] == [[]] * len(items)
    return items


def comes_back(type_, notation, document):
    written = rsx.write([document], rsx.Envelope(trading_partner_id="4X7ALL", notation=notation))
    (item,) = back(written.data, expected=type_)
    assert (item.document, item.type, item.trading_partner_id) == (document, type_, "4X7ALL")


@pytest.mark.parametrize("notation", rsx.NOTATIONS)
@pytest.mark.parametrize("type_", KINDS)
@settings(max_examples=FEW, suppress_health_check=SLOW_DRAWS, deadline=None)
@given(data=st.data())
def test_a_document_comes_back(type_, notation, data):
    comes_back(type_, notation, data.draw(KINDS[type_]))


@pytest.mark.slow
@pytest.mark.parametrize("notation", rsx.NOTATIONS)
@pytest.mark.parametrize("type_", KINDS)
@settings(max_examples=MANY, suppress_health_check=SLOW_DRAWS, deadline=None)
@given(data=st.data())
def test_many_documents_come_back(type_, notation, data):
    comes_back(type_, notation, data.draw(KINDS[type_]))


@pytest.mark.parametrize("notation", rsx.NOTATIONS)
@settings(max_examples=FEW, suppress_health_check=SLOW_DRAWS, deadline=None)
@given(documents=st.lists(strategies.invoices(), min_size=2, max_size=4))
def test_a_file_of_several_comes_back(notation, documents):
    written = rsx.write(documents, rsx.Envelope(trading_partner_id="4X7ALL", notation=notation))
    assert [item.document for item in back(written.data)] == documents
