"""DESADV: packing levels, and which line belongs to which order."""

import dataclasses
import time

import pytest

from mappings.canonical import Pack, Party, Reference, ShippedOrder, Tare
from mappings.codecs.report import CodecError
from tests.mappings.edifact_examples import (
    documents,
    interchange,
    items,
    segments,
    ship_notice,
    shipped,
    sscc,
    write,
)

PACK = Pack(marks=(sscc("340123450000000025"),), items=(shipped("1", "A", 1),))


def of_one_order(**changes):
    """A notice with one order, of which `changes` says what is in it."""
    return ship_notice(orders=(ShippedOrder(purchase_order="PO-1", **changes),))


def notice(body):
    """A notice of another partner."""
    head = "BGM+351+L1+9\nDTM+137:20260201:102\n"
    return interchange("DESADV:D:96A:UN:EAN005", head + body)


@pytest.mark.parametrize("version", ["D:96A:UN", "D:01B:UN"])
@pytest.mark.parametrize(
    "changes",
    [
        {"items": (shipped("1", "A", 1),)},
        {"packs": (PACK,)},
        {"packs": (Pack(items=PACK.items),) * 2},
        {"tares": (Tare(items=(shipped("1", "A", 1),)),)},
        {"tares": (Tare(marks=(sscc("340123450000000018"),), packs=(PACK, PACK)),), "packs": (PACK,)},
        {"tares": (Tare(packs=(Pack(),)),)},
        {"release": "2", "packs": (Pack(),)},
        {},
    ],
)
def test_packing_comes_back(version, changes):
    assert documents(write(of_one_order(**changes), version=version)) == [of_one_order(**changes)]


def test_a_package_with_parts_of_several_orders_stands_in_the_message_once():
    assert (
        sum(segment.startswith("GIN+BJ+340123450000000025") for segment in segments(write(ship_notice())))
        == 1
    )


def test_several_references_of_a_package():
    references = (Reference(kind="delivery_note", value="1"), Reference(kind="delivery_note", value="2"))
    found = of_one_order(packs=(dataclasses.replace(PACK, references=references),))
    assert documents(write(found)) == [found]


def test_what_is_said_of_the_only_order_goes_into_the_heading():
    order = ShippedOrder(
        purchase_order="PO-1",
        parties=(Party(role="mark_for", name="Store 7"),),
        references=(Reference(kind="department", value="417"),),
        items=(shipped("1", "A", 1),),
    )
    (found,) = documents(write(ship_notice(orders=(order,))))
    assert found.parties[0] == order.parties[0]
    assert order.references[0] in found.references


def test_what_is_said_of_one_of_several_orders():
    one, two = ship_notice().orders
    reference = Reference(kind="department", value="417")
    (found,) = documents(write(ship_notice(orders=(one, dataclasses.replace(two, references=(reference,))))))
    assert found.orders[1].tares[0].packs[0].items[0].line.references == (reference,)
    assert found.orders[0] == one
    with pytest.raises(
        CodecError, match=r"orders\[1\].parties: DESADV knows parties of the whole shipment only"
    ):
        write(ship_notice(orders=(one, dataclasses.replace(two, parties=ship_notice().parties))))
    with pytest.raises(CodecError, match=r"orders\[1\]: DESADV knows an order by its lines only"):
        write(ship_notice(orders=(one, dataclasses.replace(two, tares=()))))


class TestOtherPartners:
    def test_the_order_only_in_the_heading_and_no_level_for_the_shipment(self):
        data = notice(
            """RFF+ON:PO-1
            NAD+BY+4098765000003::9
            CPS+1
            PAC+1++201
            PCI+33E
            GIN+BJ+1:5+9
            LIN+7++4012345123456:EN
            QTY+12:4
            LIN+8++4012345123457:EN
            QTY+12:5"""
        )
        (found,) = documents(data)
        (order,) = found.orders
        (tare,) = order.tares
        assert order.purchase_order == "PO-1"
        assert [mark.value for mark in tare.marks] == ["1", "5", "9"]
        assert [item.line.gtin for item in tare.items] == ["4012345123456", "4012345123457"]

    def test_levels_deeper_than_ours_are_packs_on_the_pallet(self):
        data = notice(
            """CPS+1
            PAC+3++CT
            CPS+2+1
            PAC+1++201
            PCI+33E
            GIN+BJ+111
            CPS+3+2
            PAC+1++CT
            PCI+33E
            GIN+BJ+222
            CPS+4+3
            PAC+1++PK
            LIN+1++4012345123456:EN
            QTY+12:4
            RFF+ON:PO-2"""
        )
        (order,) = documents(data)[0].orders
        (tare,) = order.tares
        assert [mark.value for mark in tare.marks] == ["111"]
        assert [[mark.value for mark in pack.marks] for pack in tare.packs] == [["222"], []]
        assert [len(pack.items) for pack in tare.packs] == [0, 1]

    def test_a_line_of_no_order(self):
        (message,) = items(notice("CPS+1\nLIN+1++4012345123456:EN\nQTY+12:4"))
        assert "line 1 does not say to which order it belongs: there is no RFF+ON" in str(message.report)

    def test_a_notice_of_nothing(self):
        (message,) = items(notice("CPS+1"))
        assert "orders: a ship notice needs at least one order" in str(message.report)

    def test_levels_as_deep_as_can_be(self):
        levels = "\n".join(f"CPS+{n}+{n - 1}" for n in range(2, 9000))
        started = time.process_time()
        (found,) = documents(notice(f"CPS+1\n{levels}\nLIN+1+++1\nPIA+5+A:SA\nQTY+12:1\nRFF+ON:P"))
        assert len(found.orders[0].tares[0].packs) == 8997
        assert time.process_time() - started < 20
