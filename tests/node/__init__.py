"""node-x12, an independent reader of X12 for tests, where Node.js is there.

`install` puts the pinned package into .venv/node with npm; tests marked `node` are left out where that cannot be done.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / ".venv" / "node"
ADVICE = "Node.js with npm is not there, or could not install node-x12 (python -m tests.machine install)"


def is_there() -> bool:
    """Whether `segments` can be asked."""
    return shutil.which("node") is not None and (FOLDER / "node_modules" / "node-x12").is_dir()


def install() -> bool:
    """Install what package-lock.json pins, if npm is there and it is not installed yet; whether it is there then."""
    npm = shutil.which("npm")
    if npm and not is_there():
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, FOLDER)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
        subprocess.run(command, cwd=FOLDER.resolve(), stdin=subprocess.DEVNULL, check=False, timeout=300)
    return is_there()


def segments(data: bytes) -> list[list[list[list[str]]]]:
    """The groups of an interchange: messages of segments, each a list of its tag and elements.

    Raises AssertionError with what node-x12 says if it cannot read `data`.
    """
    environment = os.environ | {"NODE_PATH": str(FOLDER / "node_modules")}
    done = subprocess.run(
        ["node", str(HERE / "read_x12.js")], input=data, capture_output=True, env=environment, check=False
    )
    if done.returncode:
        raise AssertionError(done.stderr.decode(errors="replace"))
    found: Any = json.loads(done.stdout)
    return found
