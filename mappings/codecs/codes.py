"""Our words and a standard's codes for them, in both directions, with what partners want otherwise."""

from __future__ import annotations

from collections.abc import Mapping

Vocabularies = Mapping[str, Mapping[str, str]]
"""For each vocabulary, such as party or unit: the code of each word, or the word of each code."""


class NoCode(LookupError):  # says what is the matter: this vocabulary has no code for the word
    """A word has no code in the standard: `vocabulary` and `word` say which."""

    def __init__(self, vocabulary: str, word: str) -> None:
        super().__init__(vocabulary, word)
        self.vocabulary = vocabulary
        self.word = word


class ToCode(dict[str, str]):
    """Word to code. A missing word is the rest after `prefix` (x12:QX is QX), or raises `NoCode`."""

    def __init__(self, vocabulary: str, codes: Mapping[str, str], prefix: str) -> None:
        super().__init__(codes)
        self.vocabulary = vocabulary
        self.prefix = prefix

    def __missing__(self, word: str) -> str:
        if word.startswith(self.prefix):
            return word[len(self.prefix) :]
        raise NoCode(self.vocabulary, word)


class ToWord(dict[str, str]):
    """Code to word; a code without a word becomes `prefix` and the code, such as x12:QX."""

    def __init__(self, words: Mapping[str, str], prefix: str) -> None:
        super().__init__(words)
        self.prefix = prefix

    def __missing__(self, code: str) -> str:
        return self.prefix + code


class Codes:
    """Vocabularies in both directions.

    `vocabularies` give the code that is written for a word, `aliases` further codes that are read as a word, and
    `own` the partner's codes for single words.
    """

    def __init__(
        self, vocabularies: Vocabularies, aliases: Vocabularies, prefix: str, own: Vocabularies | None = None
    ) -> None:
        self.to_code: dict[str, ToCode] = {}
        self.to_word: dict[str, ToWord] = {}
        for name, standard in vocabularies.items():
            partners = (own or {}).get(name, {})
            words = {code: word for word, code in standard.items() if word not in partners}
            words |= dict(aliases.get(name, {})) | {code: word for word, code in partners.items()}
            self.to_code[name] = ToCode(name, {**standard, **partners}, prefix)
            self.to_word[name] = ToWord(words, prefix)
