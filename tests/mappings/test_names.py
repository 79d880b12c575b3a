"""Names of files from a route's template: readable for partners, and never the same twice."""

import pytest

from mappings import names

VALUES = {
    "kind": "invoice",
    "number": "INV/42 ü",
    "partner": "acme",
    "date": "20260301",
    "time": "104200",
    "sequence": "000017",
    "id": "0123456789ab",
}


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{kind}-{number}-{id}", "invoice-INV_42-0123456789ab.x12"),
        ("{partner}_{date}_{sequence}", "acme_20260301_000017.x12"),
        ("{partner}_{date}_{sequence}.EDI", "acme_20260301_000017.EDI"),
        ("{number}", "INV_42-0123456789ab.x12"),
        ("{number}.edi", "INV_42-0123456789ab.edi"),
        ("810.{id}", "810.0123456789ab.x12"),
    ],
)
def test_a_template_becomes_a_name(template: str, name: str) -> None:
    assert names.template_problem(template) == ""
    assert names.file_name(template, VALUES, "x12") == name


@pytest.mark.parametrize(
    "template", ["../{id}", "{id}/x", "{colour}", "{id", "a b{id}", "", "...", ".{id}", "{id!r}", "{id}\n"]
)
def test_what_cannot_be_a_name_is_refused(template: str) -> None:
    assert names.template_problem(template)


def test_no_value_can_leave_the_folder() -> None:
    hostile = {**VALUES, "number": "../../etc/passwd", "partner": "~"}
    assert (
        names.file_name("{partner}-{number}-{id}", hostile, "x12") == "document-etc_passwd-0123456789ab.x12"
    )
