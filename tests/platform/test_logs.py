"""The log: one JSON object a line, with the ids of the work it is about, and never a secret."""

import asyncio
import io
import json
import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from connector_site.logs import HumanFormatter, JsonFormatter, logging_config
from tenants.log_context import current_ids, log_context
from tenants.redaction import HIDDEN, SecretDict, SecretStr

SECRET = "hunter2-Xy9"


class Log:
    """A logger of its own, writing through one formatter."""

    def __init__(self, formatter: logging.Formatter) -> None:
        self.stream = io.StringIO()
        handler = logging.StreamHandler(self.stream)
        handler.setFormatter(formatter)
        self.logger = logging.Logger("connections.test")
        self.logger.addHandler(handler)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def last(self) -> dict[str, Any]:
        lines = self.text.splitlines()
        return json.loads(lines[-1])


@pytest.fixture(params=[JsonFormatter, HumanFormatter])
def log(request: pytest.FixtureRequest) -> Log:
    return Log(request.param())


@pytest.fixture
def json_log() -> Log:
    return Log(JsonFormatter())


@pytest.fixture(autouse=True)
def no_raw_record_on_the_error_stream(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """`logging` prints the raw record, arguments included, when a formatter raises."""
    yield
    assert capfd.readouterr().err == ""


def test_a_line_says_when_how_grave_who_and_what(json_log: Log) -> None:
    json_log.logger.warning("Retrying %s in %d s", "INV-7", 30)
    line = json_log.last
    assert line.pop("time").endswith("Z")
    assert line == {"level": "WARNING", "logger": "connections.test", "message": "Retrying INV-7 in 30 s"}


def test_each_record_is_one_line(json_log: Log) -> None:
    json_log.logger.info("two\nlines\r\n\u2028 and \x1b[31m colour \ud800")
    assert json_log.text.count("\n") == 1
    assert json_log.last["message"].startswith("two\nlines")


def test_extra_becomes_fields_and_cannot_replace_ours(json_log: Log) -> None:
    json_log.logger.info("Sent", extra={"bytes": 12, "partner": "Acme", "level": "FAKE", "odd": object})
    assert (json_log.last["bytes"], json_log.last["partner"], json_log.last["level"]) == (12, "Acme", "INFO")


def test_an_exception_comes_with_its_traceback(json_log: Log) -> None:
    try:
        raise ValueError("bad row 7")
    except ValueError:
        json_log.logger.exception("Could not read the file")
    assert "Traceback" in json_log.last["exception"]
    assert "ValueError: bad row 7" in json_log.last["exception"]


def test_lines_for_people_are_short() -> None:
    log = Log(HumanFormatter())
    with log_context(delivery=7):
        log.logger.info("Delivered")
    assert log.text[8:] == " INFO    connections.test: Delivered [delivery=7]\n"


# Context


def test_ids_are_on_every_line_inside_the_block_and_nest(json_log: Log) -> None:
    with log_context(tenant=1, connection=2):
        with log_context(delivery=3, connection=4):
            json_log.logger.info("inner")
            assert {"tenant": 1, "connection": 4, "delivery": 3}.items() <= json_log.last.items()
        json_log.logger.info("outer")
        assert json_log.last["connection"] == 2
        assert "delivery" not in json_log.last
    json_log.logger.info("outside")
    assert "tenant" not in json_log.last


def test_ids_end_with_the_block_also_after_an_error() -> None:
    with pytest.raises(ValueError, match="x"), log_context(arrival=9):
        raise ValueError("x")
    assert current_ids() == {}


def test_threads_and_tasks_keep_their_own_ids() -> None:
    seen: dict[str, Any] = {}

    def in_thread() -> None:
        with log_context(tenant="thread"):
            seen["thread"] = dict(current_ids())
        asyncio.run(both())

    async def in_task(name: str) -> None:
        with log_context(tenant=name):
            await asyncio.sleep(0)
            seen[name] = dict(current_ids())

    async def both() -> None:
        await asyncio.gather(in_task("a"), in_task("b"))

    with log_context(tenant="main"):
        thread = threading.Thread(target=in_thread)
        thread.start()
        thread.join()
        assert current_ids() == {"tenant": "main"}
    assert seen == {"thread": {"tenant": "thread"}, "a": {"tenant": "a"}, "b": {"tenant": "b"}}


# Secrets


def test_secrets_are_hidden_in_the_message_and_its_arguments(log: Log) -> None:
    log.logger.info(f"password={SECRET}")  # noqa: G004
    log.logger.info("Sent %s", f"Authorization: Bearer {SECRET}")
    log.logger.info("Sent %s to %s", {"password": SECRET, "user": "acme"}, "Acme")
    log.logger.info("%(url)s and %(token)s", {"url": f"https://u:{SECRET}@h/", "token": SecretStr(SECRET)})
    log.logger.info("Loaded %s %r %s", SecretStr(SECRET), SecretStr(SECRET), SecretDict(password=SECRET))
    log.logger.info("Token %s", [SecretStr(SECRET)])
    log.logger.info(SecretDict(password=SECRET))
    assert SECRET not in log.text
    assert "Acme" in log.text
    assert log.text.count("\n") == 7


def test_secrets_are_hidden_in_extra(json_log: Log) -> None:
    json_log.logger.info("x", extra={"password": SECRET, "request": {"headers": {"Authorization": SECRET}}})
    json_log.logger.info("x", extra={"item": SecretStr(SECRET), "body": f'{{"refresh_token": "{SECRET}"}}'})
    assert SECRET not in json_log.text
    assert json_log.last["item"] == HIDDEN


def test_secrets_are_hidden_in_tracebacks_and_stacks(log: Log) -> None:
    try:
        try:
            raise KeyError(f"client_secret={SECRET}")
        except KeyError as error:
            raise RuntimeError(f"https://acme:{SECRET}@example.org refused us") from error
    except RuntimeError:
        log.logger.exception("Failed", stack_info=True)
    assert SECRET not in log.text
    assert "RuntimeError" in log.text
    assert "KeyError" in log.text


@pytest.mark.parametrize(
    "arguments", [("%d", SECRET), ("%s %s", SECRET), ("%(name)s", {"other": SECRET}), ("%", SECRET)]
)
def test_arguments_that_do_not_fit_are_left_out(log: Log, arguments: tuple[Any, ...]) -> None:
    log.logger.info(*arguments)
    assert "its arguments do not fit" in log.text
    assert SECRET not in log.text


def test_an_argument_that_cannot_be_shown_is_no_error(log: Log) -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError(SECRET)

    log.logger.info("Got %s", Broken())
    assert "its arguments do not fit" in log.text
    assert SECRET not in log.text


# Configuration


@pytest.mark.parametrize(("log_format", "formatter"), [("json", JsonFormatter), ("human", HumanFormatter)])
def test_every_logger_of_the_project_ends_in_one_redacting_handler(log_format: str, formatter: type) -> None:
    config = logging_config(level="INFO", log_format=log_format)
    assert config["handlers"] == {"console": {"class": "logging.StreamHandler", "formatter": log_format}}
    assert config["formatters"][log_format]["()"] == f"connector_site.logs.{formatter.__name__}"
    assert all(not logger.get("handlers") for logger in config["loggers"].values())


def test_the_running_configuration_has_no_other_handler() -> None:
    ours = [
        logging.getLogger(name)
        for name in ("", "django", "django.server", "django.request", "django-q", "axes")
    ]
    handlers = [handler for logger in ours for handler in logger.handlers]
    formatters = {type(handler.formatter) for handler in handlers if type(handler) is logging.StreamHandler}
    assert formatters <= {JsonFormatter, HumanFormatter}
