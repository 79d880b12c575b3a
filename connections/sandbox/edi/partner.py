"""The company at the other end of the line: what it got, what it complains of, what it answers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connections.sandbox.edi import edifact, x12, x12_answer
from connections.sandbox.edi.documents import Document, UnreadableError, Verdict
from connections.sandbox.edi.x12_parts import Fault
from connections.sandbox.edi.x12_parts import Interchange as X12Interchange

__all__ = ["EdiPartner", "Verdict"]


class EdiPartner:
    """Reads every interchange strictly and answers with 997 (or 999), TA1 or CONTRL as its verdict says.

    `verdict` is for everything, `verdicts` for single business numbers (an invoice number). Well-formed
    documents only get a verdict; a malformed one is rejected whatever the verdict says. `complaints` and
    `documents` are for whoever drives the stand-in: lists of plain dicts, oldest first.
    """

    def __init__(
        self, name: str, *, verdict: Verdict = Verdict.ACCEPT, acknowledge_with: str = "997"
    ) -> None:
        self.name = name
        self.verdict = verdict
        self.acknowledge_with = acknowledge_with
        self.verdicts: dict[str, Verdict] = {}
        self.complaints: list[dict[str, Any]] = []
        self.documents: list[dict[str, Any]] = []
        self._interchanges: set[str] = set()
        self._numbers: set[tuple[str, str]] = set()
        self._last_control = 0

    def receive(self, source: str, payload: bytes, now: datetime) -> list[bytes]:
        """Take in the file `source`; returns the answering interchanges, none for a file that is no EDI."""
        reader = edifact if payload.lstrip(b"\r\n \xef\xbb\xbf")[:3] in {b"UNA", b"UNB"} else x12
        try:
            interchanges: list[Any] = reader.read(payload)
        except UnreadableError as error:
            self._complain(source, now, "malformed", str(error))
            return []
        answers = []
        for interchange in interchanges:
            is_x12 = reader is x12
            answers.append((self._take_x12 if is_x12 else self._take_edifact)(source, interchange, now))
        return [answer for answer in answers if answer is not None]

    def instruct(self, verdict: Verdict, verdicts: Mapping[str, Verdict | None]) -> None:
        """Set the verdict on everything, and those on single numbers; None takes one back."""
        self.verdict = verdict
        for number, single in verdicts.items():
            if single:
                self.verdicts[number] = single
            else:
                self.verdicts.pop(number, None)

    def dump(self) -> dict[str, Any]:
        """Everything, as values that JSON knows."""
        return {
            "verdict": self.verdict,
            "acknowledge_with": self.acknowledge_with,
            "verdicts": dict(self.verdicts),
            "complaints": self.complaints,
            "documents": self.documents,
            "interchanges": sorted(self._interchanges),
            "last_control": self._last_control,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take over what `dump` returned."""
        self.verdict = Verdict(state["verdict"])
        self.acknowledge_with = state["acknowledge_with"]
        self.verdicts = {number: Verdict(verdict) for number, verdict in state["verdicts"].items()}
        self.complaints = list(state["complaints"])
        self.documents = list(state["documents"])
        self._numbers = {(one["kind"], one["number"]) for one in self.documents if one["taken"]}
        self._interchanges = set(state["interchanges"])
        self._last_control = state["last_control"]

    def _take_x12(self, source: str, interchange: X12Interchange, now: datetime) -> bytes | None:
        isa = interchange.isa
        for fault in interchange.faults:
            self._complain(source, now, "malformed", fault.text)
        for group in interchange.groups:
            for fault in group.faults:
                for document in (one.document for one in group.sets):
                    document.refusals.append(fault.text)
        repeated = self._is_repeated(source, now, f"X12 {isa[5:9]} {isa[13]}", f"ISA13 {isa[13]}")
        refused = Fault("025", "Duplicate control number.") if repeated else None
        refuses_all = repeated or bool(interchange.faults)
        self._take_documents(source, interchange, now, isa[13], refused=refuses_all)
        return x12_answer.answer(
            interchange,
            lambda one: self._verdict_on(one.document),
            self._next_control,
            now,
            kind=self.acknowledge_with,
            refused=refused,
        )

    def _take_edifact(self, source: str, interchange: edifact.Interchange, now: datetime) -> bytes | None:
        for _, text in interchange.faults:
            self._complain(source, now, "malformed", text)
        parties = interchange.header[2:4]
        reference = interchange.reference
        repeated = self._is_repeated(source, now, f"EDIFACT {parties} {reference}", f"Reference {reference}")
        refuses_all = repeated or bool(interchange.faults)
        self._take_documents(source, interchange, now, reference, refused=refuses_all)
        refused = ("26", "Duplicate interchange.") if repeated else None
        return edifact.answer(interchange, self._verdict_on, self._next_control, now, refused=refused)

    def _take_documents(
        self,
        source: str,
        interchange: X12Interchange | edifact.Interchange,
        now: datetime,
        control: str,
        *,
        refused: bool,
    ) -> None:
        for text in interchange.doubts:
            self._complain(source, now, "doubtful", text)
        for document in interchange.documents:
            for text in document.refusals:
                self._complain(source, now, "malformed", text, document)
            for text in document.doubts:
                self._complain(source, now, "doubtful", text, document)
            if not refused and self._is_known(document):
                text = f"{document.kind} number {document.number} was sent before."
                self._complain(source, now, "duplicate document", text, document)
            self._note(source, now, document, control, refused=refused)

    def _is_repeated(self, source: str, now: datetime, key: str, what: str) -> bool:
        if key in self._interchanges:
            self._complain(source, now, "duplicate interchange", f"{what} was sent before.")
            return True
        self._interchanges.add(key)
        return False

    def _is_known(self, document: Document) -> bool:
        is_original = bool(document.number) and not document.replaces
        return is_original and (document.kind, document.number) in self._numbers

    def _note(self, source: str, now: datetime, document: Document, control: str, *, refused: bool) -> None:
        taken = not refused and not document.refusals
        if taken:
            self._numbers.add((document.kind, document.number))
        self.documents.append(
            {
                "at": now.isoformat(),
                "source": source,
                "kind": document.kind,
                "number": document.number,
                "interchange": control,
                "control": document.control,
                "taken": taken,
                "verdict": self._verdict_on(document),
            }
        )

    def _verdict_on(self, document: Document) -> Verdict:
        return self.verdicts.get(document.number, self.verdict)

    def _next_control(self) -> int:
        self._last_control = self._last_control % 999_999_999 + 1
        return self._last_control

    def _complain(
        self, source: str, now: datetime, kind: str, text: str, document: Document | None = None
    ) -> None:
        number = document.number if document else ""
        self.complaints.append(
            {"at": now.isoformat(), "source": source, "kind": kind, "number": number, "text": text}
        )
