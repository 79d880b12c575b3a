"""Payment terms, taxes, allowances and charges, with the amounts below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from mappings.canonical import AllowanceOrCharge, Line, PaymentTerms, Tax, trusted
from mappings.canonical.words import CHARGE_KINDS, TAX_KINDS
from mappings.codecs.codes import ToCode
from mappings.codecs.edifact.bridge.parts import read_dtm
from mappings.codecs.edifact.bridge.rows import (
    Row,
    components,
    composite,
    is_foreign,
    joined,
    pieces,
    segment,
    spelt,
    text,
    unspelt,
)
from mappings.codecs.edifact.bridge.section import Fields, Part, many
from mappings.codecs.edifact.dialect import Dialect
from mappings.codecs.edifact.values import NUMBER, read_decimal, write_date
from mappings.codecs.patterns import COMPONENT

new_charge = trusted(AllowanceOrCharge)
new_tax = trusted(Tax)
new_terms = trusted(PaymentTerms)

ZERO = Decimal(0)


def amount(qualifier: str, value: Decimal | None, dialect: Dialect) -> Iterator[str]:
    """MOA with `value` in the sign of the document, or nothing."""
    if value is not None:
        yield segment("MOA", composite(qualifier, dialect.number(value * dialect.sign)))


def read_amounts(rows: Iterable[Row], dialect: Dialect) -> dict[str, Decimal]:
    """The amounts in MOA segments by their qualifiers; the first of each."""
    found: dict[str, Decimal] = {}
    for row in rows:
        if row[0] == "MOA":
            qualifier, *others = row[1].split(COMPONENT)
            if others and others[0] and qualifier not in found:
                value = read_decimal(others[0])
                found[qualifier] = value if dialect.sign > 0 else -value
    return found


def first(amounts: dict[str, Decimal], *qualifiers: str) -> Decimal | None:
    """The amount under the first of `qualifiers` that there is."""
    return next((amounts[q] for q in qualifiers if q in amounts), None)


def code_or_spelt(codes: ToCode, word: str, fallback: str, description: str) -> tuple[str, str]:
    """The code for `word`, and `description`; or a code that says nothing, and the word spelt out before it."""
    if word in codes or (":" in word and not is_foreign(word)):
        return codes[word], description
    return codes[fallback], spelt(word, description)


def word_or_unspelt(word: str, fallback: str, description: str, known: frozenset[str]) -> tuple[str, str]:
    """The reverse of `code_or_spelt`, from the word that the code was read as."""
    if word == fallback and description:
        found, rest = unspelt(description, known.__contains__)
        return (found, rest) if found else (word, description)
    return word, description


# Payment terms: PAT with the net terms, and a PAT of type 22 after it for the discount.

DISCOUNT = "22"
NET_DUE, DISCOUNT_DUE = "13", "12"
DISCOUNTS = {"PCD": "discount_percent", "MOA": "discount_amount"}


def write_terms(all_terms: Any, dialect: Dialect) -> Iterator[str]:
    """The PAT groups."""
    had_discount = True
    for terms in all_terms:
        discount = (
            terms.discount_percent,
            terms.discount_days,
            terms.discount_due_date,
            terms.discount_amount,
        )
        has_discount = any(value is not None for value in discount)
        net = (terms.net_days is not None, terms.net_due_date, terms.description, terms.kind)
        if any(net) or not has_discount or not had_discount:
            yield from _net_terms(terms, dialect)
        if has_discount:
            yield from _discount_terms(terms, dialect)
        had_discount = has_discount


def short_description(terms: PaymentTerms) -> list[str]:
    """The description of terms in the two pieces that PAT has room for; nothing if it is longer."""
    description = list(pieces(text(terms.description), 35))
    return description if len(description) <= 2 else []


def _net_terms(terms: PaymentTerms, dialect: Dialect) -> Iterator[str]:
    description = short_description(terms)
    yield segment(
        "PAT",
        dialect.code["terms"][terms.kind],
        composite("ZZZ", "", "", *description) if description else "",
        _time(terms.basis, terms.net_days, dialect),
    )
    if terms.net_due_date:
        yield segment("DTM", composite(NET_DUE, *write_date(terms.net_due_date)))


def _discount_terms(terms: PaymentTerms, dialect: Dialect) -> Iterator[str]:
    yield segment("PAT", DISCOUNT, "", _time(terms.basis, terms.discount_days, dialect))
    if terms.discount_due_date:
        yield segment("DTM", composite(DISCOUNT_DUE, *write_date(terms.discount_due_date)))
    if terms.discount_percent is not None:
        yield segment("PCD", composite("12", dialect.number(terms.discount_percent)))
    if terms.discount_amount is not None:
        yield segment("MOA", composite("52", dialect.number(terms.discount_amount)))


def _time(basis: str, days: int | None, dialect: Dialect) -> str:
    """C112: days after an event."""
    if days is None:
        return dialect.code["terms_basis"][basis] if basis else ""
    return composite(dialect.code["terms_basis"][basis], "3", "D", str(days))


def read_terms(fields: Fields, row: Row, inside: Sequence[Row], dialect: Dialect) -> None:
    """The terms in one PAT group, as one of `terms`: `settle_terms` joins it with its discount."""
    found: dict[str, Any] = {}
    basis, _, period, count = components(row, 3, 4)
    if basis:
        found["basis"] = dialect.word["terms_basis"][basis]
    is_discount = row[1] == DISCOUNT
    if count and period in ("D", "CD", ""):
        found["discount_days" if is_discount else "net_days"] = int(count)
    if not is_discount:
        found["kind"] = dialect.word["terms"][row[1]]
        description = [part for part in components(row, 2, 5)[3:] if part]
        if description:
            found["description"] = joined(description, 35)
    for below in inside:
        if below[0] == "DTM":
            qualifier, day, _ = read_dtm(below)
            if day:
                early = is_discount or qualifier == DISCOUNT_DUE
                found["discount_due_date" if early else "net_due_date"] = day
        elif below[0] in DISCOUNTS and (value := components(below, 1, 2)[1]):
            found[DISCOUNTS[below[0]]] = read_decimal(value)
    fields["terms"].append((is_discount, found))


def settle_terms(fields: Fields) -> None:
    """Join each discount with the net terms before it, in the terms that `read_terms` collected in `fields`."""
    if "terms" not in fields:
        return
    terms: list[dict[str, Any]] = []
    for is_discount, found in fields["terms"]:
        before = terms[-1] if terms else None
        if is_discount and before is not None and not any(name.startswith("discount") for name in before):
            terms[-1] = {**found, **before}
        else:
            terms.append(found)
    fields["terms"] = tuple(new_terms(**found) for found in terms)


# Taxes

INCLUDED = "INCL"
"""Account of a tax that is stated, but already contained in the prices; the agency is mutually defined."""


def write_tax(tax: Tax, dialect: Dialect, *, base_in_segment: bool) -> Iterator[str]:
    """The TAX group. The taxable amount stands in TAX itself or in a MOA of its own."""
    code, name = code_or_spelt(dialect.code["tax"], tax.kind, "other", tax.name)
    base = None if tax.taxable_amount is None else tax.taxable_amount * dialect.sign
    category = "E" if tax.exempt else "" if tax.rate is None else "S" if tax.rate else "Z"
    yield segment(
        "TAX",
        "7",
        composite(code, "", "", text(name)),
        "" if tax.added else composite(INCLUDED, "", "ZZZ"),
        dialect.number(base) if base_in_segment else "",
        composite("", "", "", dialect.number(tax.rate)),
        category,
        text(tax.registration),
    )
    yield from amount("124", tax.amount, dialect)
    if not base_in_segment:
        yield from amount("125", tax.taxable_amount, dialect)


def read_tax(row: Row, inside: Sequence[Row], dialect: Dialect) -> Tax | None:
    """The tax in a TAX group; None if it says neither amount nor rate, nor that there is none."""
    key = tuple(row)
    tax = dialect.seen.get(key)
    if tax is None:
        tax = _read_rate(row, dialect)
        dialect.remember(key, tax)
    if inside:
        amounts = read_amounts(inside, dialect)
        tax = new_tax(
            kind=tax.kind,
            amount=first(amounts, "124", "150", "176"),
            rate=tax.rate,
            taxable_amount=amounts.get("125", tax.taxable_amount),
            exempt=tax.exempt,
            registration=tax.registration,
            name=tax.name,
            added=tax.added,
        )
    return tax if tax.rate is not None or tax.amount is not None or tax.exempt else None


def _read_rate(row: Row, dialect: Dialect) -> Tax:
    """What TAX says itself: all but the amount."""
    row = row + [""] * (8 - len(row))
    code, _, _, name = components(row, 2, 4)
    kind, name = word_or_unspelt(dialect.word["tax"][code or "OTH"], "other", name, TAX_KINDS)
    return new_tax(
        kind=kind,
        rate=_number(components(row, 5, 4)[3]),
        taxable_amount=_number(row[4], dialect.sign),
        exempt=row[6] == "E",
        registration=row[7],
        name=name,
        added=not row[3].startswith(INCLUDED),
    )


def _number(value: str, sign: int = 1) -> Decimal | None:
    """A number in an element of type an, such as a rate; None if it is none."""
    return read_decimal(value) * sign if NUMBER.fullmatch(value) else None


def _key(tax: Tax) -> tuple[Any, ...]:
    return tax.kind, tax.name, tax.rate, tax.exempt, tax.registration


def line_totals(lines: Iterable[Line]) -> list[Tax]:
    """The taxes of lines that are to be added, in one sum for each kind and rate."""
    sums: dict[tuple[Any, ...], Tax] = {}
    for line in lines:
        for tax in line.taxes:
            if tax.amount is None or not tax.added:
                continue
            before = sums.get(_key(tax))
            if before is None:
                sums[_key(tax)] = tax
                continue
            base = (before.taxable_amount or ZERO) + (tax.taxable_amount or ZERO)
            has_base = before.taxable_amount is not None or tax.taxable_amount is not None
            sums[_key(tax)] = replace(
                before,
                amount=(before.amount or ZERO) + tax.amount,
                taxable_amount=base if has_base else None,
            )
    return list(sums.values())


def settle_taxes(taxes: list[Tax], lines: Iterable[Line]) -> tuple[Tax, ...]:
    """Of the summary's `taxes`, those that are not sums of what the lines state already.

    A sum that is higher than what the lines state leaves the difference as a tax of the whole document, such as the
    tax on freight.
    """
    totals = {_key(total): total for total in line_totals(lines)}
    if not totals:
        return tuple(taxes)
    left = Counter(totals.keys())
    own: list[Tax] = []
    for tax in taxes:
        total = totals.get(_key(tax))
        if total is not None and left[_key(tax)] and tax.amount == total.amount and tax.added:
            left[_key(tax)] -= 1
        else:
            own.append(tax)
    open_totals = [totals[key] for key, count in left.items() if count]
    return tuple(filter(None, (_without_lines(tax, open_totals) for tax in own)))


def _without_lines(tax: Tax, totals: list[Tax]) -> Tax | None:
    """`tax` less what the lines state of the same kind and rate, which is taken out of `totals`."""
    same = [t for t in totals if (t.kind, t.rate, t.exempt) == (tax.kind, tax.rate, tax.exempt)]
    if not same or tax.amount is None or not tax.added:
        return tax
    for total in same:
        totals.remove(total)
    rest = tax.amount - sum((total.amount or ZERO for total in same), ZERO)
    if not rest:
        return None
    base = None
    if tax.taxable_amount is not None:
        base = tax.taxable_amount - sum((total.taxable_amount or ZERO for total in same), ZERO)
    return replace(tax, amount=rest, taxable_amount=base)


# Allowances and charges

CHARGE_AMOUNTS = ("23", "204", "8")


def write_charge(item: AllowanceOrCharge, dialect: Dialect) -> Iterator[str]:
    """The ALC group. The amount has no sign: a negative credit note turns charges into allowances."""
    charge = item.charge == (dialect.sign > 0)
    code, description = code_or_spelt(dialect.code["charge"], item.kind, "other", item.description)
    yield segment(
        "ALC",
        "C" if charge else "A",
        composite(text(item.reference)),
        "",
        "",
        composite(code, "", "", *pieces(text(description), 35)),
    )
    if item.percent is not None:
        yield segment("PCD", composite("2" if charge else "1", dialect.number(item.percent)))
    yield segment("MOA", composite("23" if charge else "204", dialect.number(item.amount)))


def read_charge(row: Row, inside: Sequence[Row], dialect: Dialect) -> AllowanceOrCharge | None:
    """The allowance or charge in an ALC group; None if it is neither, or has no amount."""
    if row[1] not in ("A", "C"):
        return None
    code, _, _, one, two = components(row, 5, 5)
    description = joined([one, two], 35) if two else one
    kind, description = word_or_unspelt(
        dialect.word["charge"][code or "ZZZ"], "other", description, CHARGE_KINDS
    )
    value = percent = None
    for below in inside:
        qualifier, number = components(below, 1, 2)
        if not number:
            continue
        if below[0] == "PCD" and percent is None:
            percent = read_decimal(number)
        elif below[0] == "MOA" and qualifier in CHARGE_AMOUNTS and value is None:
            value = read_decimal(number)
    if value is None:
        return None
    charge = (row[1] == "C") == (dialect.sign > 0)
    return new_charge(
        charge=charge if value >= 0 else not charge,
        kind=kind,
        amount=abs(value),
        percent=percent,
        description=description,
        reference=components(row, 2, 1)[0],
    )


def _write_line_tax(tax: Tax, dialect: Dialect) -> Iterator[str]:
    return write_tax(tax, dialect, base_in_segment=True)


def _write_terms_of(document: Any, dialect: Dialect) -> Iterator[str]:
    return write_terms(document.terms, dialect)


CHARGES = many("charges", write_charge, read_charge)
LINE_TAXES = many("taxes", _write_line_tax, read_tax)
TERMS = Part(_write_terms_of, read_terms)
