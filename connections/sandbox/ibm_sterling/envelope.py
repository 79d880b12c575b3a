"""The installation's own EDI envelope, for customers who send messages without one."""

import re
from datetime import datetime

SENDER = "STERLING"
FUNCTIONAL_IDS = {b"810": "IN", b"820": "RA", b"850": "PO", b"855": "PR", b"856": "SH"}


def wrap(payload: bytes, *, receiver: str, number: int, now: datetime) -> bytes:
    """ISA to IEA around ST to SE, UNB to UNZ around UNH to UNT; control number `number` throughout."""
    if payload.startswith(b"UNH"):
        return _edifact(payload, receiver, number, now)
    return _x12(payload, receiver, number, now)


def _x12(payload: bytes, receiver: str, number: int, now: datetime) -> bytes:
    separator = payload[2:3].decode()
    _, kind, rest = payload.split(separator.encode(), 2)
    found = re.search(rb"[^A-Za-z0-9]", rest)
    end = found[0].decode() if found else "~"
    isa = [
        "ISA",
        *("00", " " * 10, "00", " " * 10, "ZZ", f"{SENDER:<15}", "ZZ", f"{receiver:<15}"[:15]),
        *(f"{now:%y%m%d}", f"{now:%H%M}", "U", "00401", f"{number:09}", "0", "P", ">"),
    ]
    functional = FUNCTIONAL_IDS.get(kind, "XX")
    group = ["GS", functional, SENDER, receiver, f"{now:%Y%m%d}", f"{now:%H%M}", str(number), "X", "004010"]
    sets = len(
        re.findall(rb"(?:^|" + re.escape(end.encode()) + rb"\s*)ST" + re.escape(separator.encode()), payload)
    )
    head = "".join(separator.join(segment) + end for segment in (isa, group))
    tail = "".join(
        separator.join(segment) + end
        for segment in (["GE", str(sets), str(number)], ["IEA", "1", f"{number:09}"])
    )
    return head.encode() + payload + tail.encode()


def _edifact(payload: bytes, receiver: str, number: int, now: datetime) -> bytes:
    messages = len(re.findall(rb"(?:^|'\s*)UNH\+", payload))
    head = f"UNB+UNOC:3+{SENDER}:ZZ+{receiver}:ZZ+{now:%y%m%d}:{now:%H%M}+{number}'"
    return head.encode() + payload + f"UNZ+{messages}+{number}'".encode()
