"""What a connection to Stampli is told by its people, beside what every SFTP server needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from connections.systems.base import Misconfigured
from connections.systems.sftp import settings as sftp
from mappings.stampli import DATES, WORDS, lines_of, words_of


class NoNumber(StrEnum):
    """What becomes of a bill without a number."""

    MAKE = "make"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(sftp.Settings):
    """`Connection.settings` of system `stampli`. Stampli defines files and folders for each customer."""

    company_id: str = ""
    no_number: NoNumber = NoNumber.MAKE
    # One per line, `Stampli's word = our word`.
    status_words: tuple[str, ...] = tuple(lines_of(WORDS))
    export_dates: str = DATES[0]
    # What Stampli exports is read as a whole.
    max_megabytes: int = 50

    @property
    def words(self) -> Mapping[str, str]:
        """What Stampli's status words mean. Raises `Misconfigured`."""
        try:
            return words_of(self.status_words) or WORDS
        except ValueError as error:
            raise Misconfigured(
                f"The table of status words cannot be used: {error}",
                remedy="Correct it in the settings of the connection.",
            ) from error
