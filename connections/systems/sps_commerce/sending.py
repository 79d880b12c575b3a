"""Putting a file into the mailbox once.

An upload to a path that exists overwrites it without a word and starts another transaction; once SPS has taken the
file, a second upload is a second document. So the name holds the content's hash, we look before we write, and
after an unclear failure the listing and the history decide.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from django.utils import timezone

from connections.systems.base import (
    CannotTell,
    Interchange,
    Misconfigured,
    Receipt,
    Rejected,
    SaveProgress,
    SystemFailure,
    UnknownOutcome,
)
from connections.systems.sps_commerce import paths, replies
from connections.systems.sps_commerce.api import Api, Refused
from connections.systems.sps_commerce.settings import template_problem
from mappings.codecs import rsx

PREFIXES = {"Invoice": "IN", "Shipment": "SH", "OrderAck": "PR", "Order": "PO"}
HASH_DIGITS = 8
# Their clock and ours may differ.
CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True)
class Posting:
    """One interchange on its way. `interchange.progress` knows `began`, when an upload was begun (ISO 8601)."""

    api: Api
    interchange: Interchange

    @cached_property
    def path(self) -> str:
        """Where it goes: the partner's place or the connection's directory, and the name by the template."""
        directory = paths.directory(self.interchange.place or self.api.settings.outbound_directory)
        return directory + name_of(self.interchange, self.api.settings.name_template)

    def send(self, save_progress: SaveProgress) -> Receipt:
        if receipt := self._there():
            return receipt
        save_progress({"began": timezone.now().isoformat()})
        try:
            answer = self.api.upload(self.path, self.interchange.content)
        except Refused as refused:
            raise self._refused(refused) from None
        if text := replies.error_inside(answer):
            raise Rejected(f"SPS Commerce does not take the document: {text}.", detail=answer.excerpt())
        return self._receipt()

    def find(self) -> Receipt | None:
        """By the listing, then by the history, which may lag behind: before that time nobody can say no."""
        if receipt := self._there():
            return receipt
        began = _moment(self.interchange.progress.get("began"))
        if began is None:
            return None
        try:
            for row in self.api.transfers(after=began - CLOCKS_DIFFER):
                if self._is_ours(row, began):
                    return self._receipt(str(row.get("id") or ""))
        except (Refused, Misconfigured) as problem:
            raise CannotTell(
                f"{self.path} is not in the mailbox, and its history may not be read: SPS may have taken it.",
                remedy="Look at the history in the SPS Dev Center, then send it again or mark it as delivered.",
                detail=str(problem),
            ) from None
        if timezone.now() - began < timedelta(minutes=self.api.settings.history_minutes):
            raise UnknownOutcome(
                "It is neither in the mailbox nor in its history, which may be behind by some minutes."
            )
        return None

    def _there(self) -> Receipt | None:
        """The receipt if our bytes lie at our path. Other bytes there are left alone: `Rejected`."""
        name = paths.name_of(self.path)
        directory = self.path.removesuffix(name)
        try:
            entries = self.api.entries(directory, prefix=name)
        except Refused as refused:
            raise self._refused(refused) from None
        if all(paths.normal(str(row.get("path"))) != self.path for row in entries):
            return None
        content = self.api.download(self.path)
        if content is None:
            return None  # SPS has just taken it; the history knows
        if content != self.interchange.content:
            raise Rejected(
                f"Another file lies at {self.path}, which SPS has not taken yet; it would be overwritten.",
                remedy="Send it again once SPS has taken that file.",
            )
        return self._receipt()

    def _is_ours(self, row: dict[str, object], began: datetime) -> bool:
        if paths.normal(str(row.get("path"))) != self.path:
            return False
        log = row.get("status_log")
        steps = [step for step in log if isinstance(step, dict)] if isinstance(log, list) else []
        times = [_moment(step.get("timestamp")) for step in steps if step.get("status") == "uploaded"]
        return any(time is not None and time >= began - CLOCKS_DIFFER for time in times)

    def _refused(self, refused: Refused) -> SystemFailure:
        reason, detail = f" SPS says: {refused.text}" if refused.text else "", refused.answer.excerpt()
        if refused.status == 404:
            directory = self.path.removesuffix(paths.name_of(self.path))
            return Misconfigured(
                f"There is no directory “{directory}” at SPS Commerce.{reason}",
                remedy="Correct it in the settings or at the partner. The sandbox has in/ and out/; production "
                "is empty until SPS has activated it.",
                detail=detail,
            )
        if refused.status == 413:
            return Rejected("The document is larger than SPS Commerce takes.", detail=detail)
        return Rejected(f"SPS Commerce does not take the document.{reason}", detail=detail)

    def _receipt(self, remote_id: str = "") -> Receipt:
        return Receipt(
            remote_id=remote_id or self.path,
            place=self.path.removesuffix(paths.name_of(self.path)),
            name=paths.name_of(self.path),
            detail={"transfer": remote_id} if remote_id else {},
        )


def name_of(interchange: Interchange, template: str) -> str:
    """The path below the directory that the template makes of an interchange.

    Type, number and partner are read from the content, RSX or not. Raises `Misconfigured` for a wrong template.
    """
    if problem := template_problem(template):
        raise Misconfigured(
            f"The name template cannot be used. {problem}", remedy="Correct it in the settings."
        )
    stem, _, ending = interchange.name.rpartition(".")
    item = next((one for one in rsx.read(interchange.content) if isinstance(one, rsx.Item)), None)
    number = getattr(item.document, "number", "") if item else ""
    return template.format(
        prefix=PREFIXES.get(item.type, "") if item else "",
        number=paths.safe(number or stem),
        partner=paths.safe(item.trading_partner_id) if item else "",
        hash=hashlib.sha256(interchange.content).hexdigest()[:HASH_DIGITS],
        name=paths.safe(stem or interchange.name),
        ext=paths.safe(ending or "txt"),
    )


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
