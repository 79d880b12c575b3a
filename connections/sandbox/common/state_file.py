"""Keeps the state of one stand-in in one JSON file, so that a second start goes on where it was."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread
from time import monotonic
from typing import Any


class StateFileError(Exception):
    """The file is there but is not what we wrote; the message names the file. Nothing was changed."""


class StateFile:
    """Writes what `dump` returns to `path`, at most once per second, and a last time on `close()`.

    `dump` is called from a thread of this object and must take what lock it needs. A large state is
    written less often, so that writing never takes more than about a tenth of the time.
    """

    def __init__(self, path: Path, dump: Callable[[], dict[str, Any]], *, pause: float = 1.0) -> None:
        self.path = path
        self._dump = dump
        self._pause = pause
        self._changed = Event()
        self._closing = Event()
        self._writer: Thread | None = None

    def load(self) -> dict[str, Any] | None:
        """The saved state, or None when nothing was saved yet. Raises StateFileError."""
        try:
            state = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (ValueError, OSError) as error:
            raise StateFileError(f"Cannot read the saved state {self.path}: {error}") from error
        if not isinstance(state, dict):
            raise StateFileError(f"{self.path} does not hold a saved state.")
        return state

    def open(self) -> None:
        """Start the thread that writes."""
        self._closing.clear()
        self._writer = Thread(target=self._write_changes, name=f"state of {self.path.name}", daemon=True)
        self._writer.start()

    def changed(self) -> None:
        """Say that there is something new to write."""
        self._changed.set()

    def close(self) -> None:
        """Write what is not yet written and stop the thread."""
        self._closing.set()
        self._changed.set()
        if self._writer is not None:
            self._writer.join()
            self._writer = None
        self.write()

    def write(self) -> None:
        """Write now: under a temporary name in the same folder, to the disk, then renamed."""
        self._changed.clear()
        text = json.dumps(self._dump(), ensure_ascii=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(self.path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def _write_changes(self) -> None:
        while True:
            self._changed.wait()
            if self._closing.is_set():
                return
            began = monotonic()
            self.write()
            self._closing.wait(max(self._pause, 10 * (monotonic() - began)))
