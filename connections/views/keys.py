"""The short names under which connections and routes stand in addresses and in the configuration file."""

from collections.abc import Iterable

from django.utils.text import slugify

# Addresses of ours.
RESERVED = {"add"}


def free_key(name: str, otherwise: str, taken: Iterable[str]) -> str:
    """`name` as a key, numbered if it is one of `taken`; `otherwise` if nothing of it can be used."""
    wanted = slugify(name)[:36].strip("-") or otherwise
    used = {*taken, *RESERVED}
    candidates = (wanted, *(f"{wanted}-{number}" for number in range(2, len(used) + 3)))
    return next(key for key in candidates if key not in used)
