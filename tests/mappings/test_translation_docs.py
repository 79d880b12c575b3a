"""What docs/translation.md and docs/translation-files.md show is true: commands are run, layouts read and written."""

import dataclasses
import json
import re
import shlex
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mappings.codecs import edifact, layouts, rsx, x12
from tests.mappings.layout_examples import EXAMPLES
from tests.mappings.translating import ROOT, run

DOCS = {name: (ROOT / "docs" / name).read_text() for name in ("translation.md", "translation-files.md")}


def blocks(name: str, language: str) -> list[str]:
    """The blocks of a page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", DOCS[name], re.DOTALL)


COMMANDS = [
    line
    for name in DOCS
    for block in blocks(name, "sh")
    for line in block.splitlines()
    if line.startswith("manage.py translate")
]
LAYOUTS = [
    data for block in blocks("translation-files.md", "json") if "format" in (data := json.loads(block))
]
OVERLAYS = [json.loads(block) for block in blocks("translation.md", "json")]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_does_what_is_said(line, monkeypatch, capsysbinary):
    monkeypatch.chdir(ROOT)
    command, _, remark = line.partition("#")
    given = b""
    for part in command.split("|"):
        call, _, source = part.partition("<")
        if source:
            given = Path(source.strip()).read_bytes()
        ran = run(monkeypatch, capsysbinary, *shlex.split(call)[2:], given=given)
        assert ran.status == (1 if "exit status 1" in remark else 0), ran.err
        assert ran.out
        given = ran.out


def test_there_are_commands_for_every_action():
    assert {re.findall(r"translate (\w+)", line)[0] for line in COMMANDS} == {
        "inspect",
        "decode",
        "encode",
        "ack",
        "convert",
    }


@pytest.mark.parametrize("data", LAYOUTS, ids=lambda data: f"{data['document']} {data['format']}")
def test_a_layout_of_the_page_writes_and_reads(data):
    layout = layouts.load({"name": "shown", **data})
    document: Any = EXAMPLES[data["document"]]
    if data["document"] == "bill":  # without what the page's layouts have no columns for
        lines = tuple(dataclasses.replace(line, taxes=(), charges=()) for line in document.lines)
        total = sum((line.amount for line in lines), Decimal(0))
        document = dataclasses.replace(document, lines=lines, taxes=(), charges=(), total=total)
    content = layouts.write([document], layout, {"company_id": "QUILL"}).data
    assert b"None" not in content
    items: list[Any] = [item for item in layouts.read(content, layout) if isinstance(item, layouts.Item)]
    assert [item.document.number for item in items if item.document] == [document.number]


def test_the_deviations_shown_make_sense():
    of_x12, of_edifact = OVERLAYS
    assert x12.Overlay.problems(of_x12) == []
    assert edifact.Overlay.problems(of_edifact) == []
    assert x12.Overlay.problems(of_edifact)


def test_the_overlay_of_rsx_makes_sense():
    of_rsx = DOCS["translation-files.md"].partition("## Layouts")[0]
    shown = {
        key: json.loads(value)
        for key, value in re.findall(r"^\| `(\w+)` \| .*?`([\[{][^`]*)`", of_rsx, re.MULTILINE)
    }
    overlay = rsx.Overlay(codes=shown["codes"], required=tuple(shown["required"]), fixed=shown["fixed"])
    assert list(overlay.problems()) == []


def test_every_layout_that_is_shipped_is_named_on_the_page():
    page = DOCS["translation-files.md"]
    for name in layouts.STANDARD:
        kind, _, format_ = name.rpartition("_")
        assert name in page or (f"`{kind}`" in page and format_ in ("csv", "xml", "fixed")), name
