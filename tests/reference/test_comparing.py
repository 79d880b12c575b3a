"""mappings.comparing: what is to be said of two lists, by what stands there and what a person saw."""

from typing import Any

import pytest

from mappings.comparing import Entry, Finding, Link, Side, compare, plain


def party(number: int, name: str, **more: Any) -> Entry:
    return Entry(id=number, side=Side.PARTY, key=str(number), seen={"name": name}, **more)


def account(number: int, key: str, segment: str = "") -> Entry:
    return Entry(id=number, side=Side.ACCOUNT, key=key, seen={"name": f"Account {key}", "segment": segment})


def link(books: Entry, other: Entry, **more: Any) -> Link:
    return Link(id=1, books=books.id, other=other.id, books_seen=books.seen, other_seen=other.seen, **more)


def findings(*sides: Any) -> list[tuple[str, int | None, int | None]]:
    rows = compare(*sides)
    return [
        (row.finding, row.books.id if row.books else None, row.other.id if row.other else None)
        for row in rows
    ]


def test_what_stands_on_one_side_alone_is_listed_there() -> None:
    assert findings([party(1, "Acme")], [party(2, "Bluebell")], []) == [
        ("only_here", 1, None),
        ("only_there", None, 2),
    ]


@pytest.mark.parametrize("name", ["ACME retail", "Acme Retail, Inc.", "acme-retail llc", "Acme  Retail Ltd"])
def test_the_same_name_in_another_writing_is_suggested(name: str) -> None:
    assert findings([party(1, "Acme Retail")], [party(2, name)], []) == [("suggested", 1, 2)]


def test_two_of_the_same_name_are_not_told_apart_by_guessing() -> None:
    rows = findings([party(1, "Acme")], [party(2, "Acme"), party(3, "ACME Inc")], [])
    assert [row[0] for row in rows] == ["only_here", "only_there", "only_there"]


def test_a_name_of_signs_alone_is_like_no_other() -> None:
    assert plain("--- Inc.") == ""
    assert {row[0] for row in findings([party(1, "-")], [party(2, "!")], [])} == {"only_here", "only_there"}


def test_accounts_are_the_same_by_their_number_and_never_a_company() -> None:
    assert findings([account(1, "4000")], [account(2, "4000", "01-4000")], []) == [("suggested", 1, 2)]
    named = Entry(id=3, side=Side.PARTY, key="4000", seen={"name": "4000"})
    assert {row[0] for row in findings([account(1, "4000")], [named], [])} == {"only_here", "only_there"}


def test_a_linked_pair_is_in_step_until_one_of_them_changes() -> None:
    books, other = account(1, "4000"), account(2, "4000", "01-4000")
    assert findings([books], [other], [link(books, other)]) == [("linked", 1, 2)]

    moved = account(2, "4000", "09-4000")
    [row] = compare([books], [moved], [link(books, other)])
    assert row.finding == Finding.CHANGED
    assert row.changes == ("segment: 01-4000 → 09-4000",)


def test_a_detail_that_comes_or_goes_is_a_change() -> None:
    books, other = party(1, "Acme"), party(2, "Acme")
    more = Entry(id=2, side=Side.PARTY, key="2", seen={"name": "Acme", "mailbox": "/acme/in"})
    [came] = compare([books], [more], [link(books, other)])
    [went] = compare([books], [other], [link(books, more)])
    assert came.changes == ("mailbox: nothing → /acme/in",)
    assert went.changes == ("mailbox: /acme/in → nothing",)


def test_a_linked_entry_that_is_gone_is_said_before_all_else() -> None:
    books, other = party(1, "Acme"), party(2, "Acme", is_gone=True)
    assert findings([party(3, "Zebra"), books], [other], [link(books, other)]) == [
        ("gone", 1, 2),
        ("only_here", 3, None),
    ]


def test_what_is_gone_or_set_aside_without_a_link_is_left_out() -> None:
    assert findings([party(1, "A", is_set_aside=True)], [party(2, "B", is_gone=True)], []) == []


def test_a_link_that_the_mappings_do_not_follow_is_said() -> None:
    books, other = party(1, "Acme"), party(2, "Acme")
    assert findings([books], [other], [link(books, other, is_mapped=False)]) == [("unmapped", 1, 2)]


def test_a_client_and_a_vendor_may_be_one_partner() -> None:
    client, vendor, other = party(1, "Acme"), party(2, "ACME Inc"), party(3, "Acme")
    assert findings([client, vendor], [other], [link(client, other)]) == [
        ("suggested", 2, 3),
        ("linked", 1, 3),
    ]


def test_a_link_to_what_is_not_in_the_lists_is_passed_over() -> None:
    books, elsewhere = party(1, "Acme"), party(9, "Acme")
    assert findings([books], [], [link(books, elsewhere)]) == [("only_here", 1, None)]
