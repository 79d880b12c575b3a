"""How an event is told to callbacks, when a test or a person wants something other than the usual."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Notice:
    """One way of sending the webhooks of an event.

    `send=False`: not at all. `duplicates`: how many more times than once. `delay`: seconds to wait first.
    `signature`: `good`, `missing` or `forged`. `fields`: `usual`, `reordered` (signed as sent) or `repeated`
    (one field occurs twice).
    """

    send: bool = True
    duplicates: int = 0
    delay: float = 0.0
    signature: str = "good"
    fields: str = "usual"

    def __post_init__(self) -> None:
        if self.signature not in {"good", "missing", "forged"}:
            raise ValueError("signature must be good, missing or forged.")
        if self.fields not in {"usual", "reordered", "repeated"}:
            raise ValueError("fields must be usual, reordered or repeated.")
        if not 0 <= self.duplicates <= 100 or not 0 <= self.delay <= 86_400:
            raise ValueError("duplicates must be 0 to 100, delay 0 to 86400 seconds.")


SILENT = Notice(send=False)
