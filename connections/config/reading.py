"""Reading a configuration file: values with the place they stand at, so that an error can name it."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError

ENV_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")


class ConfigError(Exception):
    """What is wrong with a configuration file: each problem says file, key and reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Section:
    """A mapping of the file together with its path, such as `partners[2].places[0]`.

    Problems are collected in the root's list, so that one run shows all of them.
    """

    def __init__(self, data: object, *, path: str, file: str, problems: list[str]) -> None:
        self.path, self.file, self.problems = path, file, problems
        self.data: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
        self.used: set[str] = set()
        if not isinstance(data, Mapping):
            self.problem("", "a mapping of keys to values is expected here")

    def problem(self, key: str, reason: str) -> None:
        place = ".".join(part for part in (self.path, key) if part) or "the whole file"
        self.problems.append(f"{self.file}: {place}: {reason}")

    def has(self, key: str) -> bool:
        return key in self.data

    def get(self, key: str, default: Any = None) -> Any:
        """The value with `env:NAME` references replaced, anywhere inside it."""
        self.used.add(key)
        return self._resolved(key, self.data[key]) if key in self.data else default

    def mapping(self, key: str) -> dict[str, Any]:
        """The mapping under `key`, references replaced; empty if there is none."""
        value = self.get(key) or {}
        if isinstance(value, dict):
            return value
        self.problem(key, "a mapping of keys to values is expected here")
        return {}

    def required(self, key: str) -> Any:
        if not self.has(key):
            self.problem(key, "is missing")
        return self.get(key, "")

    def raw(self, key: str) -> Any:
        """The value as written, references unresolved."""
        return self.data.get(key)

    def sections(self, key: str) -> "Iterator[Section]":
        """The mappings of the list under `key`."""
        self.used.add(key)
        rows = self.data.get(key) or []
        if not isinstance(rows, list):
            self.problem(key, "a list is expected here")
            return
        for number, row in enumerate(rows):
            path = f"{self.path}.{key}[{number}]".lstrip(".")
            yield Section(row, path=path, file=self.file, problems=self.problems)

    def section(self, key: str) -> "Section":
        self.used.add(key)
        path = f"{self.path}.{key}".lstrip(".")
        return Section(self.data.get(key) or {}, path=path, file=self.file, problems=self.problems)

    def refuse_unknown(self) -> None:
        """A misspelt key must not be passed over in silence."""
        for key in self.data:
            if key not in self.used:
                known = ", ".join(sorted(self.used))
                self.problem(str(key), f"is not a key that belongs here; known are: {known}")

    def take_errors(self, error: ValidationError) -> None:
        """Name the problems that a model or form found, by key."""
        for key, messages in error.message_dict.items():
            for message in messages:
                self.problem("" if key == "__all__" else key, message)

    def _resolved(self, key: str, value: Any) -> Any:
        if isinstance(value, str) and (reference := ENV_REFERENCE.fullmatch(value)):
            if reference[1] not in os.environ:
                self.problem(key, f"refers to the environment variable {reference[1]}, which is not set")
            return os.environ.get(reference[1], "")
        if isinstance(value, list):
            return [self._resolved(key, item) for item in value]
        if isinstance(value, Mapping):
            return {name: self._resolved(f"{key}.{name}", item) for name, item in value.items()}
        return value


def read_file(path: Path) -> Section:
    """The file's root section. Raises `ConfigError` if it cannot be read or is not YAML."""
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: is not YAML: {error}"]) from error
    return Section(data, path="", file=str(path), problems=[])
