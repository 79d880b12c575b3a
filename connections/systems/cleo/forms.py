"""The settings form of a Cleo connection."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from connections.systems.base import Misconfigured
from connections.systems.cleo.file_names import is_allowed, pattern_fault, type_fault
from connections.systems.cleo.profile_form import ProfileForm, text_field
from connections.systems.cleo.reference import folder_and_name
from connections.systems.cleo.settings import (
    ArchiveMode,
    Settings,
    Transport,
)
from connections.systems.forms import LinesField
from connections.systems.sftp.keys import HostKey, read_private_key
from connections.systems.sftp.names import fault_of
from connections.systems.sftp.settings import TemporaryName, Writing
from connections.widgets import SecretField

DEFAULT = Settings()
METHODS = [(method, method) for method in ("GET", "POST", "PUT", "PATCH", "DELETE")]
FOLDERS = ("outbound_folder", "inbound_folder", "archive_folder", "error_folder", "taken_folder")
LISTS = ("vendors_file", "customers_file", "accounts_file")


class CleoForm(ProfileForm):
    groups = (
        ("The Partner Mailbox", ("transport", "username", "password", "password_set_on", "password_days")),
        (
            "Over SFTP",
            (
                "host",
                "port",
                "host_keys",
                "private_key",
                "passphrase",
                "writing",
                "temporary_name",
                "check_size",
            ),
        ),
        ("Files that we send", ("outbound_folder", "file_name", "allowed_types", "test_writes")),
        (
            "Files that we collect",
            (
                "inbound_folder",
                "archive_mode",
                "archive_folder",
                "error_folder",
                "patterns",
                "settle_seconds",
                "skip_empty",
                "max_megabytes",
            ),
        ),
        ("Lists to compare with FreshBooks", LISTS),
        *ProfileForm.rest_groups,
    )
    folded = ("Lists to compare with FreshBooks", *(heading for heading, _ in ProfileForm.rest_groups))
    address_fields = ("host", "port", "base_url", "token_path", "insecure", "ca_bundle")

    transport = forms.ChoiceField(
        label="How we reach it",
        initial=DEFAULT.transport,
        choices=[
            (Transport.SFTP, "SFTP (documented by Cleo, recommended)"),
            (Transport.REST, "REST, by the profile below"),
        ],
        help_text="Folders, file names and what becomes of collected files are the same either way. REST needs "
        "values that only the administrator of your Cleo tenant knows.",
    )
    username = text_field("User name", "The login of the Partner Mailbox, as Cleo shows it.", required=True)
    password = SecretField(label="Password", required=False)
    password_set_on = forms.DateField(
        label="Password chosen on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: the day on which it is entered here.",
    )
    password_days = forms.IntegerField(
        label="Password expires after (days)",
        min_value=0,
        max_value=3660,
        initial=DEFAULT.password_days,
        help_text="60 is usual at Cleo. We warn you two weeks ahead. 0: it does not expire, as that of a service "
        "account.",
    )

    host = text_field("Server", "Such as sftp.cleointegration.com, as your Cleo administrator names it.")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535, initial=DEFAULT.port)
    host_keys = LinesField(
        label="Confirmed host keys",
        required=False,
        help_text="Leave it empty at first: the connection test shows the server's fingerprints, and you confirm "
        "them. One key per line: type, space, key.",
    )
    private_key = SecretField(
        label="Private key",
        required=False,
        multiline=True,
        help_text="Instead of a password, or beside it, in OpenSSH or PEM format.",
    )
    passphrase = SecretField(
        label="Passphrase of the key", required=False, help_text="Only if the key is protected by one."
    )
    writing = forms.ChoiceField(
        label="How we write",
        initial=DEFAULT.writing,
        choices=[
            (Writing.RENAME, "under a temporary name, then renamed (recommended)"),
            (Writing.DIRECT, "under the final name at once"),
        ],
        help_text="With a temporary name Cleo never takes half a file; the allowed file types have to permit it.",
    )
    temporary_name = forms.ChoiceField(
        label="Temporary name",
        initial=DEFAULT.temporary_name,
        choices=[(TemporaryName.DOT_PART, ".name.part"), (TemporaryName.TMP, "name.tmp")],
    )
    check_size = forms.BooleanField(
        label="Compare the size after writing", required=False, initial=DEFAULT.check_size
    )

    outbound_folder = text_field(
        "Folder that we put files into",
        "The folder from which Cleo takes files, mostly “upload”, whatever its name sounds like. A trading partner "
        "may have one of its own.",
        DEFAULT.outbound_folder,
        required=True,
    )
    file_name = text_field(
        "Pattern for file names",
        "From {type} (810), {kind} (invoice), {partner}, {number}, {revision}, {id}, {time} and {extension}. "
        "Names must tell documents apart: use {id}, or {type}, {partner}, {number} and {revision}.",
        DEFAULT.file_name,
        required=True,
    )
    allowed_types = LinesField(
        label="Allowed file types",
        required=False,
        help_text="As they are set for the mailbox in Cleo, one per line: a name, a wildcard such as *.edi, or a "
        "regular expression in square brackets. Empty: every name.",
    )
    test_writes = forms.BooleanField(
        label="The connection test may write",
        required=False,
        help_text="It puts a small file into the folder. Cleo may take it, and tell that it is no EDI.",
    )

    inbound_folder = text_field(
        "Folder that we collect files from",
        "Where Cleo puts documents and acknowledgements for you. Empty: nothing is collected.",
        DEFAULT.inbound_folder,
    )
    archive_mode = forms.ChoiceField(
        label="Collected files",
        initial=DEFAULT.archive_mode,
        choices=[
            (ArchiveMode.NONE, "leave, and remember them"),
            (ArchiveMode.MOVE, "move to the archive folder"),
            (ArchiveMode.DELETE, "delete"),
        ],
        help_text="After they are safe with us. Files that we cannot read are never deleted.",
    )
    archive_folder = text_field("Archive folder", "Where collected files are moved to.")
    error_folder = text_field(
        "Folder for unreadable files", "Empty: they stay where they are, and are not read again."
    )
    patterns = LinesField(
        label="Only these files",
        required=False,
        help_text="Patterns such as *.edi, one per line. Empty: every file. Names that begin with a dot or end in "
        ".part, .tmp, .filepart or .incomplete are never collected.",
    )
    settle_seconds = forms.IntegerField(
        label="A file is complete when unchanged for (seconds)",
        min_value=0,
        max_value=3600,
        initial=DEFAULT.settle_seconds,
    )
    skip_empty = forms.BooleanField(
        label="Leave empty files alone", required=False, initial=DEFAULT.skip_empty
    )
    max_megabytes = forms.IntegerField(
        label="Largest file (MB)", min_value=1, max_value=500, initial=DEFAULT.max_megabytes
    )

    vendors_file = text_field(
        "File with vendors",
        "The path of a CSV file in the mailbox, such as lists/vendors.csv, that you have exported there: a line of "
        "headings, the key first, and a name. Differences to FreshBooks are then listed for you to look at.",
    )
    customers_file = text_field("File with customers", "In the same way.")
    accounts_file = text_field(
        "File with accounts", "In the same way; a column “segment” says what each is booked under."
    )

    def clean_password_set_on(self) -> str:
        chosen: date | None = self.cleaned_data["password_set_on"]
        # Our day may be a day ahead of that of the person.
        if chosen and chosen > timezone.now().date() + timedelta(days=1):
            raise forms.ValidationError("That day is still to come.")
        return chosen.isoformat() if chosen else ""

    def clean_host(self) -> str:
        host = str(self.cleaned_data["host"]).strip()
        if host and (fault_of(host) or "@" in host or " " in host or host.count(":") == 1):
            raise forms.ValidationError("Only the name or address of the server.")
        return host

    def clean_host_keys(self) -> list[str]:
        try:
            return [HostKey.from_line(line).line for line in self.cleaned_data["host_keys"]]
        except Misconfigured as failure:
            raise forms.ValidationError(f"{failure} {failure.remedy}") from None

    def clean_allowed_types(self) -> list[str]:
        for one in self.cleaned_data["allowed_types"]:
            if fault := type_fault(one):
                raise forms.ValidationError(fault)
        return list(self.cleaned_data["allowed_types"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        self._check_folders(cleaned)
        self._check_names(cleaned)
        self.check_paths(cleaned)
        if cleaned.get("transport") == Transport.REST:
            self.check_rest(cleaned)
        else:
            self._check_sftp(cleaned)
        return cleaned

    def _check_folders(self, cleaned: dict[str, Any]) -> None:
        for name in FOLDERS:
            folder = str(cleaned.get(name) or "")
            if not folder.isprintable() or ".." in folder.split("/"):
                self.add_error(name, "Write the path of the folder without “..”, such as acme/upload.")
        if cleaned.get("inbound_folder") and cleaned.get("inbound_folder") == cleaned.get("outbound_folder"):
            self.add_error("inbound_folder", "We would read our own documents back: use another folder.")
        for name in LISTS:
            folder, file = folder_and_name(str(cleaned.get(name) or ""))
            if cleaned.get(name) and (not file or ".." in folder or fault_of(file)):
                self.add_error(name, "Write the path of a file, such as lists/vendors.csv.")
            elif cleaned.get(name) and folder in (
                cleaned.get("inbound_folder"),
                cleaned.get("outbound_folder"),
            ):
                self.add_error(
                    name, "Put lists into a folder of their own: in this one they would be taken away."
                )
        moves = cleaned.get("inbound_folder") and cleaned.get("archive_mode") == ArchiveMode.MOVE
        if moves and not cleaned.get("archive_folder"):
            self.add_error("archive_folder", "Say where collected files are moved to.")
        if moves and cleaned.get("archive_folder") == cleaned.get("inbound_folder"):
            self.add_error("archive_folder", "Choose another folder than the one that we collect from.")

    def _check_names(self, cleaned: dict[str, Any]) -> None:
        allowed = tuple(cleaned.get("allowed_types") or ())
        if "file_name" in cleaned and (fault := pattern_fault(cleaned["file_name"], allowed)):
            self.add_error("file_name", fault)

    def _check_sftp(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("host") and "host" not in self.errors:
            self.add_error("host", "Enter the name of the server.")
        if cleaned.get("private_key"):
            try:
                read_private_key(cleaned["private_key"], cleaned.get("passphrase") or "")
            except Misconfigured as failure:
                self.add_failure("passphrase" if "passphrase" in str(failure) else "private_key", failure)
        elif not cleaned.get("password") and not self.errors.get("private_key"):
            self.add_error("password", "Enter a password or a private key.")
        allowed = tuple(cleaned.get("allowed_types") or ())
        temporary = TemporaryName(cleaned.get("temporary_name") or TemporaryName.DOT_PART).of("810.edi")
        if cleaned.get("writing") == Writing.RENAME and not is_allowed(temporary, allowed):
            self.add_error(
                "writing",
                f"The allowed file types do not permit temporary names such as {temporary}: choose another one, or "
                "write under the final name.",
            )
