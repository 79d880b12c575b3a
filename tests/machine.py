"""The real parts that some tests need from the machine, and how to get them.

`python -m tests.machine install` installs what is missing where it may (root on Debian or Ubuntu), and says
for the rest what it is and how to get it.
"""
# ruff: noqa: T201

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests import node

CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


@dataclass(frozen=True)
class Part:
    """A program that tests with the marker `marker` run against."""

    marker: str
    name: str
    packages: tuple[str, ...]
    find: Callable[[], Path | None]

    @property
    def advice(self) -> str:
        return f"{self.name} is not installed; on Debian or Ubuntu: apt-get install {' '.join(self.packages)}"


def program(*names: str) -> Path | None:
    """The first of the programs that exists, also where root alone looks for programs."""
    path = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])
    found = (shutil.which(name, path=path) for name in names)
    return next((Path(name) for name in found if name), None)


def postgresql_binaries() -> Path | None:
    """The folder with `initdb` and `postgres`: Debian keeps it off the PATH, one for each version."""
    versions = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if versions:
        return max(versions, key=lambda path: float(path.parent.name))
    initdb = program("initdb")
    return initdb.resolve().parent if initdb else None


PARTS = (
    Part("openssh", "the OpenSSH server", ("openssh-server",), lambda: program("sshd")),
    Part("postgresql", "PostgreSQL", ("postgresql",), postgresql_binaries),
    Part("redis", "Redis", ("redis-server",), lambda: program("redis-server", "valkey-server")),
    Part(
        "browser", "Chromium", ("chromium",), lambda: program("chromium", "chromium-browser", "google-chrome")
    ),
)


def missing_parts() -> list[Part]:
    return [part for part in PARTS if part.find() is None]


def may_install() -> bool:
    return os.geteuid() == 0 and program("apt-get") is not None


def install(parts: list[Part]) -> None:
    """Install the packages of `parts` with apt-get. What it cannot install is still missing afterwards."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], env=environment, stdin=subprocess.DEVNULL, check=False)
    for part in parts:
        print(f"Installing {part.name}: apt-get install {' '.join(part.packages)}", flush=True)
        command = ["apt-get", "install", "-q", "-y", "--no-install-recommends", *part.packages]
        subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False)


def main() -> int:
    """Exit status 0: everything is there, or the machine may do without. 1: something is missing in CI."""
    missing = missing_parts()
    if missing and may_install():
        install(missing)
        missing = missing_parts()
    for part in PARTS:
        if part not in missing:
            print(f"found    {part.name}: {part.find()}")
    for part in missing:
        print(f"MISSING  {part.advice}. The tests marked {part.marker!r} are left out.")
    return 1 if missing and CI else 0


if __name__ == "__main__":
    if sys.argv[1:] != ["install"]:
        sys.exit("usage: python -m tests.machine install")
    print(f"{'found   ' if node.install() else 'without '} node-x12, another reader of X12")
    sys.exit(main())
