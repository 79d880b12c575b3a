"""What a finished interchange says it is, for the names of files."""

import re

# The first transaction set or message; the delimiters are the writer's own.
X12_SET = re.compile(rb"[^A-Za-z0-9]ST[^A-Za-z0-9](\d{3})[^A-Za-z0-9]")
EDIFACT_MESSAGE = re.compile(rb"UNH[^A-Za-z0-9][^\x00-\x1f]{1,14}?[^A-Za-z0-9]([A-Z]{6})[^A-Za-z0-9]")
HEAD = 2000


def message_type(content: bytes) -> str:
    """`810`, `INVOIC`; empty for what is neither X12 nor EDIFACT."""
    head = content[:HEAD]
    if head[:3] == b"ISA":
        found = X12_SET.search(head, 105)
    elif head[:3] in (b"UNA", b"UNB"):
        found = EDIFACT_MESSAGE.search(head)
    else:
        found = None
    return found[1].decode() if found else ""
