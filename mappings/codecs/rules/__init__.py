"""A partner's rules for the segments of a message, for X12 and EDIFACT alike: data, checked, and put into effect.

    {"set": {"BIG08": "00", "RFF[VN]01-2": "{references.vendor_order}"},
     "add": [{"segment": "REF", "elements": ["ZZ", "{line.references.gl_segment}"], "in": "IT1"}],
     "suppress": ["PID", "NAD[SU]"],
     "require": {"BIG04": "PO number", "RFF[ON]": "order number"},
     "allow": {"IT103": ["EA", "CA"], "QTY01-3": ["PCE"]},
     "truncate": ["N102", "IMD03-4"],
     "read": {"BIG05": "references.department"}}

`BIG08` is an element, `RFF01-2` a component of a composite one, `REF[DP]03` that of the segments with DP in their first
element, `PID` a segment. A text may hold the content of the document in braces: a path of fields, where references,
parties, dates and identifiers go by their kind; in a line's loop, `line.` begins at the line. What is empty changes
nothing, and adds no segment.
"""

from mappings.codecs.rules.checks import (
    Check,
    RuleChecker,
    check_codes,
    check_flag,
    check_marks,
    check_messages,
    check_overlay,
    check_text,
    problem,
)
from mappings.codecs.rules.edits import Rules, Target, edit, forbidden, missing, put_read

__all__ = [
    "Check",
    "RuleChecker",
    "Rules",
    "Target",
    "check_codes",
    "check_flag",
    "check_marks",
    "check_messages",
    "check_overlay",
    "check_text",
    "edit",
    "forbidden",
    "missing",
    "problem",
    "put_read",
]
