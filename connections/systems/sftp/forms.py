"""The settings form of an SFTP connection."""

import posixpath
from typing import Any, ClassVar

from django import forms

from connections.systems.base import Misconfigured
from connections.systems.forms import Groups, LinesField, SettingsForm
from connections.systems.sftp.keys import HostKey, read_private_key
from connections.systems.sftp.names import fault_of
from connections.systems.sftp.settings import AfterCollect, Settings, TemporaryName, Writing
from connections.widgets import SecretField

DEFAULT = Settings()
FOLDERS = ("outbound_folder", "inbound_folder", "processed_folder", "error_folder")


class SftpForm(SettingsForm):
    groups: ClassVar[Groups] = (
        ("The server", ("host", "port", "host_keys")),
        ("Signing in", ("username", "password", "private_key", "passphrase")),
        (
            "Files that we send",
            ("outbound_folder", "writing", "temporary_name", "write_marker", "check_size", "test_writes"),
        ),
        (
            "Files that we collect",
            (
                "inbound_folder",
                "patterns",
                "need_marker",
                "settle_seconds",
                "max_megabytes",
                "after_collect",
                "processed_folder",
                "error_folder",
                "write_report",
            ),
        ),
        ("Marker files", ("marker_ending",)),
    )
    address_fields = ("host", "port")

    host = forms.CharField(
        label="Server",
        max_length=253,
        help_text="The name that the partner gave you, such as sftp.partner.com.",
    )
    port = forms.IntegerField(
        label="Port", min_value=1, max_value=65535, initial=DEFAULT.port, help_text="Mostly 22."
    )
    host_keys = LinesField(
        label="Confirmed host keys",
        required=False,
        help_text="How we recognise the server. Leave it empty at first: the connection test shows the "
        "server's fingerprints, and you confirm them. One key per line: type, space, key.",
    )

    username = forms.CharField(label="User name", max_length=128)
    password = SecretField(label="Password", required=False)
    private_key = SecretField(
        label="Private key",
        required=False,
        multiline=True,
        help_text="Instead of a password, or beside it if the server asks for both. Paste the whole file, "
        "from “-----BEGIN” to “-----END”, in OpenSSH or PEM format.",
    )
    passphrase = SecretField(
        label="Passphrase of the key", required=False, help_text="Only if the key is protected by one."
    )

    outbound_folder = forms.CharField(
        label="Folder for files that we send",
        initial=DEFAULT.outbound_folder,
        max_length=200,
        help_text="Where the partner expects our files. Without a slash in front it begins where the sign-in "
        "leads to; a single dot is that place itself.",
    )
    writing = forms.ChoiceField(
        label="How we write",
        initial=DEFAULT.writing,
        choices=[
            (Writing.RENAME, "under a temporary name, then renamed (recommended)"),
            (Writing.DIRECT, "under the final name at once, for servers that forbid renaming"),
        ],
        help_text="With a temporary name the partner never sees half a file.",
    )
    temporary_name = forms.ChoiceField(
        label="Temporary name",
        initial=DEFAULT.temporary_name,
        choices=[(TemporaryName.DOT_PART, ".name.part"), (TemporaryName.TMP, "name.tmp")],
    )
    write_marker = forms.BooleanField(
        label="Write a marker file",
        required=False,
        help_text="An empty file after each file, for partners that wait for it.",
    )
    check_size = forms.BooleanField(
        label="Compare the size after writing",
        required=False,
        initial=DEFAULT.check_size,
        help_text="Switch it off if the server takes files away at once.",
    )
    test_writes = forms.BooleanField(
        label="The connection test may write",
        required=False,
        help_text="It writes a small hidden file into the folder, renames it and removes it.",
    )

    inbound_folder = forms.CharField(
        label="Folder that we collect files from",
        required=False,
        initial=DEFAULT.inbound_folder,
        max_length=200,
        help_text="Where the partner puts files for you. Empty: nothing is collected.",
    )
    patterns = LinesField(
        label="Only these files",
        required=False,
        help_text="Patterns such as *.csv, one per line. Empty: every file. Unfinished files (names that "
        "begin with a dot or end in .part, .tmp, .filepart, .incomplete) are never collected.",
    )
    need_marker = forms.BooleanField(
        label="Wait for a marker file",
        required=False,
        help_text="Collect a file only when its marker lies beside it; both then go together.",
    )
    settle_seconds = forms.IntegerField(
        label="A file is complete when unchanged for (seconds)",
        min_value=0,
        max_value=3600,
        initial=DEFAULT.settle_seconds,
        help_text="Ignored when we wait for markers.",
    )
    max_megabytes = forms.IntegerField(
        label="Largest file (MB)",
        min_value=1,
        max_value=2000,
        initial=DEFAULT.max_megabytes,
        help_text="Larger files are left there and reported.",
    )
    after_collect = forms.ChoiceField(
        label="Afterwards",
        initial=DEFAULT.after_collect,
        choices=[
            (AfterCollect.MOVE, "move the file (recommended)"),
            (AfterCollect.DELETE, "delete it; unreadable ones are moved to the error folder"),
            (AfterCollect.LEAVE, "leave it, and remember it by name, size and time"),
        ],
    )
    processed_folder = forms.CharField(
        label="Folder for processed files",
        required=False,
        initial=DEFAULT.processed_folder,
        max_length=200,
    )
    error_folder = forms.CharField(
        label="Folder for unreadable files",
        required=False,
        initial=DEFAULT.error_folder,
        max_length=200,
    )

    write_report = forms.BooleanField(
        label="Write a report beside unreadable files",
        required=False,
        initial=DEFAULT.write_report,
        help_text="A text “name.report.txt” in the error folder that says what is wrong, and in which line.",
    )
    marker_ending = forms.RegexField(
        r"^[._-][A-Za-z0-9._-]{1,15}$",
        label="Ending of markers",
        initial=DEFAULT.marker_ending,
        required=False,
        help_text="What follows the whole name of the file: with <code>.done</code> the marker of data.csv is "
        "data.csv.done. Others use <code>.ok</code> or <code>.trg</code>.",
        error_messages={"invalid": "An ending is a dot and letters, such as .done or .ok."},
    )

    def clean_marker_ending(self) -> str:
        return self.cleaned_data["marker_ending"] or DEFAULT.marker_ending

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        if fault_of(host) or "@" in host or " " in host or host.count(":") == 1:
            raise forms.ValidationError("Only the name or address of the server, such as sftp.partner.com.")
        return host

    def clean_host_keys(self) -> list[str]:
        try:
            return [HostKey.from_line(line).line for line in self.cleaned_data["host_keys"]]
        except Misconfigured as failure:
            raise forms.ValidationError(f"{failure} {failure.remedy}") from None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in FOLDERS:
            if not str(cleaned.get(name, "")).isprintable():
                self.add_error(name, "A folder has no invisible characters in its name.")
        self._check_key(cleaned)
        self._check_folders(cleaned)
        if cleaned.get("inbound_folder") and cleaned.get("after_collect") == AfterCollect.MOVE:
            for name in ("processed_folder", "error_folder"):
                if not cleaned.get(name):
                    self.add_error(name, "Say where collected files are moved to.")
        return cleaned

    def _check_folders(self, cleaned: dict[str, Any]) -> None:
        """We would read our own files back, or collect again what was put aside."""
        taken = _normal(cleaned.get("inbound_folder"))
        if not taken:
            return
        if taken == _normal(cleaned.get("outbound_folder")):
            self.add_error(
                "inbound_folder", "This is the folder that we send to. We would read our own files."
            )
        for name in ("processed_folder", "error_folder"):
            if cleaned.get("after_collect") != AfterCollect.LEAVE and taken == _normal(cleaned.get(name)):
                self.add_error(name, "This is the folder that we collect from. Files would be taken again.")

    def _check_key(self, cleaned: dict[str, Any]) -> None:
        if cleaned.get("private_key"):
            try:
                read_private_key(cleaned["private_key"], cleaned.get("passphrase") or "")
            except Misconfigured as failure:
                self.add_failure("passphrase" if "passphrase" in str(failure) else "private_key", failure)
        elif not cleaned.get("password") and not self.errors.get("private_key"):
            self.add_error("password", "Enter a password or a private key.")


def _normal(folder: object) -> str:
    """One way to write a folder, for comparing: `./in/` is `in`."""
    return posixpath.normpath(str(folder)) if folder else ""
