"""Stampli: files on an SFTP server, in the templates that Stampli and the customer agreed on."""

from functools import cached_property

from connections.systems.sftp.system import Sftp
from connections.systems.stampli.settings import Settings


class Stampli(Sftp):
    """A session with the SFTP server of the file exchange. There is no other way into Stampli."""

    @cached_property
    def settings(self) -> Settings:
        return Settings.of(self.connection.settings)
