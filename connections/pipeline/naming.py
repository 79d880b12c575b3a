"""What an interchange is called where it goes: as the system there wants it."""

from connections.models import Connection
from connections.systems.base import NameParts, SystemFailure
from connections.systems.registry import open_system
from mappings.translation import Missing


def name_at(connection: Connection, parts: NameParts) -> str:
    """The name by the connection's system. Raises `Missing` while its settings cannot be read."""
    try:
        with open_system(connection) as system:
            return system.name_of(parts)
    except SystemFailure as failure:
        raise Missing("unusable_settings", f"{connection}: {failure}", failure.remedy) from None
