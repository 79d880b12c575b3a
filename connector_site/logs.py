"""What the application writes to its log, which is the standard error stream: JSON, or lines for people.

Secrets are removed by the formatters, so that no handler can forget it: see `tenants.redaction`.
"""

import datetime as dt
import json
import logging
from typing import Any

from tenants.log_context import current_ids
from tenants.redaction import HIDDEN, SecretDict, SecretStr, redact, redact_value

# What every record has; whatever else it has came by `extra=`.
_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def logging_config(*, level: str, log_format: str) -> dict[str, Any]:
    """The value of `settings.LOGGING`. `log_format` is `json` or `human`; `level` that of the root logger."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "connector_site.logs.JsonFormatter"},
            "human": {"()": "connector_site.logs.HumanFormatter"},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": log_format}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            # Django brings handlers of its own; the root's is the only one.
            "django": {"handlers": []},
            "django.server": {"handlers": [], "propagate": True},
            # These greet at every start, or at every sign-in to a server.
            "axes": {"level": "WARNING"},
            "paramiko": {"level": "WARNING"},
        },
    }


class RedactingFormatter(logging.Formatter):
    """The parts of a record, without secrets. Never raises: `logging` would then print the raw record."""

    def message(self, record: logging.LogRecord) -> str:
        if isinstance(record.args, dict):
            args: Any = {name: _argument(value) for name, value in record.args.items()}
        else:
            args = tuple(_argument(value) for value in record.args or ())
        try:
            text = str(record.msg) % args if args else str(record.msg)
        except Exception:
            text = f"{record.msg!r} (its arguments do not fit)"
        return redact(text)

    def exception(self, record: logging.LogRecord) -> str:
        parts = [self.formatException(record.exc_info)] if record.exc_info else []
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return redact("\n".join(parts))

    def fields(self, record: logging.LogRecord) -> dict[str, Any]:
        given = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        return {name: redact_value(value, name) for name, value in given.items()}


def _argument(value: Any) -> Any:
    return HIDDEN if isinstance(value, SecretStr | SecretDict) else value


class JsonFormatter(RedactingFormatter):
    """One record as one line of JSON: time (UTC), level, logger, message, exception, ids in force, extra."""

    def format(self, record: logging.LogRecord) -> str:
        time = dt.datetime.fromtimestamp(record.created, dt.UTC)
        line: dict[str, Any] = {
            **self.fields(record),
            **current_ids(),
            "time": time.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": self.message(record),
        }
        if exception := self.exception(record):
            line["exception"] = exception
        return json.dumps(line)


class HumanFormatter(RedactingFormatter):
    """One record as a line for people: time (UTC), level, logger, message, [ids], then the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        time = dt.datetime.fromtimestamp(record.created, dt.UTC)
        notes = " ".join(f"{name}={value}" for name, value in current_ids().items())
        line = f"{time:%H:%M:%S} {record.levelname:<8}{record.name}: {self.message(record)}"
        return "\n".join(filter(None, [f"{line} [{notes}]" if notes else line, self.exception(record)]))
