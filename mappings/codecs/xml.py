"""Reading XML from outside, one record at a time: hardened, in bounded memory, and past broken records.

A file is cut into the elements that hold one document each before any parser sees it. So a record that is not
well-formed costs nothing but itself, a document type declaration can never reach the parser, and there is nothing
that could be expanded or fetched. Elements are told apart by their local names.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterator
from typing import BinaryIO, NamedTuple

from lxml import etree

from mappings.codecs.files import MAX_DOCUMENT, Source
from mappings.codecs.report import Problem, Report

MAX_OUTSIDE = 1 << 20
"""Most bytes of a file beside its records (its root, declarations, blanks)."""

Element = etree._Element  # noqa: SLF001  # lxml has no public name for it

ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
NAMESPACE = re.compile(rb"""\s(xmlns(?::[\w.-]+)?)\s*=\s*("[^"<]*"|'[^'<]*')""")
TAG_END = re.compile(rb"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*+>""")
WIDE_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
SECTIONS = {b"!--": b"-->", b"![CDATA[": b"]]>", b"?": b"?>"}
MAX_UNENDED = 100
"""Most records of a file whose end is missing; what has more is no file of records."""
TAIL = 300
"""Bytes at the end of a window that may be the beginning of a tag."""
FOLLOWING = (b">", b" ", b"/", b"\n", b"\r", b"\t")
"""What may follow the name in a start tag."""
MAX_NESTED = 16
"""How deep elements of a record's own name may stand in it; deeper, their ends are missing."""


class Fragment(NamedTuple):
    """One record as it stands in the file, with the line where it begins, or why it cannot be read."""

    name: str
    line: int
    element: Element | None
    problem: Problem | None = None


def fragments(
    source: BinaryIO | bytes | Source, names: Collection[str], report: Report
) -> Iterator[Fragment]:
    """The elements of `names` in `source`, each parsed on its own; what is wrong beside them goes to `report`."""
    return _Cutter(source if isinstance(source, Source) else Source(source), names, report).fragments()


def parser() -> etree.XMLParser:
    """A parser that expands nothing, fetches nothing, and keeps libxml2's limits of depth and size."""
    return etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
        strip_cdata=True,
        collect_ids=False,
    )


def local_name(element: Element) -> str:
    """The name of `element` without its namespace."""
    tag = element.tag
    return tag[tag.rfind("}") + 1 :] if isinstance(tag, str) else ""


class _Cutter:
    """Finds where records begin and end, without understanding what is in them."""

    def __init__(self, source: Source, names: Collection[str], report: Report) -> None:
        any_name = b"|".join(re.escape(name.encode()) for name in sorted(names, key=len, reverse=True))
        self.markup = re.compile(
            rb"<(?:(!--|!\[CDATA\[|\?)|(!DOCTYPE|!ENTITY)|(/?)(?:[\w.-]+:)?(" + any_name + rb")(?=[\s/>]))"
        )
        self.source = source
        self.report = report
        self.encoding, self.decoder = _encoding_of(source.head, report)
        self.data = self._decoded(source.head)
        self.at = self.line_at = 0
        self.line = 1
        self.ended = False
        self.outside = bytearray()
        self.namespaces = b""
        self.unended = 0
        self.parser = parser()

    def _decoded(self, data: bytes, *, final: bool = False) -> bytes:
        """UTF-16 and UTF-32 become UTF-8; other encodings contain ASCII and are decoded record by record."""
        return self.decoder.decode(data, final=final).encode() if self.decoder else data

    def _more(self) -> bool:
        """Read on, at least as much as is waiting, so that the work stays linear. False at the end."""
        if self.ended:
            return False
        self._count_lines(self.at)
        chunk = self.source.more(len(self.data) - self.at)
        self.ended = not chunk
        try:
            self.data = self.data[self.at :] + self._decoded(chunk, final=self.ended)
        except UnicodeDecodeError:
            self.report.add(f"the file is not {self.encoding}", "invalid_encoding", line=self.line)
            self.ended = True
        self.at = self.line_at = 0
        return True

    def _count_lines(self, at: int) -> int:
        self.line += self.data.count(b"\n", self.line_at, at)
        self.line_at = max(self.line_at, at)
        return self.line

    def fragments(self) -> Iterator[Fragment]:
        if not self.encoding:
            return
        found = False
        while self._skip_to_record():
            if not found:
                self.outside += b"<record/>"
                self.namespaces = _namespaces(bytes(self.outside))
            found = True
            yield self._record()
            if self.unended > MAX_UNENDED:
                self.report.add(
                    "too many elements have no end: the rest of the file is not read",
                    "not_well_formed",
                    remedy="Ask the sender to send it again.",
                    line=self.line,
                )
                return
        self._check_outside(found=found)

    def _skip_to_record(self) -> bool:
        """Go to the next record's first tag, keeping what lies before it. False if there is none."""
        while True:
            match = self.markup.search(self.data, self.at)
            if match is None:
                end = len(self.data) if self.ended else max(self.at, len(self.data) - TAIL)
                self._keep(end)
                if not self._more():
                    return False
                continue
            self._keep(match.start())
            section, declaration, closing, _name = match.groups()
            if declaration:
                self.report.add(
                    "the file has a document type declaration, which is not read",
                    "forbidden_declaration",
                    remedy="Ask the sender for XML without a DOCTYPE.",
                    line=self._count_lines(match.start()),
                )
                return False
            if section:
                if not self._skip_section(SECTIONS[section]):
                    return False
            elif closing:
                self._keep(match.end())
            else:
                return True

    def _skip_section(self, end: bytes) -> bool:
        searched = self.at
        while (found := self.data.find(end, searched)) < 0:
            searched = max(0, len(self.data) - self.at - len(end))
            if len(self.data) - self.at > MAX_DOCUMENT or not self._more():
                self._keep(len(self.data))
                return False
        if end == b"?>":
            self._keep(found + len(end))
        self.at = found + len(end)
        return True

    def _keep(self, end: int) -> None:
        if len(self.outside) <= MAX_OUTSIDE:
            self.outside += self.data[self.at : end]
        self.at = max(self.at, end)

    def _record(self) -> Fragment:
        line = self._count_lines(self.at)
        name = self.markup.match(self.data, self.at)[4]  # type: ignore[index]
        length = self._length(name)
        if length is None:
            # Its end is missing: it ends where the next one begins, else with what was read.
            following = re.compile(rb"<(?:[\w.-]+:)?" + name + rb"[\s/>]").search(self.data, self.at + 1)
            self.at = following.start() if following else len(self.data)
            self.unended += 1
            problem = Problem(
                message=f"the element {name.decode()} has no end, or is longer than {MAX_DOCUMENT >> 20} MB",
                rule="not_well_formed",
                remedy="Ask the sender to send it again.",
                line=line,
            )
            return Fragment(name.decode(), line, None, problem)
        data = self.data[self.at : self.at + length]
        self.at += length
        return self._parsed(name.decode(), data, line)

    def _length(self, name: bytes) -> int | None:
        """How many bytes the record has; None if its end is missing or too far away."""
        if length := self._plain_length():
            return length
        depth, searched = 0, self.at
        while True:
            match = self.markup.search(self.data, searched)
            end = match and self._end_of(match)
            if match is None or end is None:
                # Go on where this search stopped; a tag may be cut in two by the end of the window.
                resume = (match.start() if match else max(searched, len(self.data) - TAIL)) - self.at
                if len(self.data) - self.at > MAX_DOCUMENT or not self._more():
                    return None
                searched = self.at + resume
                continue
            searched = end
            if match[4] == name:
                empty = self.data[end - 2 : end - 1] == b"/"
                depth += -1 if match[3] else not empty
                if depth <= 0:
                    return end - self.at
                if depth > MAX_NESTED:
                    return None

    def _plain_length(self) -> int:
        """The same, without looking at every tag, for a record that is in the window and as simple as usual; else 0."""
        name = self.data[self.at + 1 : self.markup.match(self.data, self.at).end()]  # type: ignore[union-attr]
        end = self.data.find(b"</" + name + b">", self.at)
        unusual = [b"<!", b"<?", *(b"<" + name + following for following in FOLLOWING)]
        if end < 0 or any(self.data.find(mark, self.at + 1, end) >= 0 for mark in unusual):
            return 0
        return end + len(name) + 3 - self.at

    def _end_of(self, match: re.Match[bytes]) -> int | None:
        """Where the markup in `match` ends; None if the window ends first."""
        if match[1]:
            end = self.data.find(SECTIONS[match[1]], match.end())
            return None if end < 0 else end + len(SECTIONS[match[1]])
        tag = TAG_END.match(self.data, match.end())
        if tag:
            return tag.end()
        # Not a tag at all, or one whose end is still to come.
        broken = self.data.find(b"<", match.end()) >= 0 or len(self.data) - match.end() > MAX_OUTSIDE
        return match.end() if broken or match[2] else None

    def _parsed(self, name: str, data: bytes, line: int) -> Fragment:
        try:
            if self.encoding != "utf-8" and not self.decoder:
                data = data.decode(self.encoding).encode()
            root = etree.fromstring(b"<r" + self.namespaces + b">" + data + b"</r>", self.parser)
        except etree.XMLSyntaxError as error:
            reason = re.sub(r",? line \d+(?:, column \d+)?", "", error.msg or "")
            where = line + max(0, (error.lineno or 1) - 1)
            problem = Problem(
                message=f"the XML is not well-formed: {reason}",
                rule="not_well_formed",
                remedy="Ask the sender to correct it.",
                line=where,
            )
        except (UnicodeDecodeError, ValueError):
            problem = Problem(
                message=f"it is not text in {self.encoding}",
                rule="invalid_encoding",
                remedy="Ask the sender which encoding the file has.",
                line=line,
            )
        else:
            return Fragment(name, line, root[0])
        return Fragment(name, line, None, problem)

    def _check_outside(self, *, found: bool) -> None:
        """What is left without its records must be XML too: a root that ends, and no torn pieces."""
        if self.report:
            return
        if len(self.outside) > MAX_OUTSIDE:
            self.report.add(
                "the file holds much that is not one of its records",
                "unknown_content",
                remedy="Check that it is the kind of file that this layout describes.",
            )
            return
        outside = re.sub(rb"^\s*<\?xml.*?\?>", b"", bytes(self.outside), flags=re.DOTALL)
        if not self.decoder:
            outside = outside.decode(self.encoding, "replace").encode()
        try:
            etree.fromstring(outside, self.parser)
        except (etree.XMLSyntaxError, ValueError):
            if found or outside.strip():
                self.report.add(
                    "the file is not whole: its root element does not end, or something stands beside its records",
                    "file_truncated",
                    remedy="Ask the sender to send the whole file again.",
                    line=self._count_lines(len(self.data)),
                )
            else:
                self.report.add("the file is empty", "empty")


def _namespaces(outside: bytes) -> bytes:
    """The namespace declarations before the first record, as attributes of one element; the last of a name counts."""
    found = dict(NAMESPACE.findall(outside))
    return b"".join(b" " + name + b"=" + b" ".join(value.split()) for name, value in found.items())


def _encoding_of(head: bytes, report: Report) -> tuple[str, codecs.IncrementalDecoder | None]:
    """The encoding that the file declares, with a decoder if it does not contain ASCII. Empty if it is not known."""
    for mark, name in zip(WIDE_MARKS, ("utf-32", "utf-32", "utf-16", "utf-16"), strict=True):
        if head.startswith(mark):
            return name, codecs.getincrementaldecoder(name)()
    declared = ENCODING.match(head.lstrip())
    name = declared[1].decode().lower() if declared else "utf-8"
    try:
        known = codecs.lookup(name)
        contains_ascii = bytes(range(128)).decode(name) == "".join(map(chr, range(128)))
    except (LookupError, ValueError):
        contains_ascii = False
    if not contains_ascii:
        report.add(
            f"the file declares the encoding {name!r}, which is not read here",
            "invalid_encoding",
            remedy="Ask the sender for UTF-8.",
        )
        return "", None
    return ("utf-8" if known.name in ("utf-8", "ascii") else known.name), None
