"""A trading partner from a YAML file: the keys are those of `partners` in the configuration file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError

from mappings.models import TradingPartner
from mappings.translate_command.options import UsageError

ELSEWHERE = frozenset({"places", "links"})
"""What a partner in the configuration file says beside: where it is served, and whom it is in FreshBooks."""


def read_partner(path: Path, code: str = "") -> TradingPartner:
    """The partner in the file, or the one called `code` among its `partners`. It is not stored.

    Raises `UsageError` with everything that is wrong with it, but for its deviations: they are a matter of the format.
    """
    data = _chosen(path, _loaded(path), code)
    known = {field.name for field in TradingPartner._meta.concrete_fields if field.editable}
    known -= {"id", "tenant"}
    problems = [f"{key}: there is no such key" for key in data if key not in known | ELSEWHERE]
    partner = TradingPartner(**{key: value for key, value in data.items() if key in known})
    partner.code = partner.code or "partner"
    partner.name = partner.name or partner.code
    try:
        partner.clean_fields(exclude={"tenant"})
    except ValidationError as error:
        problems += [f"{key}: {text}" for key, texts in error.message_dict.items() for text in texts]
    if problems:
        raise UsageError("\n".join(f"{path}: {problem}" for problem in problems))
    return partner


def _loaded(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not YAML: {error}") from error


def _chosen(path: Path, data: Any, code: str) -> dict[str, Any]:
    """The mapping of the one partner that is meant."""
    if isinstance(data, dict) and isinstance(data.get("partners"), list):
        partners = [each for each in data["partners"] if isinstance(each, dict)]
    else:
        partners = [data] if isinstance(data, dict) else []
    names = [str(each.get("code", "")) for each in partners]
    if code:
        partners = [each for each in partners if str(each.get("code", "")) == code]
    if len(partners) == 1:
        return partners[0]
    if not names:
        raise UsageError(f"{path} holds no partner: keys such as sender_id and receiver_id are expected.")
    raise UsageError(f"{path} holds the partners {', '.join(names)}: say which with --partner-code.")
