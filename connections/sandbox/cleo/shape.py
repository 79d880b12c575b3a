"""How a tenant's file API is spelled: paths, methods, names of keys. Two spellings that differ in everything."""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Shape:
    """One spelling. Paths are werkzeug rules; keys are dotted paths into JSON objects.

    `paging` is `offset` (first row from 0) or `page` (first page is 1). `upload_mode` is `multipart`, `query`
    or `header` (raw body; the name in that parameter or header). `upload_answer` is `body`, `location` or
    `none`. With `content_key` a download is base64 in JSON. `times` is `iso` or `milliseconds`.
    """

    name: str = "plain"
    list_method: str = "GET"
    list_path: str = "/api/folders/<path:folder>/files"
    items_key: str = "resources"
    total_key: str = "totalResults"
    paging: str = "offset"
    start_param: str = "startIndex"
    count_param: str = "count"
    item_keys: dict[str, str] = field(
        default_factory=lambda: {
            "id": "id",
            "name": "name",
            "size": "size",
            "modified": "modified",
            "href": "_links.self.href",
        }
    )
    times: str = "iso"
    item_path: str = "/api/files/<identifier>"
    download_path: str = "/api/files/<identifier>/content"
    content_key: str = ""
    upload_method: str = "POST"
    upload_path: str = "/api/folders/<path:folder>/files"
    upload_mode: str = "multipart"
    upload_name: str = "file"
    upload_status: int = 201
    upload_answer: str = "body"
    move_method: str = "POST"
    move_path: str = "/api/files/<identifier>/move"
    move_folder_key: str = "folder"
    move_name_key: str = "name"
    delete_method: str = "DELETE"
    delete_path: str = "/api/files/<identifier>"
    run_path: str = "/api/actions/<action>/run"


PLAIN = Shape()
SECOND = Shape(
    name="second",
    list_method="POST",
    list_path="/rest/v2/boxes/<path:folder>/contents",
    items_key="data.entries",
    total_key="data.count",
    paging="page",
    start_param="page",
    count_param="size",
    item_keys={
        "id": "fileId",
        "name": "file.name",
        "size": "file.bytes",
        "modified": "file.changedAt",
        "href": "content",
    },
    times="milliseconds",
    item_path="/rest/v2/about/<identifier>",
    download_path="/rest/v2/download/<identifier>",
    content_key="data.base64",
    upload_method="PUT",
    upload_path="/rest/v2/boxes/<path:folder>",
    upload_mode="query",
    upload_name="fileName",
    upload_status=202,
    upload_answer="location",
    move_path="/rest/v2/files/<identifier>/relocate",
    move_folder_key="target.box",
    move_name_key="target.as",
    delete_method="POST",
    delete_path="/rest/v2/files/<identifier>/remove",
    run_path="/rest/v2/actions/<action>/start",
)
SHAPES = {shape.name: shape for shape in (PLAIN, SECOND)}


def renamed(shape: Shape) -> Shape:
    """The same API after somebody has changed the names of all keys."""
    keys = {key: f"x.{path}" for key, path in shape.item_keys.items()}
    return replace(shape, items_key="found.rows", total_key="found.all", item_keys=keys)


def put(target: dict[str, Any], path: str, value: Any) -> None:
    """Set `value` at the dotted `path` of nested objects, which are made as needed."""
    *parents, last = path.split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = value


def get(source: Any, path: str) -> Any:
    """What lies at the dotted `path`; None if there is no such thing."""
    for part in path.split("."):
        source = source.get(part) if isinstance(source, dict) else None
    return source
