"""Secrets that do not show themselves, and the removal of secrets from text that people will read.

What is decrypted is carried in `SecretStr` and `SecretDict`. `redact()` is for text whose origin we do not
control: an error of a library, a remote server's answer, a traceback.
"""

import re
from typing import Any

HIDDEN = "[hidden]"


class SecretStr(str):
    """A string whose `repr()` hides it, and which the log formatters never write.

    Otherwise it is a full string: `str()`, f-strings, `+` and `.encode()` give the value to the client.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return HIDDEN


class SecretDict(dict[str, Any]):
    """A dict whose `repr()` and `str()` show the keys only, and which the log formatters never write."""

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{key!r}: {HIDDEN}" for key in self) + "}"


# Names that announce a secret, wherever they end a longer name (`db_password`, `X-Api-Key`).
_NAMES = (
    r"(?:password\d?|passwd|pwd|passphrase|secret|verifier|token|cookie|sessionid|jwt|credentials?"
    r"|(?:api|access|private|secret|signing|account|encryption)[_-]?keys?)"
)
# What may follow such a name: a quoted string (cut off or not), a list, or a word up to the next separator.
_VALUE = (
    r"""(?:b?"(?:[^"\\]|\\.)*(?:"|\Z)|b?'(?:[^'\\]|\\.)*(?:'|\Z)|\[[^\]]*(?:\]|\Z)|[^\s"'\[,;&)}\]<>]+)"""
)

_RULES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), replacement)
    for pattern, replacement in (
        # Private keys: PEM and OpenSSH, then PuTTY. Without its end, the rest of the text belongs to the key.
        (r"-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----.*?(?:-----END \1-----|\Z)", HIDDEN),
        (r"Private-Lines:.*?(?=Private-MAC|\Z)", f"Private-Lines: {HIDDEN} "),
        # Headers, up to the end of the quoted or of the line.
        (r"""(authorization\\*["']?\s*[:=]\s*(?:b?\\*["'])?)[^"'\r\n]+""", rf"\1{HIDDEN}"),
        # A scheme and its token elsewhere; "basic authentication" is none: not long, and small letters only.
        (
            r"\b(bearer|basic)\s+(?=[\w.~+/=-]*(?:[\d.~+/=_-]|(?-i:[a-z][A-Z]))|[a-z]{20})[\w.~+/=-]{6,}",
            rf"\1 {HIDDEN}",
        ),
        # name=value, "name": "value", 'name': ['value'], name: value, <name>value</name>
        (rf"""({_NAMES}\\*["']?\s*(?:=>|[:=]|%3D)\s*\\*){_VALUE}""", rf"\1{HIDDEN}"),
        (rf"(<[\w:.-]*{_NAMES}(?:\s[^<>]*)?>)[^<]+", rf"\1{HIDDEN}"),
        # URLs: user and password, and the parameters that sign or sign in.
        (r"""(://)[^\s/"'<>]+@""", rf"\1{HIDDEN}@"),
        (r"""([?&](?:code|state|sig|signature)=)[^&\s"'<>]+""", rf"\1{HIDDEN}"),
        # Our own addresses that hold a token: webhooks, invitations, sign-up, forgotten passwords.
        (r"""(/(?:hooks/\w+|invitations|sign-up|password/new/\w+)/)[^/\s?"'<>]{16,}""", rf"\1{HIDDEN}"),
        # Tokens by their look: JSON Web Tokens, and what our own database holds.
        (r"\beyJ[\w-]{8,}\.eyJ[\w-]+\.[\w-]*", HIDDEN),
        (r"\bgAAAAA[\w-]{40,}={0,2}", HIDDEN),
    )
)
_SECRET_NAME = re.compile(rf"{_NAMES}\Z|authorization\Z", re.IGNORECASE)


def redact(text: str) -> str:
    """`text` with all that looks like a secret replaced by `[hidden]`: rather too much than too little."""
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text


def names_a_secret(name: str) -> bool:
    """Whether a setting, header or form field of that name holds a secret: `client_secret`, `X-Api-Key`."""
    return _SECRET_NAME.search(name) is not None


def redact_value(value: Any, name: str = "") -> Any:
    """A value for a log or a page, of types that JSON knows: secrets hidden, by their name, type and look."""
    if isinstance(value, SecretStr | SecretDict) or (names_a_secret(name) and value not in (None, "", b"")):
        return HIDDEN
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        return {redact(str(key)): redact_value(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(item) for item in value]
    return redact(str(value))
