"""A trading partner's deviations from RSX, as the data that people enter: `codes`, `required` and `fixed`. Pure."""

from collections.abc import Mapping
from typing import Any

from mappings.codecs import rsx

KEYS = ("codes", "required", "fixed")


def overlay_of(values: Mapping[str, Any], currency: str = "") -> rsx.Overlay:
    """The overlay that `values` describe; `currency` is meant where a document names none."""
    given = {**values, "required": tuple(values.get("required", ()))}
    return rsx.Overlay(currency=currency, **given)


def problems(values: Any) -> list[str]:
    """What is wrong with `values`, as sentences."""
    if not isinstance(values, Mapping):
        return ['Write an object, such as {"required": ["Header.InvoiceHeader.ShipDate"]}.']
    if unknown := values.keys() - set(KEYS):
        return [f"“{min(unknown)}” is not known. Known are: {', '.join(KEYS)}."]
    if not _is_list(values.get("required", [])):
        return ["“required” is a list of paths, such as Header.InvoiceHeader.ShipDate."]
    if not _is_table(values.get("fixed", {})):
        return ["“fixed” is an object from paths to texts."]
    codes = values.get("codes", {})
    if not isinstance(codes, Mapping) or not all(_is_table(one) for one in codes.values()):
        return ["“codes” is an object from vocabularies to objects from words to codes."]
    return [str(problem) for problem in overlay_of(values).problems()]


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())
