"""A partner's deviations from RSX, as people enter them."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from mappings.canonical import Invoice, Line
from mappings.codecs import rsx
from mappings.codecs.report import CodecError
from mappings.rsx_overlay import overlay_of, problems

INVOICE = Invoice(
    number="1",
    date=dt.date(2026, 3, 9),
    currency="USD",
    total=Decimal(1),
    lines=(Line(number="1", quantity=Decimal(1), unit_price=Decimal(1)),),
)
ENVELOPE = rsx.Envelope(trading_partner_id="4X7")


def test_what_is_required_is_named_and_what_is_fixed_is_written() -> None:
    with pytest.raises(CodecError, match="ShipDate is missing"):
        rsx.write([INVOICE], ENVELOPE, overlay=overlay_of({"required": ["Header.InvoiceHeader.ShipDate"]}))

    written = rsx.write(
        [INVOICE], ENVELOPE, overlay=overlay_of({"fixed": {"Header.InvoiceHeader.Division": "7"}})
    )
    assert b'"Division": "7"' in written.data.replace(b'":"', b'": "')


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([], "Write an object"),
        ({"demands": []}, "“demands” is not known"),
        ({"required": "Header"}, "is a list of paths"),
        ({"required": ["Header.InvoiceHeader.Nothing"]}, "no document has a member"),
        ({"fixed": {"Header.InvoiceHeader.Division": 7}}, "from paths to texts"),
        ({"fixed": {"Header.InvoiceHeader.InvoiceTypeCode": "XX"}}, "'XX' is not a value"),
        ({"codes": {"item": "VN"}}, "from vocabularies"),
        ({"codes": {"nothing": {"a": "b"}}}, "no code list"),
    ],
)
def test_what_is_wrong_is_said_where_it_is_entered(values: Any, said: str) -> None:
    assert said in " ".join(problems(values))


def test_nothing_entered_is_nothing_wrong() -> None:
    assert problems({}) == []
    assert overlay_of({}, "CAD").currency == "CAD"
