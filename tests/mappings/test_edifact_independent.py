"""pydifact, which knows nothing of this code, reads in what is written here the same segments and values."""

import warnings
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydifact.segmentcollection import Interchange

from mappings.codecs import edifact
from mappings.codecs.edifact.separators import Wire
from mappings.codecs.patterns import COMPONENT, ELEMENT, TERMINATOR
from tests.mappings.edifact_examples import (
    answers,
    envelope,
    invoice,
    order,
    order_answer,
    remittance,
    ship_notice,
    write,
)
from tests.mappings.strategies.edifact import ALPHABETS, in_alphabet
from tests.mappings.strategies.edifact import DOCUMENTS as STRATEGIES

DOCUMENTS = [invoice(), order(), order_answer(), ship_notice(), remittance()]


def theirs(data: bytes, encoding: str = "latin-1") -> list[list[Any]]:
    """The segments between UNB and UNZ as pydifact reads them: tags and elements, of one or more components."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        interchange = Interchange.from_str(data.decode(encoding))
    return [
        [
            segment.tag,
            *([*element] if isinstance(element, list) else [element] for element in segment.elements),
        ]
        for segment in interchange.segments
    ]


def ours(data: bytes, encoding: str = "latin-1") -> list[list[Any]]:
    """The same by our own separators; `data` is in those of the standard."""
    text = edifact_text(data, encoding)
    rows = [segment.split(ELEMENT) for segment in text.split(TERMINATOR)[1:-2]]
    return [[row[0], *(element.split(COMPONENT) for element in row[1:])] for row in rows]


def edifact_text(data: bytes, encoding: str) -> str:
    start = data.index(b"UNB")
    return Wire(edifact.Separators(), 3).read(data[start:]).encode("latin-1").decode(encoding)


@pytest.mark.parametrize("version", ["D:96A:UN", "D:01B:UN:EAN010"])
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.SCHEMA)
def test_pydifact_reads_the_same_values_of_every_message(document, version):
    data = write(document, version=version)
    assert theirs(data) == ours(data)


def test_pydifact_reads_contrl():
    broken = write(invoice(), order()).replace(b"QTY+47:2:EA", b"QTY+47:two:EA")
    data = edifact.write(answers(broken), envelope()).data
    assert theirs(data) == ours(data)


def test_pydifact_counts_the_messages_of_an_interchange():
    data = write(*DOCUMENTS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        interchange = Interchange.from_str(data.decode("latin-1"))
    assert [message.type for message in interchange.get_messages()] == [
        "INVOIC",
        "ORDERS",
        "ORDRSP",
        "DESADV",
        "REMADV",
    ]


@pytest.mark.parametrize("type_", STRATEGIES)
@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_pydifact_reads_every_legal_value(type_, data):
    document = in_alphabet(data.draw(STRATEGIES[type_]), ALPHABETS["UNOC"])
    written = write(document)
    assert theirs(written) == ours(written)
