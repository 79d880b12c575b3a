"""The part of the settings form for the REST door: the tenant's address and its profile."""

import re
from typing import Any, ClassVar

from django import forms

from connections.systems.base import Misconfigured
from connections.systems.cleo.profile import path_faults
from connections.systems.cleo.settings import ArchiveMode, Paging, Settings, UploadMode, statuses
from connections.systems.forms import SettingsForm
from connections.systems.http import Http

DEFAULT = Settings()
METHODS = [(method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
HEADER = re.compile(r"[A-Za-z0-9-]+")
OURS = ("authorization", "content-type", "content-length", "host", "accept")
# What the profile has to say before anything can go over REST.
NEEDED = {
    "base_url": "the address of the tenant",
    "list_path": "how a folder is listed",
    "item_name": "where the name of a file stands in a list",
    "download_path": "how a file is fetched",
    "upload_path": "how a file is uploaded",
}
NEEDS = {
    "list_path": {"folder"},
    "download_path": {"id", "name", "href"},
    "upload_path": {"folder"},
    "move_path": {"id", "name", "href"},
    "delete_path": {"id", "name", "href"},
    "run_path": set[str](),
}


def text_field(
    label: str, help_text: str = "", initial: str | None = None, required: bool = False
) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, initial=initial or None, required=required, max_length=300
    )


def _method(label: str, initial: str) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=METHODS, initial=initial)


class ProfileForm(SettingsForm):
    """Checked only where the connection goes over REST; see `check_rest`."""

    rest_groups: ClassVar[tuple[tuple[str, tuple[str, ...]], ...]] = (
        (
            "Over REST",
            (
                "base_url",
                "token_path",
                "token_max_age",
                "refresh_supported",
                "requests_per_second",
                "reupload_on_unknown",
                "ca_bundle",
                "insecure",
            ),
        ),
        (
            "REST profile: lists",
            (
                "list_method",
                "list_path",
                "list_items_key",
                "total_key",
                "paging",
                "page_start_param",
                "page_count_param",
                "page_size",
                "first_page",
                "item_id",
                "item_name",
                "item_size",
                "item_mtime",
                "item_href",
            ),
        ),
        (
            "REST profile: files",
            (
                "download_method",
                "download_path",
                "download_json_key",
                "upload_method",
                "upload_path",
                "upload_mode",
                "upload_name_field",
                "upload_ok",
                "upload_id_key",
                "taken_folder",
                "run_path",
            ),
        ),
        (
            "REST profile: archiving",
            ("move_method", "move_path", "move_body", "delete_method", "delete_path", "delete_ok"),
        ),
    )

    base_url = text_field("Address of the tenant", "https://TENANT.cleointegration.com")
    token_path = text_field(
        "Path for tokens", "Confirmed by Cleo; change it only if told to.", DEFAULT.token_path, required=True
    )
    token_max_age = forms.IntegerField(
        label="Keep a token for (seconds)",
        min_value=30,
        max_value=86_400,
        initial=DEFAULT.token_max_age,
        help_text="Where Cleo does not say how long it is good for.",
    )
    refresh_supported = forms.BooleanField(
        label="Use refresh tokens",
        required=False,
        help_text="Only if your tenant gives them out; otherwise we sign in again.",
    )
    requests_per_second = forms.IntegerField(
        label="Requests per second",
        min_value=0,
        max_value=50,
        initial=DEFAULT.requests_per_second,
        help_text="0: no limit.",
    )
    reupload_on_unknown = forms.BooleanField(
        label="Send again after an unknown outcome",
        required=False,
        help_text="When the answer to an upload was lost and the file is not in the folder, Cleo may have taken it. "
        "Usually a person then decides; with this it is sent once more, and a partner may get it twice.",
    )
    ca_bundle = forms.CharField(
        label="Certificate authority",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text="If the tenant has certificates of its own, as PEM text. Only these are trusted then.",
    )
    insecure = forms.BooleanField(
        label="INSECURE: trust any server, allow http",
        required=False,
        help_text="For a test installation only. Anybody between us and it can read the password.",
    )

    list_method = _method("List: method", DEFAULT.list_method)
    list_path = text_field("List: path", "With {folder}, such as /folders/{folder}/files.")
    list_items_key = text_field(
        "List: key of the files", "A dotted path such as data.items. Empty: the answer is the list."
    )
    total_key = text_field(
        "List: key of the total", "Empty: there is none; we read until a page brings nothing new."
    )
    paging = forms.ChoiceField(
        label="List: pages",
        initial=DEFAULT.paging,
        choices=[
            (Paging.OFFSET, "by the number of the first file, from 0"),
            (Paging.PAGE, "by the number of the page"),
            (Paging.OFF, "all at once"),
        ],
    )
    page_start_param = text_field(
        "List: parameter of the start or page", "Such as startIndex, offset or page."
    )
    page_count_param = text_field("List: parameter of the page's size", "Such as count, limit or size.")
    page_size = forms.IntegerField(
        label="List: files per page", min_value=1, max_value=1000, initial=DEFAULT.page_size
    )
    first_page = forms.IntegerField(
        label="List: number of the first page",
        min_value=0,
        max_value=1,
        initial=DEFAULT.first_page,
        help_text="With pages by number: 0 or 1.",
    )
    item_id = text_field("File: key of its id", "Empty: its name is its id.")
    item_name = text_field("File: key of its name")
    item_size = text_field("File: key of its size", "In bytes.")
    item_mtime = text_field("File: key of its time", "ISO 8601, or seconds or milliseconds since 1970.")
    item_href = text_field("File: key of its link", "Needed where a path is {href}.")

    download_method = _method("Fetch: method", DEFAULT.download_method)
    download_path = text_field(
        "Fetch: path", "With {id}, {name} or {href}. A link that leads to another host is refused."
    )
    download_json_key = text_field(
        "Fetch: content in a JSON answer", "A dotted path to base64. Empty: the answer is the file."
    )
    upload_method = _method("Upload: method", DEFAULT.upload_method)
    upload_path = text_field("Upload: path", "With {folder}; {name} is possible too.")
    upload_mode = forms.ChoiceField(
        label="Upload: kind",
        initial=DEFAULT.upload_mode,
        choices=[
            (UploadMode.MULTIPART, "a form with a file (multipart)"),
            (UploadMode.QUERY, "the bytes, the name in the address"),
            (UploadMode.HEADER, "the bytes, the name in a header"),
        ],
    )
    upload_name_field = text_field(
        "Upload: name of the part, parameter or header",
        "Empty only where the name stands in the path.",
        DEFAULT.upload_name_field,
    )
    upload_ok = text_field(
        "Upload: answers that mean taken", "HTTP statuses.", DEFAULT.upload_ok, required=True
    )
    upload_id_key = text_field(
        "Upload: key of the id in the answer", "Empty: from Location, else the name is remembered."
    )
    taken_folder = text_field(
        "Folder where Cleo keeps what it has taken",
        "If there is one that we may read: after a lost answer we look there too.",
    )
    run_path = text_field(
        "Action after an upload",
        "The path of an action that makes Cleo work at once. Its answer has to say “success”. Mostly empty.",
    )

    move_method = _method("Move: method", DEFAULT.move_method)
    move_path = text_field("Move: path", "With {id}, {name} or {href}.")
    move_body = forms.CharField(
        label="Move: what is sent",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text="JSON with {folder} (the target), {name} and {id} within quotation marks.",
    )
    delete_method = _method("Delete: method", DEFAULT.delete_method)
    delete_path = text_field("Delete: path", "With {id}, {name} or {href}.")
    delete_ok = text_field(
        "Delete: answers that mean gone", "HTTP statuses.", DEFAULT.delete_ok, required=True
    )

    def clean_base_url(self) -> str:
        return str(self.cleaned_data["base_url"]).strip().rstrip("/")

    def clean_token_path(self) -> str:
        path = str(self.cleaned_data["token_path"]).strip()
        if path.startswith("{") or (fault := path_faults(path)):
            raise forms.ValidationError(fault if not path.startswith("{") else "It has no placeholders.")
        return path

    def clean_upload_ok(self) -> str:
        return self._statuses("upload_ok")

    def clean_delete_ok(self) -> str:
        return self._statuses("delete_ok")

    def _statuses(self, name: str) -> str:
        try:
            found = statuses(self.cleaned_data[name])
        except ValueError:
            raise forms.ValidationError("Write HTTP statuses, such as 200, 201.") from None
        return ", ".join(map(str, found))

    def check_paths(self, cleaned: dict[str, Any]) -> None:
        for name, needs in NEEDS.items():
            path = str(cleaned.get(name) or "")
            if path and (fault := path_faults(path, needs)):
                self.add_error(name, fault)

    def check_rest(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("password") and "password" not in self.errors:
            self.add_error("password", "Enter the password.")
        for name, what in NEEDED.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"Over REST we need {what}. Ask the administrator of the tenant.")
        self._check_address(cleaned)
        self._check_profile(cleaned)

    def _check_address(self, cleaned: dict[str, Any]) -> None:
        settings = Settings(
            base_url=cleaned.get("base_url") or "",
            insecure=bool(cleaned.get("insecure")),
            ca_bundle=cleaned.get("ca_bundle") or "",
        )
        if settings.base_url:
            try:
                assert settings.origin and settings.rest_port  # noqa: PT018, S101 - both are worked out here
            except (Misconfigured, ValueError) as problem:
                self.add_error("base_url", str(problem))
        try:
            Http("Cleo", tls=settings.tls).close()
        except Misconfigured as problem:
            self.add_failure("ca_bundle", problem)

    def _check_profile(self, cleaned: dict[str, Any]) -> None:
        need = "Over REST this is needed"
        if cleaned.get("paging") != Paging.OFF and not cleaned.get("page_start_param"):
            self.add_error("page_start_param", f"{need} to read more than one page; or choose “all at once”.")
        links = [name for name in NEEDS if "{href}" in str(cleaned.get(name) or "")]
        if links and not cleaned.get("item_href"):
            self.add_error("item_href", f"{need}: a path is {{href}}.")
        if cleaned.get("inbound_folder") and not (cleaned.get("item_size") or cleaned.get("item_mtime")):
            self.add_error("item_size", f"{need}, or the time: without either a growing file looks finished.")
        named = cleaned.get("upload_name_field") or "{name}" in str(cleaned.get("upload_path") or "")
        if not named or (
            cleaned.get("upload_mode") == UploadMode.MULTIPART and not cleaned.get("upload_name_field")
        ):
            self.add_error("upload_name_field", "Say where the name of the file goes.")
        header = cleaned.get("upload_name_field") or ""
        if cleaned.get("upload_mode") == UploadMode.HEADER and header and not HEADER.fullmatch(header):
            self.add_error("upload_name_field", "A header has letters, digits and hyphens only.")
        elif cleaned.get("upload_mode") == UploadMode.HEADER and header.lower() in OURS:
            self.add_error("upload_name_field", "This header is needed for something else.")
        modes = {ArchiveMode.MOVE: "move_path", ArchiveMode.DELETE: "delete_path"}
        path = modes.get(cleaned.get("archive_mode") or ArchiveMode.NONE)
        if cleaned.get("inbound_folder") and path and not cleaned.get(path) and path not in self.errors:
            self.add_error(path, f"{need} for what is chosen under “Collected files”.")
        says_where = cleaned.get("move_body") or "{folder}" in str(cleaned.get("move_path") or "")
        if cleaned.get("archive_mode") == ArchiveMode.MOVE and not says_where:
            self.add_error("move_body", "Say where to: {folder} is missing here and in the path.")
