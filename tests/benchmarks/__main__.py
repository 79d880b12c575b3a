"""How fast everything is translated, in one run on one core: `python -m tests.benchmarks`, also a part of `make bench`.

Times are processor time for one document, the best of several rounds that take turns. The ratios tell more: to the
other reader or writer of the same bytes (pyx12 counts segments, pydifact takes them apart), and to a plain split.
Reading here means parsed, validated against the tables, and turned into the canonical document.
"""
# ruff: noqa: T201

from __future__ import annotations

from tests.benchmarks import edifact, files, translation

ROW = "{:<20}{:>10}{:>10}{:>22}{:>22}{:>16}"


def main() -> None:
    """Print the table."""
    print(ROW.format("", "reading", "writing", "reading, times as", "writing, times as", "reading, times"))
    print(ROW.format("", "µs", "µs", "fast as", "fast as", "a plain split"))
    x12 = translation.measure()
    reading, floor, writing = x12.ratios.values()
    _row("X12 810", x12.read, x12.write, f"{reading:.1f} pyx12", f"{writing:.1f} pyx12", f"{floor:.1f}")
    for name in edifact.DOCUMENTS:
        found = edifact.measure(name)
        _row(name, found.reading, found.writing, f"{found.ratio:.1f} pydifact", "", f"{found.floor:.1f}")
    for case in files.cases():
        figures = files.measure(case)
        # Their floor is the plain parser of the format.
        _row(figures.name, figures.read, figures.write, "", "", f"{figures.ratio:.1f} its parser")


def _row(name: str, reading: float, writing: float, *ratios: str) -> None:
    print(ROW.format(name, f"{reading:.0f}", f"{writing:.0f}", *ratios))


if __name__ == "__main__":
    main()
