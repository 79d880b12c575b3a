"""The settings form of an IBM Sterling connection."""

import ssl
from typing import Any

from django import forms

from connections.systems.base import Misconfigured
from connections.systems.forms import LinesField, SettingsForm
from connections.systems.http import Http
from connections.systems.ibm_sterling.settings import (
    STATES,
    AuthMode,
    ClientAuth,
    Credentials,
    EnvelopeOwner,
    FinishAction,
    Settings,
    StatusSource,
    UploadMode,
    tls_of,
)
from connections.widgets import SecretField

DEFAULT = Settings()
PEM = forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"})


def _mailbox(label: str, help_text: str) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=200, help_text=help_text)


class SterlingForm(SettingsForm):
    groups = (
        ("The installation", ("base_url",)),
        (
            "Signing in",
            (
                "auth_mode",
                "username",
                "password",
                "token_url",
                "client_id",
                "client_secret",
                "client_auth",
                "scope",
                "audience",
            ),
        ),
        (
            "Mailboxes",
            ("outbound_path", "inbound_path", "ack_path", "finish_action", "archive_path", "test_writes"),
        ),
        ("What becomes of documents", ("envelope_owner", "status_source", "state_map")),
        ("Partners and accounts", ("read_partners", "code_list", "write_code_list")),
        ("Certificates", ("ca_bundle", "client_certificate", "client_key", "insecure")),
        (
            "For special installations",
            ("upload_mode", "life_span", "page_size", "most_calls", "resource_paths"),
        ),
    )
    address_fields = ("base_url", "token_url", "insecure", "ca_bundle")
    visible_credentials = ("username", "client_id")

    base_url = forms.CharField(
        label="Address",
        max_length=300,
        help_text="https://host:port of the B2B REST API, as your Sterling administrator names it. It has a "
        "port of its own. Your network must let us reach it (VPN or DMZ).",
    )
    auth_mode = forms.ChoiceField(
        label="How we sign in",
        initial=DEFAULT.auth_mode,
        choices=[
            (AuthMode.BASIC, "user name and password (usual)"),
            (AuthMode.OAUTH, "OAuth 2.0 client credentials (6.2.2 and later)"),
        ],
    )
    username = forms.CharField(
        label="User name",
        required=False,
        max_length=128,
        help_text="An account with the permission “API User” and the permission of each mailbox.",
    )
    password = SecretField(label="Password", required=False)
    token_url = forms.CharField(
        label="Address for tokens",
        required=False,
        max_length=300,
        help_text="For OAuth: the full address at the Identity service, such as "
        "https://identity.example.com/oauth2/token. It is not the host of the API.",
    )
    client_id = forms.CharField(label="Client id", required=False, max_length=200, help_text="For OAuth.")
    client_secret = SecretField(label="Client secret", required=False, help_text="For OAuth.")
    client_auth = forms.ChoiceField(
        label="Client id and secret travel",
        initial=DEFAULT.client_auth,
        choices=[(ClientAuth.BASIC, "in the header (usual)"), (ClientAuth.POST, "in the form")],
    )
    scope = forms.CharField(
        label="Scope", required=False, max_length=200, help_text="For OAuth, if asked for."
    )
    audience = forms.CharField(
        label="Audience", required=False, max_length=200, help_text="For OAuth, if asked for."
    )

    outbound_path = _mailbox(
        "Mailbox that we send to",
        "Such as /acme/outbound, as our account sees it. A trading partner may have one of its own. A routing "
        "rule of yours takes the messages from there.",
    )
    inbound_path = _mailbox("Mailbox that we collect from", "Empty: no documents are collected.")
    ack_path = _mailbox(
        "Mailbox for acknowledgements",
        "Where your Sterling puts copies of 997, 999, TA1 and CONTRL (envelope parameter ExtractMailbox). "
        "Without it nobody tells us whether a partner has accepted a document.",
    )
    finish_action = forms.ChoiceField(
        label="Collected messages",
        initial=DEFAULT.finish_action,
        choices=[
            (FinishAction.MOVE, "move to the archive mailbox (recommended)"),
            (FinishAction.NONE, "leave, and remember them by their number"),
            (FinishAction.EXTRACT, "extract: counts down how often they may be taken"),
            (FinishAction.HIDE, "make them no longer extractable"),
            (FinishAction.DELETE, "delete"),
        ],
        help_text="After they are safe with us. Messages that we cannot read always stay where they are.",
    )
    archive_path = _mailbox("Archive mailbox", "Where collected messages are moved to.")
    test_writes = forms.BooleanField(
        label="The connection test may write",
        required=False,
        help_text="It puts a message that nobody can extract into the outbound mailbox and deletes it. A routing "
        "rule may notice it.",
    )

    envelope_owner = forms.ChoiceField(
        label="The EDI envelope is written",
        initial=DEFAULT.envelope_owner,
        choices=[
            (EnvelopeOwner.CONNECTOR, "by us (usual): acknowledgements are matched by our control numbers"),
            (EnvelopeOwner.STERLING, "by Sterling: we send the messages alone, without ISA or UNB"),
        ],
    )
    status_source = forms.ChoiceField(
        label="Without an acknowledgement we ask",
        initial=DEFAULT.status_source,
        choices=[
            (StatusSource.NONE, "nobody"),
            (StatusSource.FILE_GATEWAY, "the file gateway: arrived files, routes and deliveries"),
            (StatusSource.WORKFLOW, "the steps of the process that takes the document"),
        ],
        help_text="For partners that send no acknowledgement, and for all if Sterling writes the envelope. We "
        "only read.",
    )
    state_map = LinesField(
        label="What its states mean",
        required=False,
        help_text="One per line, as word=meaning, with the words that your installation uses. Meanings: waiting, "
        "accepted, accepted_with_errors, rejected. A document's timeline names words that are missing here.",
    )

    read_partners = forms.BooleanField(
        label="Read the trading partners",
        required=False,
        help_text="The partners of its file gateway are offered when you map, and compared with FreshBooks.",
    )
    code_list = forms.CharField(
        label="Code list of accounts",
        required=False,
        max_length=200,
        help_text="The code list that says under which GL segment an account is booked, as "
        "name|sender|receiver|version. Its sender codes are account numbers, its receiver codes segments.",
    )
    write_code_list = forms.BooleanField(
        label="Add accounts to the code list",
        required=False,
        help_text="Accounts that have a GL mapping here and are missing there are added. Nothing in the list is "
        "ever changed or removed. Without it we only read.",
    )

    ca_bundle = forms.CharField(
        label="Certificate authority",
        required=False,
        widget=PEM,
        help_text="If the installation has certificates of its own: the authority's certificates as PEM text. "
        "Only these are trusted then.",
    )
    client_certificate = forms.CharField(
        label="Our certificate",
        required=False,
        widget=PEM,
        help_text="If the installation asks us for one, as PEM text.",
    )
    client_key = SecretField(
        label="Private key of our certificate",
        required=False,
        multiline=True,
        help_text="PEM text without a passphrase.",
    )
    insecure = forms.BooleanField(
        label="INSECURE: trust any server, allow http",
        required=False,
        help_text="For a test installation only. Anybody between us and it can read and change everything, the "
        "password as well.",
    )

    upload_mode = forms.ChoiceField(
        label="How we send",
        initial=DEFAULT.upload_mode,
        choices=[
            (UploadMode.TWO_STEP, "document first, then the message (recommended)"),
            (UploadMode.BATCH, "both in one call (messagebatches)"),
        ],
    )
    life_span = forms.IntegerField(
        label="Keep our documents for (minutes)",
        min_value=0,
        max_value=5_256_000,
        initial=DEFAULT.life_span,
        help_text="After that Sterling may purge them. 0: as the installation is set.",
    )
    page_size = forms.IntegerField(
        label="Rows per call", min_value=1, max_value=1000, initial=DEFAULT.page_size
    )
    most_calls = forms.IntegerField(
        label="Calls at once",
        min_value=1,
        max_value=20,
        initial=DEFAULT.most_calls,
        help_text="So many at most, of everything that we do with the installation. It is slow on bulk data.",
    )
    resource_paths = LinesField(
        label="Other names of resources",
        required=False,
        help_text="One per line, such as mailboxmessages=mailboxMessages. Mostly empty.",
    )

    def clean_base_url(self) -> str:
        return str(self.cleaned_data["base_url"]).strip().rstrip("/")

    def clean_resource_paths(self) -> list[str]:
        for line in self.cleaned_data["resource_paths"]:
            name, equals, path = line.partition("=")
            if not (name.isalnum() and equals and path.strip("/ ")):
                raise forms.ValidationError(f"“{line[:60]}” is not of the form name=path.")
        return list(self.cleaned_data["resource_paths"])

    def clean_state_map(self) -> list[str]:
        for line in self.cleaned_data["state_map"]:
            word, _, meaning = line.rpartition("=")
            if not word.strip() or meaning.strip() not in STATES:
                raise forms.ValidationError(
                    f"“{line[:60]}” is not of the form word=meaning. Meanings: {', '.join(STATES)}."
                )
        return list(self.cleaned_data["state_map"])

    def clean_code_list(self) -> str:
        key = str(self.cleaned_data["code_list"]).strip()
        if key and (key.count("|") != 3 or not all(part.strip() for part in key.split("|"))):
            raise forms.ValidationError("Write it as name|sender|receiver|version, such as GL|BOOKS|ERP|1.")
        return key

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("write_code_list") and not cleaned.get("code_list") and "code_list" not in self.errors:
            self.add_error("code_list", "Name the code list that accounts are added to.")
        self._check_address(cleaned)
        self._check_sign_in(cleaned)
        self._check_mailboxes(cleaned)
        self._check_status(cleaned)
        self._check_certificates(cleaned)
        return cleaned

    def _check_address(self, cleaned: dict[str, Any]) -> None:
        if "base_url" in cleaned:
            address = Settings(base_url=cleaned["base_url"], insecure=bool(cleaned.get("insecure")))
            try:
                assert address.service_url and address.port  # noqa: PT018, S101 - both are worked out here
            except (Misconfigured, ValueError) as problem:
                self.add_error("base_url", str(problem))

    def _check_sign_in(self, cleaned: dict[str, Any]) -> None:
        needed = {"username": "user name", "password": "password"}
        if cleaned.get("auth_mode") == AuthMode.OAUTH:
            needed = {
                "token_url": "address for tokens",
                "client_id": "client id",
                "client_secret": "client secret",
            }
            url = cleaned.get("token_url", "")
            if url and not url.startswith("https://") and not cleaned.get("insecure"):
                self.add_error("token_url", "The address must begin with https://.")
        for name, what in needed.items():
            if not cleaned.get(name) and name not in self.errors:
                self.add_error(name, f"Enter the {what}.")

    def _check_mailboxes(self, cleaned: dict[str, Any]) -> None:
        for name in ("outbound_path", "inbound_path", "ack_path", "archive_path"):
            path = cleaned.get(name, "")
            if path and (not path.startswith("/") or not path.isprintable()):
                self.add_error(name, "A mailbox path begins with a slash: /acme/outbound.")
        collects = cleaned.get("inbound_path") or cleaned.get("ack_path")
        if collects and cleaned.get("finish_action") == FinishAction.MOVE and not cleaned.get("archive_path"):
            self.add_error("archive_path", "Say where collected messages are moved to.")
        if cleaned.get("archive_path") and cleaned["archive_path"] in (
            cleaned.get("inbound_path"),
            cleaned.get("ack_path"),
        ):
            self.add_error("archive_path", "Choose another mailbox than the one that we collect from.")

    def _check_status(self, cleaned: dict[str, Any]) -> None:
        """Where Sterling gives out the control numbers, no acknowledgement can be told to be ours."""
        by_sterling = cleaned.get("envelope_owner") == EnvelopeOwner.STERLING
        if by_sterling and cleaned.get("status_source") == StatusSource.NONE:
            self.add_error(
                "status_source",
                "Choose where we ask: under Sterling's control numbers acknowledgements cannot be matched.",
            )

    def _check_certificates(self, cleaned: dict[str, Any]) -> None:
        if bool(cleaned.get("client_certificate")) != bool(cleaned.get("client_key")):
            self.add_error("client_key", "A certificate and its private key belong together: enter both.")
            return
        for name in ("ca_bundle", "client_certificate"):
            settings = Settings(**{name: cleaned.get(name, "")})
            credentials = Credentials(client_key=cleaned.get("client_key") or "")
            try:
                Http("IBM Sterling", tls=tls_of(settings, credentials)).close()
            except (Misconfigured, ssl.SSLError) as problem:
                self.add_error(name, str(problem))
