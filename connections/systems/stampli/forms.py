"""The settings form of a connection to Stampli: that of an SFTP server, and what the templates need."""

import re
from typing import ClassVar

from django import forms

from connections.systems.forms import Groups, LinesField
from connections.systems.sftp.forms import SftpForm
from connections.systems.stampli.settings import NoNumber, Settings
from mappings.stampli import DATES, words_of

DEFAULT = Settings()
COMPANY_ID = re.compile(r"[A-Za-z0-9._-]+")


class StampliForm(SftpForm):
    groups: ClassVar[Groups] = (
        ("Your company at Stampli", ("company_id", "no_number")),
        *SftpForm.groups,
        ("What Stampli's files say", ("export_dates", "status_words")),
    )

    company_id = forms.CharField(
        label="Stampli company ID",
        max_length=40,
        help_text="Stampli gives it to you during onboarding. It stands in every row and in the file names.",
    )
    no_number = forms.ChoiceField(
        label="Bills without a number",
        initial=DEFAULT.no_number,
        choices=[
            (NoNumber.MAKE, "send them as FB- and their FreshBooks id"),
            (NoNumber.REFUSE, "hold them until they have one"),
        ],
    )
    export_dates = forms.ChoiceField(
        label="Dates in Stampli's files",
        initial=DEFAULT.export_dates,
        choices=[(form, form) for form in DATES],
        help_text="Points in time such as 2026-03-10T14:15:02Z are understood besides.",
    )
    status_words = LinesField(
        label="Status words",
        required=False,
        initial=DEFAULT.status_words,
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
        help_text="What the words in Stampli's files mean, one per line: their word, an equals sign, ours. A "
        "word that is not here is kept, and shown as unknown. Empty: the table that we begin with.",
    )

    def clean_company_id(self) -> str:
        company_id = str(self.cleaned_data["company_id"]).strip()
        if not COMPANY_ID.fullmatch(company_id):
            raise forms.ValidationError("Use letters, digits, dots, hyphens and underscores only.")
        return company_id

    def clean_status_words(self) -> list[str]:
        lines = [str(line) for line in self.cleaned_data["status_words"]]
        try:
            words_of(lines)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        return lines or list(DEFAULT.status_words)
