"""The character sets of EDIFACT, and what is done with characters that one lacks: spelt otherwise, or refused.

Sources: ISO 9735 (levels A and B, and UNOC to UNOK as parts of ISO 8859; UNOW and UNOY, from syntax version 4 on, are
read and written as UTF-8).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from mappings.codecs.x12.characters import STAND_INS, transliterate


class CharacterSet(NamedTuple):
    """How a set's bytes are decoded, and an expression for texts of its characters."""

    encoding: str
    allowed: re.Pattern[str]

    def has(self, character: str) -> bool:
        """Whether the set has `character`."""
        if not self.allowed.fullmatch(character):
            return False
        try:
            character.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


SEPARATED = "\x1c-\x1f"
LEVEL_A = r""" A-Z0-9.,\-()/='+:?!"%&*;<>"""
PRINTABLE = re.compile(rf"[ -~\xa0-\U0010ffff{SEPARATED}]*+")

CHARACTER_SETS = {
    "UNOA": CharacterSet("ascii", re.compile(rf"[{LEVEL_A}{SEPARATED}]*+")),
    "UNOB": CharacterSet("ascii", re.compile(rf"[{LEVEL_A}a-z{SEPARATED}]*+")),
    "UNOC": CharacterSet("iso8859-1", PRINTABLE),
    "UNOD": CharacterSet("iso8859-2", PRINTABLE),
    "UNOE": CharacterSet("iso8859-5", PRINTABLE),
    "UNOF": CharacterSet("iso8859-7", PRINTABLE),
    "UNOG": CharacterSet("iso8859-3", PRINTABLE),
    "UNOH": CharacterSet("iso8859-4", PRINTABLE),
    "UNOI": CharacterSet("iso8859-6", PRINTABLE),
    "UNOJ": CharacterSet("iso8859-8", PRINTABLE),
    "UNOK": CharacterSet("iso8859-9", PRINTABLE),
    "UNOW": CharacterSet("utf-8", PRINTABLE),
    "UNOY": CharacterSet("utf-8", PRINTABLE),
}
"""By syntax identifier. `allowed` lets the internal separators pass, so that it can be asked of whole messages."""

LIMITED = frozenset({"UNOA", "UNOB"})
"""The sets that lack some of the printable characters of ASCII."""

FROM_VERSION_4 = frozenset({"UNOW", "UNOY"})


def decode(text: str, character_set: str) -> str | None:
    """`text`, one character per byte, in `character_set`; None if its bytes are none of that set."""
    try:
        return text.encode("latin-1").decode(CHARACTER_SETS[character_set].encoding)
    except UnicodeDecodeError:
        return None


def fit(text: str, character_set: str) -> str:
    """`text` as `character_set` can hold it; what has no stand-in stays as it is. Control characters become blanks."""
    fitted = unicodedata.normalize("NFC", text).translate(_stand_ins(character_set))
    return fitted.strip() if fitted != text else fitted


def lacking(text: str, character_set: str) -> str:
    """The characters of `text` that `character_set` does not have."""
    has = CHARACTER_SETS[character_set].has
    return "".join(sorted({character for character in text if not has(character)}))


class _StandIns(dict[int, str]):
    """For each code point what is written for it, found when it is first met."""

    def __init__(self, character_set: CharacterSet) -> None:
        super().__init__()
        self.set = character_set

    def __missing__(self, point: int) -> str:
        character = chr(point)
        found = self[point] = self._stand_in(character)
        return found

    def _stand_in(self, character: str) -> str:
        if self.set.has(character) and character not in "\x1c\x1d\x1e\x1f":
            return character
        if unicodedata.category(character) in ("Cc", "Zs", "Zl", "Zp"):
            return " "
        plain = transliterate(character)
        for stand_in in (
            plain,
            plain.upper(),
            plain.translate(STAND_INS),
            plain.translate(STAND_INS).upper(),
        ):
            if all(map(self.set.has, stand_in)):
                return stand_in
        return character


@cache
def _stand_ins(character_set: str) -> _StandIns:
    return _StandIns(CHARACTER_SETS[character_set])
