"""The project's settings as tests use them: development defaults, no `.env` file, quick password hashing."""

import os

os.environ["DEBUG"] = "1"
os.environ["ENV_FILE"] = os.devnull

from connector_site.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Static files are looked up when asked for, instead of collected for each test client.
WHITENOISE_AUTOREFRESH = True
