"""A partner's OpenSSH server into which files are dropped, as connection `files` of a `World` looks into it."""

import os
from collections.abc import Callable
from typing import Any

import pytest

from audit.models import Arrival
from connections.models import Poll, PollKind
from connections.pipeline.collect import collect
from mappings.canonical import Document
from mappings.codecs import layouts
from mappings.models import TradingPartner
from tests.inbound.conftest import PLACE, World
from tests.openssh import PARTNER_GID, PARTNER_UID, OpenSSHServer
from tests.sftp.conftest import settings_of


class Server:
    """The partner's server, and our look into it."""

    def __init__(self, openssh: OpenSSHServer, world: World) -> None:
        self.openssh, self.world = openssh, world
        self.folder = openssh.make_folder(PLACE.strip("/"))
        for name in ("done", "bad"):
            openssh.make_folder(name)
        place = openssh.remote(PLACE.strip("/"))
        world.acme.places.update(inbound=place)
        TradingPartner.unscoped.filter(pk=world.acme.pk).update(
            edifact_sender_id="4012345000009",
            edifact_sender_qualifier="14",
            edifact_receiver_id="4098765000000",
            edifact_receiver_qualifier="14",
        )
        world.files.settings = settings_of(
            openssh,
            inbound_folder="",
            processed_folder=openssh.remote("done"),
            error_folder=openssh.remote("bad"),
        )
        world.files.credentials = {"private_key": openssh.client_key_path.read_text()}
        world.files.save()
        self.poll = self.poll_of(place)

    def poll_of(self, place: str) -> Poll:
        return Poll.objects.get_or_create(connection=self.world.files, kind=PollKind.PLACE, subject=place)[0]

    def lay(self, name: str, content: bytes, folder: str = PLACE.strip("/")) -> None:
        path = self.openssh.local(f"{folder}/{name}")
        path.write_bytes(content)
        if self.openssh.isolated:
            os.chown(path, PARTNER_UID, PARTNER_GID)

    def look(self, place: str = "") -> list[Arrival]:
        """All arrivals after a look into the partner's folder, or into another place."""
        poll = self.poll_of(place) if place else self.poll
        collect(self.world.files, poll)
        return list(Arrival.unscoped.order_by("pk"))

    def move(self, source: str, target: str) -> None:
        """Somebody moves a file on the server: its time stays as it was."""
        self.openssh.local(source).rename(self.openssh.local(target))

    def read(self, path: str) -> str:
        return self.openssh.local(path).read_text()

    def names(self, folder: str) -> list[str]:
        return sorted(path.name for path in self.openssh.local(folder).iterdir())


@pytest.fixture
def partner(openssh: OpenSSHServer, world: World, settings: Any) -> Server:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    return Server(openssh, world)


def by_layout(name: str) -> Callable[[Document], bytes]:
    return lambda document: layouts.write([document], layouts.load(layouts.STANDARD[name])).data
