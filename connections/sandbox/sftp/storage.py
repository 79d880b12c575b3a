"""A user's folder on this machine as the user sees it: from `/` down, without links and without `..`."""

import errno
import os
import shutil
import stat
from pathlib import Path, PurePosixPath


class Storage:
    """Turns remote paths into local ones below `root`, which it creates. Nothing outside is ever reached."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root.resolve()

    def local(self, remote: str) -> Path:
        """The local path of a remote one; a relative path starts at `/`.

        Raises PermissionError for `..`, for a NUL byte, and when a part of the path is a symbolic link.
        """
        parts = PurePosixPath("/", remote).parts[1:]
        if ".." in parts or "\0" in remote:
            raise PermissionError(errno.EACCES, "This path is not allowed", remote)
        path = self.root
        for part in parts:
            path /= part
            if path.is_symlink():
                raise PermissionError(errno.EACCES, "Symbolic links are not followed", remote)
        return path

    def remote(self, path: Path) -> str:
        """The remote path of a local one."""
        return "/" + path.relative_to(self.root).as_posix()

    def make_folder(self, remote: str) -> None:
        self.local(remote).mkdir(parents=True, exist_ok=True)

    def write(self, remote: str, payload: bytes) -> None:
        """Put a whole file there at once: under a temporary name, then renamed over what there is."""
        path = self.local(remote)
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_bytes(payload)
        temporary.replace(path)

    def files(self) -> list[tuple[str, os.stat_result]]:
        """Every regular file below `/`, by remote path."""
        found = []
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = Path(folder, name)
                try:
                    status = path.lstat()
                except FileNotFoundError:  # taken away while we look
                    continue
                if stat.S_ISREG(status.st_mode):
                    found.append((self.remote(path), status))
        return sorted(found)

    def folders(self) -> list[str]:
        """Every folder, `/` first."""
        below = (Path(folder).relative_to(self.root).as_posix() for folder, _, _ in os.walk(self.root))
        return sorted("/" if path == "." else f"/{path}" for path in below)

    def clear(self) -> None:
        """Remove everything below `/`."""
        for entry in self.root.iterdir():
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()
