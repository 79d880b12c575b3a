"""The tables of EDIFACT, and what they have in common with those of X12."""

import re

import pytest

from mappings.codecs.edifact import tables
from mappings.codecs.edifact.message import compiled
from mappings.codecs.edifact.values import VALUES
from mappings.codecs.explain import explain
from mappings.codecs.patterns import message_pattern
from mappings.codecs.tables import Loop, Use, message, segments
from tests.mappings import x12_examples
from tests.mappings.edifact_examples import invoice, items, write


@pytest.mark.parametrize("type_", tables.MESSAGES)
@pytest.mark.parametrize("later", [False, True])
class TestEveryTable:
    def test_it_begins_with_unh_and_ends_with_unt(self, type_, later):
        table = tables.message_table(type_, later=later)
        assert [table.items[0].tag, table.items[-1].tag] == ["UNH", "UNT"]
        assert table.items[0].required
        assert table.items[-1].required

    def test_a_tag_starts_one_item_of_a_section_only(self, type_, later):
        """So that reading can tell by the tag where a segment belongs."""

        def check(found):
            sections: list[list[str]] = [[]]
            for item in found:
                if item.tag == "UNS":
                    sections.append([])
                sections[-1].append(item.tag)
                if isinstance(item, Loop):
                    check(item.items)
            for tags in sections:
                assert len(set(tags)) == len(tags)

        check(tables.message_table(type_, later=later).items)

    def test_it_can_be_compiled(self, type_, later):
        assert compiled(type_, later=later)


def test_d01b_has_more_room_than_d96a():
    rff = {later: tables.segment_tables(later=later)["RFF"].elements[0] for later in (False, True)}
    assert [rff[False].components[1].max, rff[True].components[1].max] == [35, 70]
    assert [len(rff[False].components), len(rff[True].components)] == [4, 5]


class TestLoops:
    """A loop cannot be without the segment that starts it, in EDIFACT as in X12."""

    def test_in_the_table(self):
        known = segments("AAA\n  01 M AN 1/3", later=False)
        table = message("T", "Test", "AAA! {BBB CCC} DDD!", known, later=False)
        loop = table.items[1]
        assert isinstance(loop, Loop)
        start = loop.items[0]
        assert isinstance(start, Use)
        assert (start.required, loop.required) == (True, False)

    def test_in_the_expression_and_in_the_explanation(self):
        table = message("T", "Test", "AAA! {BBB CCC} DDD!", {}, later=False)
        expression = message_pattern(table, VALUES)
        right, wrong = (
            "".join(f"{tag}\x1fx\x1e" for tag in tags.split()) for tags in ("AAA BBB CCC DDD", "AAA CCC DDD")
        )
        assert expression.fullmatch(right)
        assert not expression.fullmatch(wrong)
        rows = [[tag, "x"] for tag in ("AAA", "CCC", "DDD")]
        assert [problem.rule for problem in explain(table, rows, VALUES, lambda _: True)] == [
            "segment_unexpected"
        ]

    def test_an_invoic_with_a_contact_of_nobody(self):
        data = write(invoice()).replace(
            b"NAD+BY+4098765000003::9++M", b"CTA+IC+:Jo'NAD+BY+4098765000003::9++M"
        )
        (message_,) = items(re.sub(rb"UNT\+51", b"UNT+52", data))
        assert "segment CTA is not expected here" in str(message_.report)

    def test_an_810_with_a_street_of_nobody(self):
        data = x12_examples.write(x12_examples.invoice())
        data = data.replace(b"N1*ST*ACME STORE 12*92*0012~", b"").replace(b"SE*22", b"SE*21")
        (message_,) = x12_examples.messages(data)
        assert "segment N3 is not expected here" in str(message_.report)
