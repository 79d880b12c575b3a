"""The Partner Mailbox: folders with files, whoever put them there and by whichever door."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from connections.sandbox.sftp.storage import Storage

FIRST_ID = 7001


@dataclass(frozen=True)
class File:
    """One file as the API shows it. `modified` is in seconds since 1970."""

    identifier: str
    folder: str
    name: str
    size: int
    modified: float

    @property
    def path(self) -> str:
        return f"/{self.folder}/{self.name}"


class Mailbox:
    """Files on `storage`, which the SFTP door shares. A file keeps its id until it is gone or replaced."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        self.ids: dict[str, str] = {}
        self.last_id = FIRST_ID - 1

    def has_folder(self, folder: str) -> bool:
        return self.storage.local(folder).is_dir()

    def files(self, folder: str) -> list[File]:
        """The files directly in `folder`, the oldest id first."""
        return sorted(
            (file for file in self.all_files() if file.folder == folder.strip("/")),
            key=lambda file: int(file.identifier[2:]),
        )

    def all_files(self) -> list[File]:
        found = self.storage.files()
        present = {path for path, _ in found}
        self.ids = {path: identifier for path, identifier in self.ids.items() if path in present}
        for path, _ in sorted(found, key=lambda one: one[1].st_mtime):
            if path not in self.ids:
                self._give_id(path)
        return [
            File(
                self.ids[path],
                str(PurePosixPath(path).parent).strip("/"),
                PurePosixPath(path).name,
                status.st_size,
                status.st_mtime,
            )
            for path, status in found
        ]

    def find(self, identifier: str) -> File | None:
        return next((file for file in self.all_files() if file.identifier == identifier), None)

    def named(self, folder: str, name: str) -> File | None:
        return next((file for file in self.files(folder) if file.name == name), None)

    def write(self, folder: str, name: str, content: bytes) -> File:
        """Put a file there; one of the same name is replaced, and the new one has an id of its own."""
        path = f"/{folder.strip('/')}/{name}"
        self.storage.write(path, content)
        self._give_id(path)
        found = self.named(folder, name)
        assert found is not None  # noqa: S101 - it was written just now
        return found

    def content(self, file: File) -> bytes:
        return self.storage.local(file.path).read_bytes()

    def move(self, file: File, folder: str, name: str) -> None:
        """To another folder; the file keeps its id."""
        target = f"/{folder.strip('/')}/{name}"
        self.storage.local(file.path).rename(self.storage.local(target))
        self.ids[target] = self.ids.pop(file.path)

    def remove(self, file: File) -> None:
        self.storage.local(file.path).unlink(missing_ok=True)

    def _give_id(self, path: str) -> None:
        self.last_id += 1
        self.ids[path] = f"f-{self.last_id}"
