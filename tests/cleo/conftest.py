"""A running tenant in two spellings, and connections to it by either door."""

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings as DjangoSettings

from connections.models import Connection, ConnectionState, SystemKind
from connections.sandbox import cleo as sandbox
from connections.systems.base import Collected, Interchange
from connections.systems.cleo.system import Cleo
from connections.systems.sftp.session import fetch_host_keys
from tenants.models import Tenant

CONTENT = b"ISA*00*          *\r\n" + bytes(range(256))
UPLOAD, DOWNLOAD, ARCHIVE, ERROR = "upload", "download", "archive", "error"

# What an administrator would say of a tenant that speaks as the stand-in's plain shape does.
PLAIN = {
    "list_path": "/api/folders/{folder}/files",
    "list_items_key": "resources",
    "total_key": "totalResults",
    "paging": "offset",
    "page_start_param": "startIndex",
    "page_count_param": "count",
    "item_id": "id",
    "item_name": "name",
    "item_size": "size",
    "item_mtime": "modified",
    "item_href": "_links.self.href",
    "download_path": "{href}/content",
    "upload_path": "/api/folders/{folder}/files",
    "upload_mode": "multipart",
    "upload_name_field": "file",
    "upload_id_key": "id",
    "move_path": "/api/files/{id}/move",
    "move_body": '{"folder": "{folder}", "name": "{name}"}',
    "delete_path": "/api/files/{id}",
}
SECOND = {
    "list_method": "POST",
    "list_path": "/rest/v2/boxes/{folder}/contents",
    "list_items_key": "data.entries",
    "total_key": "",
    "paging": "page",
    "page_start_param": "page",
    "page_count_param": "size",
    "item_id": "fileId",
    "item_name": "file.name",
    "item_size": "file.bytes",
    "item_mtime": "file.changedAt",
    "item_href": "content",
    "download_path": "{href}",
    "download_json_key": "data.base64",
    "upload_method": "PUT",
    "upload_path": "/rest/v2/boxes/{folder}",
    "upload_mode": "query",
    "upload_name_field": "fileName",
    "upload_ok": "202",
    "move_path": "/rest/v2/files/{id}/relocate",
    "move_body": '{"target": {"box": "{folder}", "as": "{name}"}}',
    "delete_method": "POST",
    "delete_path": "/rest/v2/files/{id}/remove",
}
PROFILES = {"plain": PLAIN, "second": SECOND}

Connect = Callable[..., Cleo]


@pytest.fixture(autouse=True)
def _loopback(settings: DjangoSettings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True


@pytest.fixture(params=["plain", "second"])
def shape(request: pytest.FixtureRequest) -> str:
    """Both spellings: what passes with both has nothing of either in its code."""
    return str(request.param)


@pytest.fixture
def running(tmp_path: Path, shape: str) -> Iterator[sandbox.Running]:
    with sandbox.start(tmp_path / "cleo", shape=sandbox.SHAPES[shape]) as running:
        yield running


@pytest.fixture
def connect(running: sandbox.Running, tenant: Tenant) -> Connect:
    """Makes a system that talks to the tenant over REST; keywords are settings."""

    def make(credentials: Mapping[str, str] | None = None, **settings: Any) -> Cleo:
        return Cleo(connection_to(running, tenant, credentials, **settings))

    return make


def rest_settings(running: sandbox.Running, **settings: Any) -> dict[str, Any]:
    return {
        "transport": "rest",
        "base_url": running.url,
        "insecure": True,
        "username": sandbox.USERNAME,
        "requests_per_second": 0,
        "settle_seconds": 0,
        "archive_folder": ARCHIVE,
        "error_folder": ERROR,
        **PROFILES[running.cleo.shape.name],
        **settings,
    }


def connection_to(
    running: sandbox.Running,
    tenant: Tenant,
    credentials: Mapping[str, str] | None = None,
    **settings: Any,
) -> Connection:
    """The tenant's only connection over REST, made or set anew."""
    known = {"password": sandbox.PASSWORD}
    values = {
        "settings": rest_settings(running, **settings),
        "credentials": dict(known if credentials is None else credentials),
        "state": ConnectionState.ACTIVE,
        "name": "Cleo",
        "system": SystemKind.CLEO,
    }
    return Connection.unscoped.update_or_create(tenant=tenant, key="cleo", defaults=values)[0]


def sftp_settings(running: sandbox.Running, **settings: Any) -> dict[str, Any]:
    keys = fetch_host_keys(running.host, running.sftp_port)
    return {
        "transport": "sftp",
        "host": running.host,
        "port": running.sftp_port,
        "host_keys": [key.line for key in keys],
        "username": sandbox.USERNAME,
        "settle_seconds": 0,
        "archive_folder": ARCHIVE,
        "error_folder": ERROR,
        **settings,
    }


class Progress(dict[str, Any]):
    """What a delivery remembers of its attempts; called, it saves."""

    def __call__(self, values: Mapping[str, Any]) -> None:
        self.update(values)


def an_interchange(name: str = "810_acme_17_1.edi", content: bytes = CONTENT, **more: Any) -> Interchange:
    return Interchange(**{"name": name, "place": "", "file": io.BytesIO(content), **more})


def nothing_seen(_key: str) -> bool:
    return False


def look(system: Cleo, seen: set[str] | None = None, place: str = DOWNLOAD) -> list[Collected]:
    """One look; `system.memory` goes on from the look before."""
    return list(system.collect(place, (seen or set()).__contains__))


def calls_to(running: sandbox.Running, part: str) -> list[dict[str, Any]]:
    """The calls whose path has this part."""
    return [call for call in running.cleo.calls if part in call["path"]]
