"""What is written is read back as the same document: every message, legal character and choice of delimiters."""

import dataclasses
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mappings.canonical import Acknowledgement, Document
from mappings.codecs import x12
from tests.mappings.x12_examples import envelope
from tests.mappings.x12_strategies import Texts, delimiters

MESSAGES = {
    "810": Texts.invoices,
    "820": Texts.remittances,
    "850": Texts.orders,
    "855": Texts.order_answers,
    "856": Texts.ship_notices,
    "997": lambda texts: texts.acknowledgements("997"),
    "999": lambda texts: texts.acknowledgements("999"),
}
SETTINGS = settings(
    max_examples=20,
    deadline=None,
    report_multiple_bugs=False,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


def without_words(document: Document) -> Document:
    """An acknowledgement without the sentences of its reasons, which are not sent."""
    if not isinstance(document, Acknowledgement):
        return document
    reasons = tuple(dataclasses.replace(reason, message="") for reason in document.reasons)
    parts: Any = tuple(without_words(part) for part in document.parts)
    return dataclasses.replace(document, reasons=reasons, parts=parts)


@pytest.mark.parametrize("version", ["004010", "005010"])
@pytest.mark.parametrize("type_", MESSAGES)
@SETTINGS
@given(data=st.data())
def test_every_document_survives(type_, version, data):
    used = data.draw(delimiters())
    document = data.draw(MESSAGES[type_](Texts(used, version)))
    written = x12.write([document], envelope(version=version, delimiters=used)).data
    items = list(x12.read(written))
    assert [str(problem) for item in items for problem in item.report] == []
    (message,) = [item for item in items if isinstance(item, x12.Message)]
    assert message.document is not None
    assert without_words(message.document) == without_words(document)
    # Readers build their values without checks; here the checks are made good.
    assert type(document)(**{f.name: getattr(message.document, f.name) for f in dataclasses.fields(document)})


@SETTINGS
@given(data=st.data())
def test_several_documents_of_several_kinds_in_one_interchange(data):
    texts = Texts(x12.Delimiters(), "004010")
    documents = data.draw(
        st.lists(texts.invoices() | texts.orders() | texts.remittances(), min_size=1, max_size=4)
    )
    written = x12.write(documents, envelope())
    read = {
        (m.group.header.control_number, m.control_number): m.document
        for m in _messages(written.data)
        if m.group
    }
    assert [read[str(numbers.group), numbers.set] for numbers in written.numbers if numbers] == documents


def _messages(data: bytes) -> list[x12.Message]:
    return [item for item in x12.read(data) if isinstance(item, x12.Message)]
