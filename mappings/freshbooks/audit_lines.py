"""Our lines in the notes of a FreshBooks invoice: what a partner answered to it.

FreshBooks has no audit trail of its own that could be written to. The lines begin with a mark, so that they are
known for ours: they are no part of the invoice, and a partner never gets them.
"""

MARK = "ml-connector:"


def audit_line(said: str) -> str:
    """`said` as one line for the notes."""
    return f"{MARK} {' '.join(said.split())}"


def without_audit_lines(notes: str) -> str:
    """The notes as people wrote them."""
    lines = notes.splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(MARK)).strip()
