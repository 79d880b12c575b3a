"""The settings form of an SPS Commerce connection."""

from typing import Any

from django import forms

from connections.systems.base import Misconfigured
from connections.systems.forms import LinesField, SettingsForm
from connections.systems.sps_commerce import paths
from connections.systems.sps_commerce.settings import (
    AUDIENCE,
    OLD_AUDIENCE,
    PLACEHOLDERS,
    AfterCollect,
    Settings,
    template_problem,
)
from connections.widgets import SecretField

DEFAULT = Settings()


class SpsForm(SettingsForm):
    groups = (
        ("Signing in", ("client_id", "client_secret", "audience")),
        ("Documents that we send", ("outbound_directory", "name_template")),
        ("Documents that we collect", ("inbound_directories", "depth", "after_collect")),
        (
            "For special cases",
            ("api_url", "auth_url", "insecure", "page_size", "history_minutes"),
        ),
    )
    address_fields = ("api_url", "auth_url", "insecure")
    visible_credentials = ("client_id",)

    client_id = forms.CharField(
        label="Client id",
        max_length=200,
        help_text="Of your application in the SPS Dev Center, type machine-to-machine. Sandbox and production "
        "have keys of their own; nothing sent with sandbox keys reaches a retailer.",
    )
    client_secret = SecretField(label="Client secret")
    audience = forms.ChoiceField(
        label="Audience",
        initial=DEFAULT.audience,
        choices=[(AUDIENCE, f"{AUDIENCE} (usual)"), (OLD_AUDIENCE, f"{OLD_AUDIENCE} (older applications)")],
    )

    outbound_directory = forms.CharField(
        label="Directory that we send to",
        max_length=200,
        initial=DEFAULT.outbound_directory,
        help_text="Mostly in/; some accounts have testin/. A trading partner may have one of its own.",
    )
    name_template = forms.CharField(
        label="Names of our files",
        max_length=120,
        initial=DEFAULT.name_template,
        help_text="As agreed with SPS. "
        + "; ".join(f"{{{name}}} is {what}" for name, what in PLACEHOLDERS.items())
        + ".",
    )

    inbound_directories = LinesField(
        label="Directories that we collect from",
        required=False,
        initial=list(DEFAULT.inbound_directories),
        help_text="One per line. out/ with two levels finds out/PO/ and out/SH/ too. None: nothing is collected.",
    )
    depth = forms.IntegerField(
        label="Levels of directories", min_value=1, max_value=5, initial=DEFAULT.depth, help_text="Mostly 2."
    )
    after_collect = forms.ChoiceField(
        label="Collected files",
        initial=DEFAULT.after_collect,
        choices=[
            (AfterCollect.DELETE, "delete (recommended: SPS keeps them until we do)"),
            (AfterCollect.LEAVE, "leave: every look reads all of them again"),
        ],
        help_text="After they are safe with us. Files that we cannot read always stay.",
    )

    api_url = forms.CharField(label="Address of the API", max_length=300, initial=DEFAULT.api_url)
    auth_url = forms.CharField(label="Address for tokens", max_length=300, initial=DEFAULT.auth_url)
    insecure = forms.BooleanField(
        label="INSECURE: allow http",
        required=False,
        help_text="For a test server only. Anybody between us and it can read and change everything, the "
        "secret as well.",
    )
    page_size = forms.IntegerField(
        label="Entries per call", min_value=1, max_value=1000, initial=DEFAULT.page_size
    )
    history_minutes = forms.IntegerField(
        label="The history lags by (minutes)",
        min_value=1,
        max_value=120,
        initial=DEFAULT.history_minutes,
        help_text="An upload whose answer was lost is not repeated before that time.",
    )

    def clean_name_template(self) -> str:
        template = str(self.cleaned_data["name_template"])
        if problem := template_problem(template):
            raise forms.ValidationError(problem)
        return template

    def clean_outbound_directory(self) -> str:
        return _directory(self.cleaned_data["outbound_directory"])

    def clean_inbound_directories(self) -> list[str]:
        return [_directory(line) for line in self.cleaned_data["inbound_directories"]]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in ("api_url", "auth_url"):
            if name in cleaned:
                settings = Settings(**{name: cleaned[name]}, insecure=bool(cleaned.get("insecure")))
                try:
                    assert settings.token_url and settings.api_root  # noqa: PT018, S101 - worked out here
                except Misconfigured as problem:
                    self.add_error(name, str(problem))
        if cleaned.get("outbound_directory") in cleaned.get("inbound_directories", []):
            self.add_error("inbound_directories", "We would read our own documents back: use another one.")
        return cleaned


def _directory(text: str) -> str:
    path = paths.directory(text)
    if path and (fault := paths.fault_of(path)):
        raise forms.ValidationError(f"“{paths.shown(text)}” cannot be used: {fault}.")
    return path
