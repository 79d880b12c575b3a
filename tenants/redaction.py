"""Values that do not show themselves: what is decrypted is carried in these types."""

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
