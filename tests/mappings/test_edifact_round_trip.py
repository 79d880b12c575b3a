"""What is written is read back as the same document: any legal text, any separators, any optional part."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.codecs import edifact
from tests.mappings.edifact_examples import documents, write
from tests.mappings.strategies.edifact import ALPHABETS, DOCUMENTS, carried, separators

VERSIONS = ("D:96A:UN", "D:96A:UN:EAN008", "D:01B:UN", "D:01B:UN:EAN010")
SENDER = edifact.Identity(id="4012345000009", qualifier="14")
RECEIVER = edifact.Identity(id="BYRON", qualifier="ZZZ", internal="X")
FEW = 15
MANY = 400
SLOW_DRAWS = [HealthCheck.too_slow, HealthCheck.data_too_large]


@st.composite
def interchanges(draw):
    """What an envelope may leave open: character set, syntax version, separators, directory, groups."""
    syntax = draw(st.sampled_from(sorted(ALPHABETS)))
    version = 4 if syntax == "UNOW" else draw(st.sampled_from((3, 4)))
    return {
        "sender": SENDER,
        "receiver": RECEIVER,
        "syntax": syntax,
        "syntax_version": version,
        "separators": draw(separators(version)),
        "version": draw(st.sampled_from(VERSIONS)),
        "group_reference": draw(st.sampled_from((None, 7))),
    }


def comes_back(type_, data):
    chosen = data.draw(interchanges())
    document = carried(data.draw(DOCUMENTS[type_]), ALPHABETS[chosen["syntax"]])
    assert documents(write(document, **chosen)) == [document]


@pytest.mark.parametrize("type_", DOCUMENTS)
@settings(max_examples=FEW, suppress_health_check=SLOW_DRAWS, deadline=None)
@given(data=st.data())
def test_a_document_comes_back(type_, data):
    comes_back(type_, data)


@pytest.mark.slow
@pytest.mark.parametrize("type_", DOCUMENTS)
@settings(max_examples=MANY, suppress_health_check=SLOW_DRAWS, deadline=None)
@given(data=st.data())
def test_many_documents_come_back(type_, data):
    comes_back(type_, data)


@settings(max_examples=FEW, suppress_health_check=SLOW_DRAWS, deadline=None)
@given(data=st.data())
def test_an_interchange_of_all_kinds_comes_back(data):
    chosen = data.draw(interchanges())
    sent = [carried(data.draw(kind), ALPHABETS[chosen["syntax"]]) for kind in DOCUMENTS.values()]
    assert documents(write(*sent, **chosen)) == sent
