"""`manage.py translate` as a process: its exit status, its pipes, no database, and how much memory it takes."""

import datetime as dt
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from mappings.codecs import edifact, x12
from tests.mappings.translating import EXAMPLES, process
from tests.mappings.x12_examples import invoice, write

MEGABYTE = 1 << 20
MESSAGES, PIECE = 100_000, 500
"""Messages in one interchange, and how many are sent at once."""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("inspect", EXAMPLES / "order.x12"), 0),
        (("inspect", EXAMPLES / "broken-order.x12"), 1),
        (("inspect", EXAMPLES / "nothing.x12"), 2),
        (("inspect", "--colour", EXAMPLES / "order.x12"), 2),
    ],
)
def test_exit_status_without_any_database(words, status):
    """0 for a valid file, 1 for one with problems, 2 for a wrong call; the settings name a database nowhere."""
    running = process(*words)
    out, err = running.communicate(timeout=120)
    assert running.returncode == status, err.decode()
    assert bool(out) == (status < 2)
    assert bool(err) == (status == 2)


def test_a_pipe_of_commands_from_bytes_to_bytes():
    """order.x12 | decode | encode: what comes out is the order again, byte for byte an interchange."""
    decoding = process("decode", "--json", stdin=subprocess.PIPE)
    encoding = process(
        *("encode", "--format", "x12", "--message", "850", "--partner", EXAMPLES / "acme.yaml"),
        stdin=decoding.stdout,
    )
    assert decoding.stdin
    decoding.stdin.write((EXAMPLES / "order.x12").read_bytes())
    decoding.stdin.close()
    out, err = encoding.communicate(timeout=120)
    assert (decoding.wait(60), encoding.returncode) == (0, 0), err.decode()
    (before,) = [
        i.document for i in x12.read((EXAMPLES / "order.x12").read_bytes()) if isinstance(i, x12.Message)
    ]
    (after,) = [i.document for i in x12.read(out) if isinstance(i, x12.Message)]
    assert before == after
    assert out.endswith(b"~\n")


def test_who_has_seen_enough_may_leave():
    """`... | head -1` ends the command without a complaint."""
    running = process("decode", "--json", stdin=subprocess.PIPE)
    assert running.stdin
    assert running.stdout
    assert running.stderr
    threading.Thread(target=_feed, args=(running, many(20 * MEGABYTE)), daemon=True).start()
    assert running.stdout.readline().startswith(b'{"schema": "invoice/1"')
    running.stdout.close()
    assert running.wait(120) == 141
    assert b"Traceback" not in running.stderr.read()


def many(size: int, kind: str = "x12") -> Iterator[bytes]:
    """Interchanges of `size` bytes or a little more in all, piece by piece."""
    start, message, end = (_x12 if kind == "x12" else _edifact)()
    written = 0
    while written < size:
        yield start
        count = 0
        while written < size and count < MESSAGES:
            first, count = count + 1, count + PIECE
            yield b"".join(
                message.replace(b"00000000", b"%08d" % number) for number in range(first, count + 1)
            )
            written += PIECE * len(message)
        yield end.replace(b"COUNT", b"%d" % count)


def _x12() -> tuple[bytes, bytes, bytes]:
    data = write(invoice())
    start, end = data.index(b"ST*"), data.index(b"GE*")
    message = data[start:end].replace(b"810*0001~", b"810*00000000~").replace(b"*0001~", b"*00000000~")
    message = message.replace(b"*INV-1*", b"*INV-00000000*")
    return data[:start], message, data[end:].replace(b"GE*1*", b"GE*COUNT*")


def _edifact() -> tuple[bytes, bytes, bytes]:
    envelope = edifact.Envelope(
        sender=edifact.Identity(id="BYRON"),
        receiver=edifact.Identity(id="ACME"),
        date=invoice().date,
        time=dt.time(12),
        control_number="17",
    )
    data = edifact.write([invoice()], envelope).data
    start, end = data.index(b"UNH+"), data.index(b"UNZ+")
    message = data[start:end].replace(b"UNH+1+", b"UNH+00000000+").replace(b"+1'", b"+00000000'")
    return data[:start], message, data[end:].replace(b"UNZ+1+", b"UNZ+COUNT+")


def _feed(running: subprocess.Popen[bytes], pieces: Iterator[bytes]) -> None:
    assert running.stdin
    try:
        for piece in pieces:
            running.stdin.write(piece)
        running.stdin.close()
    except BrokenPipeError:
        pass


def peak_memory(size: int, *words: str, kind: str = "x12") -> int:
    """The most memory, in bytes, that the command had resident while it read `size` bytes from a pipe."""
    running = process(*words, stdin=subprocess.PIPE)
    assert running.stdout
    assert running.stderr
    for stream in (running.stdout, running.stderr):
        threading.Thread(target=_drain, args=(stream,), daemon=True).start()
    threading.Thread(target=_feed, args=(running, many(size, kind)), daemon=True).start()
    most = 0
    while running.poll() is None:
        most = max(most, _high_water(running.pid))
        time.sleep(0.005)
    assert running.returncode == 0
    return most


def _high_water(pid: int) -> int:
    """The mark that the kernel keeps of a process's own memory; 0 once it has ended."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def _drain(stream: IO[bytes]) -> None:
    while stream.read(MEGABYTE):
        pass


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        (("inspect",), "x12"),
        (("inspect",), "edifact"),
        (("inspect", "--annotate"), "x12"),
        (("decode", "--json"), "x12"),
        (("convert", "--to", "x12", "--partner", str(EXAMPLES / "acme.yaml")), "x12"),
    ],
    ids=lambda value: "-".join(value[:3]).replace("--", "") if isinstance(value, tuple) else value,
)
def test_memory_does_not_grow_with_the_file(words, kind):
    """A file four times as large takes no more memory, but for what the allocator leaves over."""
    small, large = (peak_memory(size * MEGABYTE, *words, kind=kind) for size in (2, 8))
    assert large - small < 6 * MEGABYTE
