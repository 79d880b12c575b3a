"""Decoding as the pipeline uses it: from the bytes of an arrival to documents, whatever their format.

The content tells the format; file names are not asked. Nothing here raises for what a partner sent: what is wrong is
said in sentences, with line and position.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from mappings.canonical import Acknowledgement, Document, InvalidDocument, from_json
from mappings.codecs import edifact, layouts, rsx, x12
from mappings.codecs.detect import HEAD, detect
from mappings.codecs.files import MAX_DOCUMENT
from mappings.codecs.report import Problem
from mappings.models import LayoutVersion, TradingPartner
from mappings.models.layouts import SAMPLE, stream, version_fitting
from mappings.rsx_overlay import overlay_of
from mappings.senders import Senders
from mappings.translation import address

# A broken acknowledgement is a matter for support staff, not a document that somebody waits for.
ANSWERS = frozenset({"TA1", "997", "999", "CONTRL"})
MOST_PROBLEMS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One message, document or row group of an arrival: its `document`, or why there is none in `problems`.

    `sender` and `receiver` are the ids on the wire (`ZZ:ACME`); empty where a format has none. `partner` is who that
    is, None if nobody of ours.
    """

    type: str
    document: Document | None
    number: str = ""
    line: int | None = None
    sender: str = ""
    receiver: str = ""
    partner: TradingPartner | None = None
    problems: tuple[str, ...] = ()


class Decoding:
    """What an arrival holds, one thing after the other; afterwards `problems` are those of the file as a whole.

    `content` is a file of any size in which one can seek. Of endless problems `more_problems` are only counted.
    """

    def __init__(self, content: BinaryIO, senders: Senders) -> None:
        self.content = content
        self.senders = senders
        self.problems: list[str] = []
        self.more_problems = 0
        self.version: LayoutVersion | None = None
        self._counts: Counter[str] = Counter()
        self._detected = detect(self._beginning(HEAD))
        self.format = self._detected.format or ("text" if self._detected.may_be_laid_out else "unknown")

    def __iter__(self) -> Iterator[Found]:
        way = {
            "x12": self._x12,
            "edifact": self._edifact,
            "rsx-json": self._rsx,
            "rsx-xml": self._rsx,
            "json": self._json,
            "csv": self._file,
            "xml": self._file,
            "fixed": self._file,
            "text": self._file,
        }.get(self.format, self._unknown)
        for found in way():
            self._counts[found.type] += 1
            if found.document is None and found.type in ANSWERS:
                self._complain(f"{found.type} {found.number}: {problem}" for problem in found.problems)
            else:
                yield found

    @property
    def summary(self) -> str:
        """What it was, in a few words."""
        if self.format in ("text", "unknown"):
            return f"not in a format that is known here: {self._detected.remark}"
        held = ", ".join(f"{count} × {type_}" for type_, count in self._counts.items())
        return f"{self.format.upper()} {held or 'without any document'}"

    def _beginning(self, length: int) -> bytes:
        self.content.seek(0)
        head = self.content.read(length)
        self.content.seek(0)
        return head

    def _complain(self, problems: Iterable[object], *, more: int = 0) -> None:
        """Keep what is wrong with the file as a whole; of endless problems only the count, to which `more` is added."""
        self.more_problems += more
        for problem in problems:
            if len(self.problems) < MOST_PROBLEMS:
                self.problems.append(str(problem))
            else:
                self.more_problems += 1

    def _unknown(self) -> Iterator[Found]:
        said = f"It is {self._detected.remark}." if self._detected.remark else "Its format is not known here."
        self._complain([f"{said} {self._detected.remedy}".strip()])
        return iter(())

    def _x12(self) -> Iterator[Found]:
        def overlay(header: x12.InterchangeHeader, _: x12.GroupHeader) -> x12.Overlay:
            partner = self.senders.by_x12(address(header.sender), address(header.receiver))
            return x12.Overlay(**partner.overlay) if partner else x12.Overlay()

        for item in x12.read(self.content, overlay=overlay):
            if not isinstance(item, x12.Message):
                self._complain(item.report, more=item.report.more)
                continue
            yield self._message("x12", item)

    def _edifact(self) -> Iterator[Found]:
        def overlay(header: edifact.InterchangeHeader) -> edifact.Overlay:
            partner = self.senders.by_edifact(address(header.sender), address(header.receiver))
            return edifact.Overlay(**partner.edifact_overlay) if partner else edifact.Overlay()

        for item in edifact.read(self.content, overlay=overlay):
            if not isinstance(item, edifact.Message):
                self._complain(item.report, more=item.report.more)
                continue
            yield self._message("edifact", item)

    def _message(self, wire: str, item: x12.Message | edifact.Message) -> Found:
        header = item.interchange.header
        sender, receiver = address(header.sender), address(header.receiver)
        return Found(
            type=item.type,
            document=_signed(item.document, sender, receiver),
            number=item.control_number,
            line=_line(item.report),
            sender=sender,
            receiver=receiver,
            partner=self.senders.by_wire(wire, sender, receiver),
            problems=tuple(map(str, item.report)),
        )

    def _rsx(self) -> Iterator[Found]:
        def overlay(sender: str) -> rsx.Overlay:
            partner = self.senders.by_wire("rsx", sender, "")
            return (
                overlay_of(partner.rsx_overlay, partner.books_currency)
                if partner
                else rsx.Overlay(currency="")
            )

        for item in rsx.read(self.content, overlay=overlay):
            if isinstance(item, rsx.File):
                self._complain(item.report, more=item.report.more)
                continue
            yield Found(
                type=item.type or "document",
                document=item.document,
                number=str(item.number),
                line=item.line,
                sender=item.trading_partner_id,
                partner=self.senders.by_wire("rsx", item.trading_partner_id, ""),
                problems=tuple(map(str, item.report)),
            )

    def _json(self) -> Iterator[Found]:
        """Our own JSON form, one document."""
        found = Found(type="document", document=None, partner=self.senders.by_place)
        content = self._beginning(MAX_DOCUMENT + 1)
        if len(content) > MAX_DOCUMENT:
            too_long = f"the document has more than {MAX_DOCUMENT >> 20} MB"
            yield replace(found, problems=(too_long,))
            return
        try:
            document = from_json(content.decode("utf-8-sig"))
        except (InvalidDocument, UnicodeDecodeError) as error:
            yield replace(found, problems=(str(error),))
            return
        yield replace(found, type=kind_of(document), document=document)

    def _file(self) -> Iterator[Found]:
        """CSV, XML and fixed width: by the layout that fits, the partner's own before those for everybody."""
        partner = self.senders.by_place
        sample = self._beginning(SAMPLE)
        self.version = version_fitting(self.senders.tenant, partner, sample, file_format=self.format)
        if self.version is None and self.format == "text":
            yield from self._unknown()
            return
        if self.version is None:
            no_layout = (
                f"No layout of yours fits this {self.format.upper()} file. Add one under Partners, File layouts, "
                "then replay it."
            )
            self._complain([no_layout])
            return
        self.format = self.version.layout.format
        for item in stream(self.version, self.content):
            if isinstance(item, layouts.File):
                self._complain(item.report, more=item.report.more)
                continue
            yield Found(
                type=self.version.layout.get_kind_display(),
                document=item.document,
                number=str(item.number),
                line=item.line,
                partner=partner or self.version.layout.partner,
                problems=tuple(map(str, item.report)),
            )


def kind_of(document: Document) -> str:
    """The word for what a document is: purchase_order, invoice, remittance_advice ..."""
    return document.SCHEMA.partition("/")[0]


def _signed(document: Document | None, sender: str, receiver: str) -> Document | None:
    """An acknowledgement with the interchange's parties, which matching goes by; others as they are."""
    if isinstance(document, Acknowledgement):
        return replace(document, sender=sender, receiver=receiver)
    return document


def _line(problems: Iterable[Problem]) -> int | None:
    return next((problem.line for problem in problems if problem.line is not None), None)
