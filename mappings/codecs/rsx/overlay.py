"""A trading partner's deviations from RSX as published, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mappings.codecs.report import Problem, Report
from mappings.codecs.rsx.codes import VOCABULARIES, Codes
from mappings.codecs.rsx.schema import READERS, Group, Member, Tree
from mappings.codecs.rsx.tables import DOCUMENTS, table


@dataclass(frozen=True, kw_only=True)
class Overlay:
    """Codes and demands of one partner.

    `codes` are other codes for our words: {vocabulary: {word: code}}. `currency` is meant where a document states
    none. `required` are members that the partner insists on, and `fixed` gives members one value always; both by path,
    such as `Header.InvoiceHeader.Division`, or `LineItem.InvoiceLine.InvoiceQtyUOM` for every line.
    """

    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    currency: str = "USD"
    required: tuple[str, ...] = ()
    fixed: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def all_codes(self) -> Codes:
        """The standard codes with this partner's own."""
        return Codes(self.codes)

    def problems(self) -> Iterator[Problem]:
        """What is wrong with the settings themselves, to be shown where they are saved."""
        for vocabulary in self.codes.keys() - VOCABULARIES.keys():
            names = ", ".join(VOCABULARIES)
            yield Problem(
                message=f"there is no code list {vocabulary!r}", rule="unknown", remedy=f"Use one of {names}."
            )
        for path in (*self.required, *self.fixed):
            members = [member for name in DOCUMENTS if (member := _member_at(table(name), path))]
            if not members:
                yield Problem(message=f"no document has a member {path}", rule="unknown", field=path)
            elif path in self.fixed and not any(_reads(member, self.fixed[path]) for member in members):
                value = self.fixed[path]
                yield Problem(
                    message=f"{value!r} is not a value of {path}",
                    rule="invalid_value",
                    field=path,
                    value=value,
                )

    def apply(self, group: Group, tree: Tree, report: Report) -> None:
        """Put the fixed values into `tree`, and report what the partner insists on and `tree` lacks."""
        for path, value in self.fixed.items():
            member = _member_at(group, path)
            if member is not None:
                *names, last = path.split(".")
                for inner in _trees_at(tree, names):
                    inner[last] = READERS[member.type](value)
        for path in self.required:
            if _member_at(group, path) is None:
                continue
            *names, last = path.split(".")
            if any(inner.get(last) in (None, "") for inner in _trees_at(tree, names) or [{}]):
                report.add(
                    f"the {last} is missing, which this trading partner insists on",
                    "mandatory_missing",
                    remedy="Fill it in at its source.",
                    field=path,
                    business=True,
                )


def _member_at(group: Group, path: str) -> Member | None:
    """The value that `path` leads to; None if there is none."""
    *names, last = path.split(".")
    for name in names:
        member = group.members.get(name)
        if member is None or member.group is None:
            return None
        group = member.group
    member = group.members.get(last)
    return None if member is None or member.is_group else member


def _trees_at(tree: Tree, names: list[str]) -> list[Tree]:
    """The groups of `tree` that `names` lead to, one for every repetition on the way."""
    trees = [tree]
    for name in names:
        found: list[Any] = [inner.get(name) or [] for inner in trees]
        trees = [each for value in found for each in (value if isinstance(value, list) else [value])]
    return trees


def _reads(member: Member, value: str) -> bool:
    try:
        return READERS[member.type](value) != "" and (not member.codes or value in member.codes)
    except (ValueError, ArithmeticError):
        return False
