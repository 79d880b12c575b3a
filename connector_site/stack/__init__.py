"""The whole product on one machine, as `make demo`, `make smoke`, `make bench` and the tests start it.

Web server, worker and sandbox run under supervisord, which starts again whatever dies. Production uses the
same commands under systemd, supervisord or containers (docs/deploy.md).
"""
