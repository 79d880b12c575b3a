"""Pages and annotated interchanges as HTML: everything escaped, classes only, neither style nor script."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from mappings.reading.annotated import Annotated, Element, Segment
from mappings.reading.page import Block, Fact, Page, Table
from mappings.reading.words import plural, visible


def document_html(page: Page) -> str:
    """A business document: title, facts, parties, tables, totals and notes."""
    body = "".join(
        [
            f'<p class="reading-title">{_text(page.title)}</p>',
            _facts(page.facts),
            _blocks(page.blocks),
            *map(_table, page.tables),
            _totals(page.totals),
            *map(_note, page.notes),
        ]
    )
    return f'<div class="reading">{body}</div>'


def _text(text: str) -> str:
    return escape(visible(text))


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(map(_text, lines))


def _facts(facts: Iterable[Fact]) -> str:
    rows = "".join(f"<div><dt>{_text(label)}</dt><dd>{_text(value)}</dd></div>" for label, value in facts)
    return f'<dl class="reading-facts">{rows}</dl>' if rows else ""


def _blocks(blocks: Iterable[Block]) -> str:
    shown = "".join(f"<div><dt>{_text(title)}</dt><dd>{_lines(lines)}</dd></div>" for title, lines in blocks)
    return f'<dl class="reading-blocks">{shown}</dl>' if shown else ""


def _table(table: Table) -> str:
    def attributes(index: int) -> str:
        return ' class="number"' if index in table.numbers else ""

    head = "".join(
        f'<th scope="col"{attributes(i)}>{_text(name)}</th>' for i, name in enumerate(table.columns)
    )
    body = ""
    for cells, more in table.rows:
        shown = list(map(_text, cells))
        if more:
            shown[table.wide] += f'<br><span class="reading-more">{_lines(more)}</span>'
        row = "".join(f"<td{attributes(i)}>{cell}</td>" for i, cell in enumerate(shown))
        body += f"<tr>{row}</tr>"
    title = f'<p class="reading-heading">{_text(table.title)}</p>' if table.title else ""
    cut = f'<p class="reading-cut">{_text(first_of(table))}</p>' if len(table.rows) < table.total else ""
    grid = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f'{title}<div class="reading-scroll">{grid}</div>{cut}'


def first_of(table: Table) -> str:
    """Says that a table is not shown whole."""
    return f"The first {len(table.rows):,} of {plural(table.total, 'row')} are shown."


def _totals(totals: Iterable[Fact]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{_text(label)}</th><td class="number">{_text(value)}</td></tr>'
        for label, value in totals
    )
    return f'<table class="reading-totals"><tbody>{rows}</tbody></table>' if rows else ""


def _note(note: Fact) -> str:
    label = f"{_text(note.label)}: " if note.label else ""
    return f'<p class="reading-note">{label}{_lines(note.value.splitlines())}</p>'


# Annotated interchanges.


def annotated_html(annotated: Annotated) -> str:
    """Each segment with its elements, their names, values and meanings, and the problems at their place."""
    body = "".join(map(_segment, annotated.segments))
    elsewhere = "".join(f"<li>{_text(problem)}</li>" for problem in annotated.elsewhere)
    parts = [
        f'<p class="reading-cut">{_text(annotated.summary)}</p>',
        f'<ul class="reading-problems">{elsewhere}</ul>' if elsewhere else "",
        f'<div class="reading-scroll"><table class="reading-segments">{body}</table></div>' if body else "",
    ]
    return f'<div class="reading">{"".join(parts)}</div>'


def _segment(segment: Segment) -> str:
    where = f'<span class="reading-more">{_text(segment.place)}</span>'
    name = f" {_text(segment.name)}" if segment.name else ""
    title = f"<code>{_text(segment.tag)}</code>{name} {where}"
    head = f'<tr class="reading-segment"><th colspan="4" scope="rowgroup">{title}</th></tr>'
    rows = "".join(map(_element, segment.elements))
    broken = "".join(map(_problem, segment.problems))
    return f'<tbody class="reading-level-{min(segment.level, 6)}">{head}{broken}{rows}</tbody>'


def _element(element: Element) -> str:
    kind = ' class="reading-broken"' if element.problems else ""
    cells = (
        f"<td>{_text(element.name)}</td><td><code>{_text(element.value)}</code></td>"
        f"<td>{_text(element.meaning)}</td>"
    )
    row = f'<tr{kind}><th scope="row"><code>{_text(element.place)}</code></th>{cells}</tr>'
    return row + "".join(map(_problem, element.problems))


def _problem(problem: str) -> str:
    return f'<tr class="reading-problem"><td colspan="4">{_text(problem)}</td></tr>'
