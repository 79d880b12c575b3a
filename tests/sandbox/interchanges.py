"""Interchanges to send to the stand-ins, written out by hand and adjustable by the test."""


def invoice(number: str = "INV-1001", *, set_control: str = "0001", total: str = "10850") -> list[str]:
    """An 810 without its SE: 5 pieces at 20.00, tax 8.50, total 108.50."""
    return [
        f"ST*810*{set_control}",
        f"BIG*20260309*{number}**PO-77",
        "N1*RE*MARLOW PAPER*92*4471",
        "IT1*1*5*EA*20**VP*A4-80",
        "PID*F****COPY PAPER",
        f"TDS*{total}",
        "TXI*TX*8.5",
        "CTT*1",
    ]


def x12(
    *sets: list[str],
    control: int = 1,
    group_control: int | None = None,
    functional_id: str = "IN",
    sender: str = "FRESHBOOKS",
    receiver: str = "ACME",
    ack_requested: str = "0",
    version: str = "00401",
) -> bytes:
    """A well-formed interchange with one group holding `sets` (default: one invoice)."""
    bodies = [*sets] or [invoice()]
    repetition, release = ("U", "004010") if version == "00401" else ("^", "005010")
    group = control if group_control is None else group_control
    parties = f"ZZ*{sender:15}*ZZ*{receiver:15}"
    switches = f"{repetition}*{version}*{control:09}*{ack_requested}*T*>"
    lines = [
        f"ISA*00*          *00*          *{parties}*260309*1415*{switches}",
        f"GS*{functional_id}*{sender}*{receiver}*20260309*1415*{group}*X*{release}",
    ]
    for body in bodies:
        set_control = body[0].split("*")[2]
        lines += [*body, f"SE*{len(body) + 1}*{set_control}"]
    lines += [f"GE*{len(bodies)}*{group}", f"IEA*1*{control:09}"]
    return "".join(f"{line}~" for line in lines).encode("ascii")


def edifact(number: str = "INV-1001", *, reference: str = "REF1", segments: int = 4) -> bytes:
    """An INVOIC with a right or, by `segments`, a wrong count in UNT."""
    return (
        "UNA:+.? '"
        f"UNB+UNOC:3+FRESHBOOKS:ZZZ+ACME:ZZZ+260309:1415+{reference}'"
        "UNH+1+INVOIC:D:96A:UN'"
        f"BGM+380+{number}+9'"
        "FTX+AAI+++O?'NEILL ?+ SONS'"
        f"UNT+{segments}+1'"
        f"UNZ+1+{reference}'"
    ).encode("latin-1")


def segments(answer: bytes) -> list[str]:
    """The segments of an answer in `~` and newline."""
    return [line for line in answer.decode("ascii").replace("\n", "").split("~") if line]
