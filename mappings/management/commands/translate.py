"""`manage.py translate`: look at files, translate them, answer them. Needs no database."""

from __future__ import annotations

import datetime as dt
import os
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mappings.codecs.detect import detect
from mappings.reading.annotated import SHOWN_SEGMENTS
from mappings.translate_command import actions
from mappings.translate_command.console import Console
from mappings.translate_command.formats import FORMATS
from mappings.translate_command.formats.base import Format
from mappings.translate_command.formats.layouts import load as load_layout
from mappings.translate_command.options import Options, UsageError
from mappings.translate_command.partner import read_partner
from mappings.translate_command.sources import opened

USAGE = 2
PIPE_CLOSED = 141


class Command(BaseCommand):
    help = "Look into EDI and other files, translate them and answer them; docs/translation.md shows how."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        actions_ = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        inspect = actions_.add_parser("inspect", help="what a file is, and what is wrong with it")
        inspect.add_argument("--json", action="store_true", dest="as_json", help="as a JSON object")
        inspect.add_argument("--annotate", action="store_true", help="every segment and element in words")
        inspect.add_argument(
            "--first", type=int, default=SHOWN_SEGMENTS, metavar="N", help="how many segments to annotate"
        )
        decode = actions_.add_parser("decode", help="the documents in a file")
        decode.add_argument("--json", action="store_true", dest="as_json", help="as JSON, one a line")
        decode.add_argument("--array", action="store_true", help="as one JSON array")
        encode = actions_.add_parser("encode", help="documents of our own JSON in another format")
        encode.add_argument("--format", required=True, choices=FORMATS, dest="to")
        encode.add_argument("--message", default="", help="the type they must be, such as 810")
        convert = actions_.add_parser("convert", help="the documents of a file in another format")
        convert.add_argument("--to", required=True, choices=FORMATS)
        convert.add_argument("--source-partner", type=Path, metavar="FILE.yaml", help="whom the file is from")
        convert.add_argument("--source-partner-code", default="", metavar="CODE")
        convert.add_argument("--source-layout", default="", metavar="LAYOUT", help="how the file is laid out")
        ack = actions_.add_parser("ack", help="the acknowledgements that answer a file")
        ack.add_argument("--form", choices=("997", "999"), default="997", help="for X12 groups")
        ack.add_argument("--ta1", action="store_true", help="a TA1 even if none is asked for")
        for each in (inspect, decode, encode, convert, ack):
            _add_common(each)
            each.add_argument("file", nargs="?", default="", help="- or nothing: standard input")
        for each in (inspect, decode, convert, ack):
            each.add_argument("--from", choices=FORMATS, dest="read_as", help="if it cannot be told")
        for each in (encode, convert, ack):
            _add_envelope(each)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            status = _run(options)
            sys.stdout.flush()
        except UsageError as error:
            raise CommandError(str(error), returncode=USAGE) from error
        except BrokenPipeError:
            # Whoever reads our output has seen enough; what is still in the buffer goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = PIPE_CLOSED
        if status:
            sys.exit(status)


def _add_common(parser: Any) -> None:
    parser.add_argument(
        "--partner", type=Path, metavar="FILE.yaml", help="the trading partner, as in the configuration file"
    )
    parser.add_argument(
        "--layout", default="", metavar="LAYOUT", help="a layout of ours, or a YAML file with one"
    )
    parser.add_argument(
        "--partner-code", default="", metavar="CODE", help="which one, if the file has several"
    )


def _add_envelope(parser: Any) -> None:
    parser.add_argument(
        "--control-number", type=control_number, default=1, metavar="N", help="of the interchange"
    )
    parser.add_argument("--group-control-number", type=control_number, default=1, metavar="N")
    parser.add_argument(
        "--at", type=dt.datetime.fromisoformat, metavar="2026-02-01T12:05", help="default: now"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=value,
        dest="values",
        metavar="NAME=VALUE",
        help="what a layout takes from outside, such as company_id=QUILL",
    )
    parser.add_argument("--test", action="store_true", help="marked as a test")


def control_number(text: str) -> int:
    number = int(text)
    if not 1 <= number <= 999_999_999:
        raise ValueError(text)
    return number


def value(text: str) -> tuple[str, str]:
    name, equals, content = text.partition("=")
    if not (name and equals):
        raise ValueError(text)
    return name, content


def _run(given: dict[str, Any]) -> int:
    console = Console()
    with opened(given["file"]) as (source, head):
        action = given["action"]
        options = _options(given, given["partner"], given["partner_code"], given["layout"])
        if action == "encode":
            json = FORMATS["json"]
            documents = actions.documents(json.read(source, options), console)
            return actions.write(documents, FORMATS[given["to"]], options, console, message=given["message"])
        format_ = _format(given, head, console)
        if format_ is None:
            return console.end()
        if action == "inspect" and given["annotate"]:
            return actions.annotate(source, format_, options, console, given["first"])
        if action == "inspect":
            return actions.inspect(source, format_, options, console, as_json=given["as_json"])
        if action == "decode":
            as_json = given["as_json"] or given["array"]
            return actions.decode(source, format_, options, console, as_json=as_json, as_array=given["array"])
        if action == "ack":
            return actions.acknowledge(source, format_, options, console)
        reading = _options(
            given, given["source_partner"], given["source_partner_code"], given["source_layout"]
        )
        return actions.convert(source, (format_, reading), (FORMATS[given["to"]], options), console)


def _format(given: dict[str, Any], head: bytes, console: Console) -> Format | None:
    """The format of the file; None, and a complaint, if it is none of ours."""
    layout = given.get("source_layout", given["layout"])
    if given["read_as"] or layout:
        return FORMATS[given["read_as"] or load_layout(layout).format]
    found = detect(head)
    if found.format in FORMATS:
        return FORMATS[found.format]
    looks = found.remark or f"{found.format}, which is not read here"
    console.complain(f"{given['file'] or 'The input'} is {looks}. {found.remedy}".rstrip())
    return None


def _options(given: dict[str, Any], partner: Path | None, code: str, layout: str) -> Options:
    return Options(
        at=given.get("at") or dt.datetime.now().astimezone(),
        partner=read_partner(partner, code) if partner else None,
        control_number=given.get("control_number", 1),
        group_control_number=given.get("group_control_number", 1),
        is_test=given.get("test", False),
        form=given.get("form", "997"),
        with_ta1=given.get("ta1", False),
        layout=layout,
        values=dict(given.get("values") or ()),
    )
