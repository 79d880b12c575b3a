"""A form field and widget for secrets: set, replace or clear one without ever showing it."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField


@dataclass(frozen=True)
class StoredSecret:
    """What may be shown of a secret: its last characters, and when it was set if that is known."""

    tail: str
    set_at: dt.datetime | None

    @classmethod
    def describe(cls, secret: str, set_at: dt.datetime | None = None) -> "StoredSecret":
        """The last four characters; none of a key, whose end says nothing, nor of a secret that is short."""
        text = secret.strip()
        return cls(tail="" if len(text) < 12 or text.endswith("-----") else text[-4:], set_at=set_at)


@dataclass(frozen=True)
class _Entry:
    """What a browser sent for a secret."""

    value: str = field(repr=False)
    clear: bool


class SecretInput(forms.Widget):
    """Write-only: shows `StoredSecret`, an empty input to set or replace it, and a box to clear it.

    A rejected form comes back with the input empty, so a secret is never in a page.
    """

    template_name = "connections/widgets/secret.html"

    def __init__(self, attrs: dict[str, Any] | None = None, *, multiline: bool = False) -> None:
        super().__init__(attrs)
        self.multiline = multiline

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        stored = value if isinstance(value, StoredSecret) else None
        attrs = {"autocomplete": "new-password" if not self.multiline else "off", "spellcheck": "false"} | (
            attrs or {}
        )
        context = super().get_context(name, None, attrs)
        context["widget"].update(
            stored=stored,
            multiline=self.multiline,
            clear_name=self.clear_name(name),
            can_clear=stored is not None and not self.is_required,
        )
        return context

    @staticmethod
    def clear_name(name: str) -> str:
        return f"{name}-clear"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> _Entry:
        value = data.get(name) or ""
        if self.multiline:
            # Browsers send the lines of a text area with CR LF, whatever was pasted.
            value = value.replace("\r\n", "\n")
        return _Entry(value=value, clear=bool(data.get(self.clear_name(name))))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and self.clear_name(name) not in data

    def use_required_attribute(self, initial: Any) -> bool:
        return super().use_required_attribute(initial) and not initial


class SecretField(forms.CharField):
    """Set, replace or clear a secret. Its initial value is the stored secret, which never reaches the page.

    Cleans to the new secret; to the stored one when nothing was entered; to `empty_value` (None) when it was
    cleared, which needs `required=False`. `form.changed_data` tells whether the user changed it. When it was
    set is shown if `set_at` is given, or if the form's instance has a `<field>_set_at`.
    """

    widget = SecretInput

    def __init__(self, *, set_at: dt.datetime | None = None, multiline: bool = False, **kwargs: Any) -> None:
        kwargs.setdefault("widget", SecretInput(multiline=multiline))
        # A trailing line feed belongs to a PEM key, a leading space may belong to a password.
        kwargs.setdefault("strip", False)
        kwargs.setdefault("empty_value", None)
        super().__init__(**kwargs)
        self.set_at = set_at
        self.stored: str | None = None

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> BoundField:
        self.stored = form.get_initial_for_field(self, field_name) or None
        instance = getattr(form, "instance", None)
        self.set_at = self.set_at or getattr(instance, f"{field_name}_set_at", None)
        return super().get_bound_field(form, field_name)

    def prepare_value(self, value: Any) -> StoredSecret | None:
        return StoredSecret.describe(value, self.set_at) if value else None

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def clean(self, value: Any) -> str | None:
        """`value` is what the widget read. Raises `ValidationError` as every field does."""
        entry = value if isinstance(value, _Entry) else _Entry(value=value or "", clear=False)
        if entry.value:
            return super().clean(entry.value)
        if entry.clear and not self.required:
            return self.empty_value
        if self.stored is not None:
            return self.stored
        return super().clean("")

    def has_changed(self, initial: Any, data: Any) -> bool:
        if not isinstance(data, _Entry):
            return bool(data) and data != initial
        if data.value:
            return data.value != (initial or "")
        return data.clear and not self.required and bool(initial)
