"""The project's settings as tests use them: development defaults, no `.env` file, quick password hashing."""

import os

os.environ["DEBUG"] = "1"
os.environ["ENV_FILE"] = os.devnull

from connector_site.settings import *  # noqa: F403
from connector_site.settings import DATABASES, VAR_DIR

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Static files are looked up when asked for, instead of collected for each test client.
WHITENOISE_AUTOREFRESH = True

# A file, not memory: threads of one test share it as processes share the real one. Named by the run, so that
# runs side by side do not meet; without waiting for the disk, since nothing here survives.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    RUN = os.environ.setdefault("TEST_RUN", str(os.getpid()))
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / f"test-{RUN}.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
