"""The parts of a page that show an EDI partner and let people choose its verdicts."""

from typing import Any

from markupsafe import Markup

from connections.sandbox import pages
from connections.sandbox.edi.documents import Verdict
from connections.sandbox.edi.partner import EdiPartner

SHOWN = 100
VERDICTS = {
    Verdict.ACCEPT.value: "accept",
    Verdict.ACCEPT_WITH_ERRORS.value: "accept with errors",
    Verdict.REJECT.value: "reject",
    Verdict.PARTIAL.value: "accept in part",
    Verdict.NEVER.value: "never answer",
}


def verdict_forms(to: str, company: EdiPartner, ack_after: float, *more: Markup) -> Markup:
    """The forms that set the verdict on everything (with the fields `more`) and on one number."""
    for_all = pages.form(
        to,
        "Save",
        pages.choice_field("verdict", "Verdict on everything", VERDICTS, company.verdict),
        pages.text_field("ack_after", "Answer after (seconds)", f"{ack_after:g}", "number"),
        *more,
    )
    for_one = pages.form(
        to,
        "Set for one number",
        pages.text_field("key", "Invoice or other number"),
        pages.choice_field("value", "Verdict", {"": "as for everything", **VERDICTS}),
        pair="verdicts",
    )
    single = ", ".join(f"{number}: {VERDICTS[verdict]}" for number, verdict in company.verdicts.items())
    return for_all + for_one + pages.paragraph(f"Set for single numbers: {single or 'none'}.")


def documents_table(documents: list[dict[str, Any]]) -> Markup:
    """The newest documents that the partner got."""
    rows = [
        (
            pages.when(one["at"]),
            one["kind"],
            one["number"],
            one["interchange"],
            "yes" if one["taken"] else "refused",
        )
        for one in documents[-SHOWN:]
    ]
    return pages.table(
        ("Got at (UTC)", "Kind", "Number", "Interchange", "Taken"), rows, empty="Nothing came yet."
    )


def complaints_table(complaints: list[dict[str, Any]]) -> Markup:
    """The newest complaints; the name of the partner stands before them where there is one."""
    rows = [
        (pages.when(one["at"]), one.get("partner", ""), one["kind"], one["source"], one["text"])
        for one in complaints[-SHOWN:]
    ]
    return pages.table(("At (UTC)", "Partner", "Kind", "File", "Text"), rows, empty="Nobody complains.")
