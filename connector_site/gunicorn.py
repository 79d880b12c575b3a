"""The web server's configuration: `gunicorn -c python:connector_site.gunicorn`.

Threads rather than processes, because a request mostly waits for the database. gunicorn's own variables
work as usual: `WEB_CONCURRENCY` (processes), `PORT` (then it listens on every address, else on
127.0.0.1:8000), and `GUNICORN_CMD_ARGS` for everything else.
"""

import os

from connector_site.logs import logging_config

wsgi_app = "connector_site.wsgi"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
# Processes are renewed now and then, each at another time.
max_requests = 20_000
max_requests_jitter = 2_000
# Nothing manages a running server: the process manager stops it and starts it.
control_socket_disable = True
# Memory, so that a slow disk cannot make a healthy process look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112

_logging = logging_config(
    level=os.environ.get("LOG_LEVEL", "INFO"), log_format=os.environ.get("LOG_FORMAT", "json")
)
logconfig_dict = _logging | {
    "loggers": {
        "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
        # The proxy keeps the access log; addresses of webhooks hold a secret.
        "gunicorn.access": {"level": "CRITICAL", "handlers": [], "propagate": False},
    }
}
