"""Characters that X12 cannot carry: transliterated to ASCII, replaced, or refused. Never a silent question mark.

Sources: X12.6 basic and extended character sets as published; transliterations by Unicode decomposition.
"""

from __future__ import annotations

import re
import unicodedata

BASIC = re.compile(r"""[A-Z0-9 !"&'()*+,\-./:;?=]*""")
PLAIN = re.compile(r"[ -~]*")
LATIN_1 = re.compile(r"[ -~\xa1-\xac\xae-\xff]*")

SPELT_OUT = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ł": "l", "Ł": "L", "ı": "i", "ħ": "h", "Ħ": "H",
    "‘": "'", "’": "'", "‚": ",", "‛": "'", "“": '"', "”": '"', "„": '"', "‹": "'", "›": "'", "«": '"', "»": '"',
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "•": "-", "·": ".", "…": "...",
    "€": "EUR", "£": "GBP", "¥": "JPY", "¢": "c", "©": "(C)", "®": "(R)", "™": "(TM)", "°": "deg", "×": "x",
    "÷": "/", "±": "+/-", "§": "Sec.", "¡": "!", "¿": "?", "№": "No.", "´": "'", "′": "'", "″": '"', "¦": "/", "⁄": "/",
    "\xa0": " ", "\u2007": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\ufeff": "", "\xad": "", "¬": "-",
}  # fmt: skip

STAND_INS = str.maketrans(
    {"[": "(", "]": ")", "{": "(", "}": ")", "<": "(", ">": ")", "_": "-", "~": "-", "\\": "/"}
)
STAND_INS |= str.maketrans({"|": "/", "^": "'", "`": "'", "#": "No.", "%": "PCT", "@": "(AT)", "$": "USD"})


def transliterate(text: str) -> str:
    """`text` in ASCII as far as that is possible: accents dropped, ligatures and signs spelt out."""
    if text.isascii():
        return text
    spelt = "".join(
        SPELT_OUT.get(character) or unicodedata.normalize("NFKD", character) for character in text
    )
    return "".join(SPELT_OUT.get(c, c) for c in spelt if not unicodedata.combining(c))


def to_basic(text: str) -> str:
    """ASCII `text` in the basic character set: capitals, and stand-ins for signs that it lacks."""
    return text if BASIC.fullmatch(text) else text.translate(STAND_INS).upper()


def fit(text: str, character_set: str, delimiters: str) -> tuple[str, str]:
    """`text` as it can be sent, and the characters that cannot be sent in any way.

    `delimiters` and control characters become blanks; blanks around are dropped.
    """
    if character_set in ("basic", "extended"):
        text = transliterate(text)
    if character_set == "basic":
        text = to_basic(text)
    fitted = "".join(
        " " if character in delimiters or not character.isprintable() else character for character in text
    )
    return fitted.strip() if fitted != text else fitted, "".join(sorted(unsendable(fitted, character_set)))


def unsendable(text: str, character_set: str) -> set[str]:
    """The characters of `text` that `character_set` does not have."""
    if character_set == "utf-8":
        return set()
    allowed = {"basic": BASIC, "extended": PLAIN, "latin-1": LATIN_1}[character_set]
    return set() if allowed.fullmatch(text) else {c for c in text if not allowed.fullmatch(c)}
