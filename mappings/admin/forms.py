"""Rows that join a connection and a partner: both of one organisation, which the row then belongs to."""

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from mappings.models import TradingPartner


class JoiningForm(forms.ModelForm):
    """`tenant` is never entered: it is the connection's."""

    # The partner whose page the form is part of, if it is.
    owner: TradingPartner | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        connection, partner = cleaned.get("connection"), cleaned.get("partner") or self.owner
        if connection is None:
            return cleaned
        if partner is not None and partner.tenant_id != connection.tenant_id:
            raise ValidationError("The connection and the partner belong to different organisations.")
        self.instance.tenant_id = connection.tenant_id
        return cleaned


class OverlayField(forms.JSONField):
    """The deviations of a partner: a JSON object over several lines; a mistake is named by its place."""

    widget = forms.Textarea(
        {"rows": 12, "cols": 60, "class": "vLargeTextField overlay", "spellcheck": "false"}
    )

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return {}
        try:
            overlay = json.loads(value)
        except json.JSONDecodeError as error:
            where = f"Line {error.lineno}, column {error.colno}"
            raise ValidationError(f"{where}: this is no JSON ({error.msg}).") from None
        if not isinstance(overlay, dict):
            raise ValidationError("Write an object: keys and values in braces.")
        return overlay

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value or {}, indent=2, ensure_ascii=False)
