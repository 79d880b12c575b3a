"""Python in a process of its own that works on the test's database."""

import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.db import connection as database

# As pytest-django does it: with DEBUG, Django keeps every query in memory.
PREPARE = "import sys, django; from django.conf import settings; settings.DEBUG = False; django.setup()"


def start(function: str, *arguments: object, **options: Any) -> "subprocess.Popen[bytes]":
    """Run `function`, such as `tests.sftp.test_large_file.work`, in a process group of its own.

    It is called with `arguments`, as texts. `options` are those of `Popen`.
    """
    module, _, name = function.rpartition(".")
    code = f"{PREPARE}; from {module} import {name}; {name}(*sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": _database_url(),
            "FRESHBOOKS_API_URL": settings.FRESHBOOKS_API_URL,
            "FRESHBOOKS_AUTH_URL": settings.FRESHBOOKS_AUTH_URL,
            "FRESHBOOKS_CLIENT_ID": settings.FRESHBOOKS_CLIENT_ID,
            "FRESHBOOKS_CLIENT_SECRET": settings.FRESHBOOKS_CLIENT_SECRET,
            "OUTBOUND_ALLOW_LOOPBACK": "1",
        },
        start_new_session=True,
        **options,
    )


def _database_url() -> str:
    name = str(database.settings_dict["NAME"])
    server = os.environ.get("DATABASE_URL", "").rpartition("/")[0]
    return f"{server}/{name}" if database.vendor == "postgresql" else f"sqlite:///{name}"
