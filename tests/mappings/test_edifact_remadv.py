"""REMADV: what is paid, with what is kept back; and what it cannot say."""

import datetime as dt
from decimal import Decimal

import pytest

from mappings.canonical import BankAccount, EventDate, Identifier, Party, Reference, RemittanceLine
from mappings.codecs.report import CodecError
from tests.mappings.edifact_examples import BUYER, documents, interchange, items, remittance, write

D = Decimal


@pytest.mark.parametrize(
    "changes",
    [
        {"credit": False},
        {"method": "ach", "originator": "1234567890"},
        {"dates": (EventDate(kind="document", date=dt.date(2026, 2, 18)),)},
        {
            "payer_account": BankAccount(
                bank_scheme="aba", bank="021000021", account_kind="demand", account="1"
            )
        },
        {"payer_account": BankAccount(bank="DEUTDEFF", account_kind="x12:DA"), "payee_account": None},
        {"lines": (), "adjustments": ()},
        {"amount": D(0), "lines": (), "adjustments": (), "currency": ""},
    ],
)
@pytest.mark.parametrize("version", ["D:96A:UN", "D:01B:UN"])
def test_what_can_be_said_comes_back(changes, version):
    assert documents(write(remittance(**changes), version=version)) == [remittance(**changes)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"handling": "payment_and_remittance"}, "cannot say 'payment_and_remittance': it is a remittance"),
        ({"method": "check", "credit": False}, "credit: EDIFACT's REMADV cannot say that 'check' debits"),
        ({"parties": (BUYER,)}, r"parties\[0\]: EDIFACT's REMADV cannot say references of a party"),
    ],
)
def test_what_cannot_be_said(changes, text):
    with pytest.raises(CodecError, match=text):
        write(remittance(**changes))


def test_d01b_has_room_for_the_references_of_a_party():
    party = Party(
        role="payer",
        name="P",
        identifiers=(Identifier(scheme="gln", value="4098765000003"), Identifier(scheme="tax_id", value="1")),
    )
    advice = remittance(parties=(party,))
    assert documents(write(advice, version="D:01B:UN")) == [advice]


def test_the_advice_of_another_partner():
    """Dates and banks in other places, amounts under other qualifiers, documents of other kinds."""
    data = interchange(
        "REMADV:D:96A:UN:EAN003",
        """
        BGM+481+A9
        DTM+137:20260218:102
        DTM+138:20260220:102
        DTM+203:20260221:102
        RFF+PQ:7
        FII+OR+12345:Maier:GmbH+:::10020030:25:131
        PAI+::31
        NAD+BY+4098765000003::9
        NAD+SU+4012345000009::9
        CUX+2:EUR:11
        DOC+385::9+R1
        MOA+77:100
        MOA+11:95
        MOA+52:5
        DOC+99+R2
        MOA+12:20
        UNS+S
        MOA+9:200
        MOA+12:115
        """,
    )
    (advice,) = documents(data)
    assert (advice.date, advice.amount, advice.currency) == (dt.date(2026, 2, 20), D(115), "EUR")
    assert [event.kind for event in advice.dates] == ["document", "edifact:203"]
    assert advice.payer_account == BankAccount(bank="10020030", account="12345")
    assert advice.lines == (
        RemittanceLine(
            document=Reference(kind="edifact:385", value="R1"), paid=D(95), gross=D(100), discount=D(5)
        ),
        RemittanceLine(document=Reference(kind="edifact:99", value="R2"), paid=D(20)),
    )


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        (
            b"MOA+9:100'",
            b"MOA+9:101'",
            r"lines[0].paid: is 90, but gross less discount plus adjustments is 91",
        ),
        (b"MOA+12:50'", b"MOA+9:50'", r"lines[1].paid: is missing: there is no MOA+12"),
        (b"+2026-18'", b"'", r"lines[1]: does not say which document it pays"),
        (b"UNS+S'MOA+12", b"UNS+S'MOA+3", "amount: is missing: there is no MOA+12 after UNS"),
        (
            b"UNS+S'MOA+12:130",
            b"UNS+S'MOA+12:131",
            "amount: is 131, but the lines and adjustments add up to 130",
        ),
    ],
)
def test_an_advice_that_does_not_add_up(old, new, text):
    data = write(remittance())
    assert old in data
    (message,) = items(data.replace(old, new))
    assert message.document is None
    assert text in str(message.report)
