"""Files of 200 MB over a real OpenSSH server, each way, in a few megabytes of memory."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from audit.models import Arrival, ArrivedDocument, Delivery, Payload
from audit.models.arrivals import ArrivalState
from audit.models.documents import DocumentState
from connections.models import Connection, Poll
from connections.pipeline.collect import collect
from connections.systems.base import Interchange
from connections.systems.registry import open_system
from mappings.models.partners import Answers
from tests import process
from tests.inbound.conftest import World, books, interchange, order, server, world
from tests.memory import peak
from tests.openssh import SSHD
from tests.sftp.partner import Server, partner

__all__ = ["books", "partner", "server", "world"]

MEGABYTE = 1 << 20
SIZE = 200 * MEGABYTE
LINES = 1000
MOST_GROWTH = 64 * MEGABYTE

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]


def test_it_is_collected_read_and_answered(partner: Server, world: World) -> None:
    world.acme.answers_with = Answers.X997
    world.acme.save()
    partner.lay("orders.x12", b"")
    with (partner.folder / "orders.x12").open("wb") as file:
        file.writelines(orders())

    growth = growth_of("collected", world.files.pk, partner.poll.pk)

    arrival = Arrival.unscoped.get()
    assert arrival.size > SIZE
    assert (arrival.state, arrival.reason) == (ArrivalState.READ, "")
    documents = ArrivedDocument.unscoped.filter(arrival=arrival, state=DocumentState.OPEN)
    assert documents.count() == SIZE // len(message(1)) + 1
    assert arrival.payload.is_as_stored
    assert partner.names("done") == ["orders.x12"]
    assert Delivery.unscoped.get().kind == "acknowledgement"
    assert growth < MOST_GROWTH


def test_it_is_delivered(partner: Server, world: World) -> None:
    with TemporaryFile() as source:
        for _ in range(200):
            source.write(os.urandom(MEGABYTE))
        payload = Payload.store(
            tenant_id=world.tenant.pk, content=source, media_type="text/csv", file_name="out.csv"
        )

    growth = growth_of("delivered", world.files.pk, payload.pk)

    with partner.openssh.local("inbound/out.csv").open("rb") as there:
        assert hashlib.file_digest(there, "sha256").hexdigest() == payload.sha256
    assert growth < MOST_GROWTH


def growth_of(function: str, *arguments: int) -> int:
    """By how many bytes the memory of a process of its own grows at most while it does that."""
    worker = process.start(f"{__name__}.{function}", *arguments, stdout=subprocess.PIPE)
    said, _ = worker.communicate()
    assert worker.returncode == 0
    return int(said.split()[-1])


def collected(connection_id: str, poll_id: str) -> None:
    """Look into the folder."""
    connection, poll = Connection.unscoped.get(pk=connection_id), Poll.objects.get(pk=poll_id)
    before = peak()
    assert collect(connection, poll) == 1
    report(before)


def delivered(connection_id: str, payload_id: str) -> None:
    """Put the bytes there, and look whether they are."""
    connection, payload = Connection.unscoped.get(pk=connection_id), Payload.unscoped.get(pk=payload_id)
    before = peak()
    with open_system(connection) as system, payload.open() as file:
        sent = Interchange(name="out.csv", place="", file=file)
        system.send(sent, lambda _: None)
        assert system.find(sent)
    report(before)


def report(before: int) -> None:
    """Say by how much the peak has grown."""
    sys.stdout.write(f"{peak() - before}\n")


def orders() -> Iterator[bytes]:
    """An interchange of `SIZE` and a little more."""
    head, _, rest = interchange(order()).partition(b"ST*")
    tail = rest[rest.index(b"GE*") :]
    yield head
    written = count = 0
    while written < SIZE:
        count += 1
        yield (one := message(count))
        written += len(one)
    yield tail.replace(b"GE*1*", b"GE*%d*" % count, 1)


def message(number: int) -> bytes:
    """The order of this number, from ST to SE."""
    body = BODY.replace(b"PO-1", b"PO-%05d" % number, 1).replace(b"ST*850*0001", b"ST*850*%09d" % number, 1)
    trailer, _, _ = body.rpartition(b"*")
    return b"%b*%09d~" % (trailer, number)


def _body() -> bytes:
    """An order of many lines with long descriptions."""
    line, *_ = order().lines
    line = replace(line, description=" ".join(["PAPER, WHITE, 80 G, A4,"] * 40))
    whole = interchange(order(lines=tuple(replace(line, number=str(n)) for n in range(1, LINES + 1))))
    return whole[whole.index(b"ST*") : whole.index(b"GE*")]


BODY = _body()
