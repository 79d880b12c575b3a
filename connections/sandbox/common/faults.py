"""The board of fault switches of one stand-in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from threading import Lock
from typing import Any


class FaultError(ValueError):
    """An unknown switch or parameter; the message says which ones exist."""


class Struck(dict[str, Any]):
    """The parameters of a switch that strikes; true even without any."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True)
class Declared:
    description: str
    params: Mapping[str, Any]  # name -> default value; None = no value


@dataclass
class Armed:
    params: dict[str, Any]
    times: int | None  # how often it still strikes; None = until cleared
    skip: int = 0  # how many matching calls it lets pass first
    every: int = 1  # it strikes one of so many matching calls
    met: int = 0  # how many matching calls there were after those it let pass


@dataclass
class Faults:
    """Named switches that make a stand-in misbehave on purpose. Thread-safe.

    A switch is declared once with a description and its parameters, then set from a test, from the web
    page or over HTTP, and taken by the code that misbehaves::

        faults.declare("gate", "The feature is not in the plan.", resource=None)
        faults.set("gate", times=2, resource="bills")
        if struck := faults.take("gate", resource="items"): ...   # another resource: not struck

    A parameter that `take` also gives as context is a condition: the switch strikes only where they are
    equal, and text may hold `*` and `?` (`path="/invoices/*"`); a parameter that is None matches all.
    """

    _declared: dict[str, Declared] = field(default_factory=dict)
    _armed: dict[str, Armed] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def declare(self, name: str, description: str, **params: Any) -> None:
        """Make a switch known. `params` are its parameters with their default values."""
        self._declared[name] = Declared(description, params)

    def set(self, name: str, times: int | None = None, skip: int = 0, every: int = 1, **params: Any) -> None:
        """Arm a switch: for the next `times` matching calls (None: until cleared) after the first `skip`.

        With `every` it strikes each so-manieth of them: 10 for a tenth.

        Setting it again replaces the earlier setting. Raises FaultError for a name or a parameter that
        was not declared.
        """
        declared = self._declared.get(name)
        if declared is None:
            raise FaultError(f"There is no switch {name!r}; there are: {', '.join(sorted(self._declared))}.")
        if unknown := sorted(params.keys() - declared.params.keys()):
            raise FaultError(
                f"Switch {name!r} has no parameter {', '.join(unknown)}; "
                f"it has: {', '.join(declared.params) or 'none'}."
            )
        if not (times is None or (_is_count(times) and times > 0)) or not _is_count(skip):
            raise FaultError("times must be a whole number above 0 or null, skip a whole number from 0.")
        if not (_is_count(every) and every > 0):
            raise FaultError("every must be a whole number above 0.")
        with self._lock:
            self._armed[name] = Armed({**declared.params, **params}, times, skip, every)

    def clear(self, name: str | None = None) -> None:
        """Switch off one, or all. Raises FaultError for an unknown name."""
        if name is not None and name not in self._declared:
            raise FaultError(f"There is no switch {name!r}.")
        with self._lock:
            if name is None:
                self._armed.clear()
            else:
                self._armed.pop(name, None)

    def take(self, name: str, **context: Any) -> Struck | None:
        """The parameters of a switch that is armed and meant for this call, else None; counts down."""
        if name not in self._declared:
            raise FaultError(f"Switch {name!r} was never declared.")
        with self._lock:
            armed = self._armed.get(name)
            if armed is None or not _meant_for(armed.params, context):
                return None
            if armed.skip > 0:
                armed.skip -= 1
                return None
            armed.met += 1
            if armed.met % armed.every:
                return None
            if armed.times is not None:
                armed.times -= 1
                if armed.times == 0:
                    del self._armed[name]
            return Struck(armed.params)

    def board(self) -> dict[str, dict[str, Any]]:
        """Every switch with description, parameters, and its present setting (None when off)."""
        with self._lock:
            return {
                name: {
                    "description": declared.description,
                    "params": dict(declared.params),
                    "armed": self._setting(name),
                }
                for name, declared in self._declared.items()
            }

    def _setting(self, name: str) -> dict[str, Any] | None:
        armed = self._armed.get(name)
        if armed is None:
            return None
        return {
            "times": armed.times,
            "skip": armed.skip,
            "every": armed.every,
            "params": dict(armed.params),
        }


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _meant_for(params: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
    return all(
        params.get(key) is None or fnmatchcase(str(value), str(params[key])) for key, value in context.items()
    )
