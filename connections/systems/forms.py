"""What the settings forms of all systems share."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django import forms
from django.forms.boundfield import BoundField
from django.utils import timezone

from connections.models import Connection
from connections.systems.base import SystemFailure
from connections.widgets import SecretField

# Headings, each with the names of the fields below it.
Groups = tuple[tuple[str, tuple[str, ...]], ...]


class LinesField(forms.CharField):
    """A list of texts, one per line. Cleans to a list without empty lines."""

    widget = forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list | tuple) else value

    def clean(self, value: Any) -> Any:
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class SettingsForm(forms.Form):
    """The settings and credentials of a connection of one system, whose form extends this one.

    Every field is one entry of `Connection.settings` under its own name, but for the `SecretField`s, which
    are entries of `Connection.credentials` and write-only, and the `visible_credentials`, which may be shown.

    `groups` says under which headings the fields are shown. `address_fields` say where the credentials are
    sent to: when one of them changes, the stored secrets have to be entered again, so that nobody can have
    them sent to a server of their own.
    """

    groups: ClassVar[Groups] = ()
    address_fields: ClassVar[tuple[str, ...]] = ()
    visible_credentials: ClassVar[tuple[str, ...]] = ()
    # Headings whose fields are shown only on demand.
    folded: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        instance: Connection | None = None,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
    ) -> None:
        stored: dict[str, Any] = {}
        if instance is not None:
            stored = {**instance.settings, **instance.credentials}
        super().__init__(
            data, files, initial={name: value for name, value in stored.items() if value is not None}
        )
        for name in self.secret_names():
            field = self.fields[name]
            if instance is not None and isinstance(field, SecretField):
                field.set_at = instance.credentials_set_at

    def secret_names(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, SecretField)]

    def grouped(self) -> Iterator[tuple[str, list[BoundField]]]:
        """(heading, fields) in the order in which they are shown."""
        for heading, names in self.groups:
            yield heading, [self[name] for name in names]

    def folded_now(self) -> list[str]:
        """The folded headings; not those below which something is to be put right, or has been set."""
        return [
            heading
            for heading, names in self.groups
            if heading in self.folded and not any(self._is_of_interest(name) for name in names)
        ]

    def _is_of_interest(self, name: str) -> bool:
        stored = self.initial.get(name)
        return name in self.errors or stored not in (None, "", [], self.fields[name].initial, False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if any(self._is_changed(name, cleaned.get(name)) for name in self.address_fields):
            for name in self.secret_names():
                if cleaned.get(name) and name not in self.changed_data:
                    self.add_error(name, "Enter it again: it is about to be sent to another address.")
        return cleaned

    def _is_changed(self, name: str, cleaned: Any) -> bool:
        """By the cleaned value: another way of writing the same address is none."""
        return (cleaned or None) != (self.get_initial_for_field(self.fields[name], name) or None)

    def add_failure(self, name: str, failure: SystemFailure) -> None:
        """Show a failure of the system beside the field that it is about."""
        self.add_error(name, f"{failure} {failure.remedy}".strip())

    def apply(self, connection: Connection) -> None:
        """Put what was entered into `connection`, without saving it. Only for a valid form."""
        credentials = [*self.visible_credentials, *self.secret_names()]
        connection.settings = {
            **connection.settings,
            **{name: value for name, value in self.cleaned_data.items() if name not in credentials},
        }
        connection.credentials = {
            name: self.cleaned_data[name] for name in credentials if self.cleaned_data.get(name)
        }
        if any(name in self.changed_data for name in credentials):
            connection.credentials_set_at = timezone.now()
