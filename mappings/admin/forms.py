"""Rows that join a connection and a partner: both of one organisation, which the row then belongs to."""

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
