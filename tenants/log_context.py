"""Which tenant, connection and delivery a log line is about, without passing it through every call."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

Id = int | str

_ids: ContextVar[Mapping[str, Id]] = ContextVar("log_ids", default=MappingProxyType({}))


@contextmanager
def log_context(
    *,
    tenant: Id | None = None,
    connection: Id | None = None,
    delivery: Id | None = None,
    arrival: Id | None = None,
) -> Iterator[None]:
    """Every line that is logged inside the block carries these ids, beside those of the blocks around it."""
    given = {"tenant": tenant, "connection": connection, "delivery": delivery, "arrival": arrival}
    token = _ids.set({**_ids.get(), **{name: value for name, value in given.items() if value is not None}})
    try:
        yield
    finally:
        _ids.reset(token)


def current_ids() -> Mapping[str, Id]:
    """The ids in force here, by name."""
    return _ids.get()
