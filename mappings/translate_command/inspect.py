"""What a file is: from whom to whom, how much of what, under which numbers, and what is wrong with it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mappings.codecs.report import Problem
from mappings.reading.words import plural, visible
from mappings.translate_command.console import SAID, Console, plain, sentence
from mappings.translate_command.formats.base import Format, Found

LISTED = 200
"""Most interchanges, and groups in one of them, that are listed; all are counted."""


@dataclass(slots=True)
class Summary:
    """What stands in a file, in memory that does not grow with it."""

    interchanges: list[dict[str, Any]] = field(default_factory=list)
    interchange_count: int = 0
    groups: list[dict[str, Any]] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    valid: Counter[str] = field(default_factory=Counter)
    problems: list[tuple[str, Problem]] = field(default_factory=list)
    problem_count: int = 0

    def add(self, found: Found, inside: str) -> None:
        """Count what was read; `inside` names the interchange, if the file has several."""
        name = f"{inside}, {found.name}" if inside and found.level != "interchange" else found.name
        self.problem_count += len(found.problems)
        self.problems += [(name, problem) for problem in found.problems][: SAID - len(self.problems)]
        if found.level == "message":
            kind = found.type or "unknown"
            self.messages[kind] += 1
            self.valid[kind] += found.document is not None and not found.problems
        elif found.level == "group":
            if len(self.groups) < LISTED:
                self.groups.append(found.facts)
        elif found.level == "interchange":
            self.interchange_count += 1
            if len(self.interchanges) < LISTED:
                self.interchanges.append({**found.facts, "groups": self.groups})
            self.groups = []

    @property
    def is_valid(self) -> bool:
        return not self.problem_count


def summarise(items: Iterable[Found]) -> Summary:
    """Read everything."""
    summary = Summary()
    for found in items:
        inside = f"interchange {summary.interchange_count + 1}" if summary.interchange_count else ""
        summary.add(found, inside)
    return summary


def print_text(summary: Summary, format_: Format, console: Console) -> None:
    """The summary for people."""
    console.print(f"{format_.title[:1].upper()}{format_.title[1:]}")
    for facts in summary.interchanges:
        console.print(visible(_interchange_line(facts)))
        for group in facts["groups"]:
            console.print(f"  {visible(_group_line(group))}")
    if summary.interchange_count > LISTED:
        console.print(f"and {plural(summary.interchange_count - LISTED, 'more interchange')}")
    thing = "message" if summary.interchange_count else "document"
    for kind, count in summary.messages.most_common():
        valid = summary.valid[kind]
        verdict = "valid" if valid == count else f"{valid:,} of them valid"
        console.print(f"{visible(kind)}: {plural(count, thing)}, {verdict}")
    if summary.is_valid:
        console.print("No problems.")
        return
    console.print(f"{plural(summary.problem_count, 'problem')}:")
    for name, problem in summary.problems:
        console.print(f"  {visible(sentence(name, problem))}")
    if summary.problem_count > len(summary.problems):
        console.print(f"  and {summary.problem_count - len(summary.problems):,} more")


def _interchange_line(facts: dict[str, Any]) -> str:
    parts = [
        f"interchange {facts['control_number']}: {facts['sender']} to {facts['receiver']}",
        facts["at"].replace("T", " "),
        f"version {facts['version']}",
        facts["usage"],
    ]
    if facts.get("acknowledgement_requested"):
        parts.append("acknowledgement requested")
    return ", ".join(filter(None, parts))


def _group_line(facts: dict[str, Any]) -> str:
    kind = facts["functional_id"] + (f" ({facts['holds']})" if facts.get("holds") else "")
    return ", ".join(
        filter(
            None,
            [
                f"group {facts['control_number']}: {kind}",
                f"{facts['sender']} to {facts['receiver']}",
                facts["at"].replace("T", " "),
                f"version {facts['version']}" if facts.get("version") else "",
                plural(int(facts["messages"]), "message"),
            ],
        )
    )


def print_json(summary: Summary, format_: Format, console: Console) -> None:
    """The summary as one JSON object."""
    shown = {
        "format": format_.name,
        "valid": summary.is_valid,
        "interchanges": summary.interchanges,
        "interchange_count": summary.interchange_count,
        "messages": {
            kind: {"count": count, "valid": summary.valid[kind]}
            for kind, count in summary.messages.most_common()
        },
        "problems": [plain(name, problem) for name, problem in summary.problems],
        "problem_count": summary.problem_count,
    }
    console.print(json.dumps(shown, indent=2, ensure_ascii=False))
