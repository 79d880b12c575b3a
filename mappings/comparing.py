"""Comparing two lists of reference data: FreshBooks' companies and accounts with another system's.

Pure: values in, findings out. What is new, changed or gone on either side is found by what stands there now
and by what a person saw when they said that two entries are the same.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

# Forms of companies, which one list writes and the other leaves away.
_FORMS = re.compile(r"\b(?:inc|incorporated|llc|ltd|limited|corp|corporation|co|company|gmbh|plc)\b")


class Side(StrEnum):
    """What an entry can be the same thing as: a company is no account."""

    PARTY = "party"
    ACCOUNT = "account"


class Finding(StrEnum):
    """What is to be said of an entry or a pair; in the order in which people see them."""

    GONE = "gone"  # linked, and one of the two is not listed any more
    CHANGED = "changed"  # linked, and one of the two reads otherwise than when it was linked
    UNMAPPED = "unmapped"  # linked, and what the link stands for is not among the mappings
    SUGGESTED = "suggested"  # not linked, and exactly one counterpart looks the same
    ONLY_HERE = "only_here"  # in FreshBooks alone
    ONLY_THERE = "only_there"  # in the other system alone
    LINKED = "linked"  # in step


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of either list. `seen` is what people see of it now: "name" and more, by a word for each."""

    id: int
    side: Side
    key: str
    seen: Mapping[str, str]
    is_gone: bool = False
    is_set_aside: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two entries, by their ids, that are the same, each as it was seen then.

    `is_mapped`: the mappings that documents go by agree with it.
    """

    id: int
    books: int
    other: int
    books_seen: Mapping[str, str]
    other_seen: Mapping[str, str]
    is_mapped: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One finding. `books` or `other` is None where there is no counterpart; `changes` are sentences."""

    finding: Finding
    books: Entry | None = None
    other: Entry | None = None
    link: Link | None = None
    changes: tuple[str, ...] = field(default=())


def compare(books: Sequence[Entry], others: Sequence[Entry], links: Sequence[Link]) -> list[Row]:
    """Every entry of both lists in one row each, in the order of `Finding`, then by name.

    `books` are FreshBooks' entries, `others` those of one other system. What was set aside and is not linked
    is left out.
    """
    here, there = ({entry.id: entry for entry in side} for side in (books, others))
    known = [link for link in links if link.books in here and link.other in there]
    rows = [_linked(here[link.books], there[link.other], link) for link in known]
    free_here = _free(books, {link.books for link in known})
    free_there = _free(others, {link.other for link in known})
    rows += _unlinked(free_here, free_there, [there[link.other] for link in known])
    order = list(Finding)
    return sorted(rows, key=lambda row: (order.index(row.finding), _title(row).casefold()))


def plain(name: str) -> str:
    """A company's name without its form, case, blanks and signs."""
    return re.sub(r"[\W_]+", "", _FORMS.sub("", name.casefold()))


def _linked(books: Entry, other: Entry, link: Link) -> Row:
    finding, changes = Finding.LINKED, _changes(books, link.books_seen) + _changes(other, link.other_seen)
    if books.is_gone or other.is_gone:
        finding = Finding.GONE
    elif changes:
        finding = Finding.CHANGED
    elif not link.is_mapped:
        finding = Finding.UNMAPPED
    return Row(finding=finding, books=books, other=other, link=link, changes=changes)


def _changes(entry: Entry, before: Mapping[str, str]) -> tuple[str, ...]:
    words = [*entry.seen, *(word for word in before if word not in entry.seen)]
    return tuple(
        f"{word}: {before.get(word) or 'nothing'} → {entry.seen.get(word) or 'nothing'}"
        for word in words
        if before.get(word, "") != entry.seen.get(word, "")
    )


def _free(entries: Sequence[Entry], taken: set[int]) -> list[Entry]:
    return [one for one in entries if one.id not in taken and not one.is_set_aside and not one.is_gone]


def _unlinked(here: list[Entry], there: list[Entry], linked: list[Entry]) -> Iterator[Row]:
    """A client and a vendor may be one partner, so a linked partner is suggested to another entry as well."""
    alike: dict[tuple[Side, str], list[Entry]] = defaultdict(list)
    for entry in {one.id: one for one in [*there, *linked]}.values():
        alike[_sameness(entry)].append(entry)
    suggested: set[int] = set()
    for entry in here:
        candidates = alike[_sameness(entry)] if _sameness(entry)[1] else []
        if len(candidates) == 1 and not candidates[0].is_gone:
            suggested.add(candidates[0].id)
            yield Row(finding=Finding.SUGGESTED, books=entry, other=candidates[0])
        else:
            yield Row(finding=Finding.ONLY_HERE, books=entry)
    for entry in there:
        if entry.id not in suggested:
            yield Row(finding=Finding.ONLY_THERE, other=entry)


def _sameness(entry: Entry) -> tuple[Side, str]:
    """Entries that look like the same thing have the same."""
    return entry.side, entry.key if entry.side == Side.ACCOUNT else plain(entry.seen["name"])


def _title(row: Row) -> str:
    entry = row.books or row.other
    return entry.seen["name"] if entry else ""
