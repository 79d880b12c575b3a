"""Names of the files that partners get, made from a route's template. Pure."""

import re
from collections.abc import Mapping

PLACEHOLDERS = ("kind", "number", "partner", "date", "time", "sequence", "id")
# One of them in a name, and no two files are named alike.
UNIQUE = ("id", "sequence")
LITERAL = re.compile(r"[A-Za-z0-9._-]*")
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def safe_name(text: str) -> str:
    """`text` as part of a file name: letters, digits, dot, hyphen; at most 40 characters."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", text)[:40].strip("._") or "document"


def template_problem(template: str) -> str:
    """What is wrong with a template, in a sentence; empty if it can be used."""
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    for name in PLACEHOLDER.findall(template):
        if name not in PLACEHOLDERS:
            return f"There is no {{{name}}}. There are {known}."
    if not LITERAL.fullmatch(PLACEHOLDER.sub("", template)):
        return f"Use letters, digits, dots, hyphens and underscores, and in braces {known}."
    if template.startswith(".") or not PLACEHOLDER.sub("x", template).strip("._-"):
        return "A name begins with a letter, a digit or a placeholder."
    return ""


def unique(template: str) -> str:
    """The template, with the id added where no two names would surely differ."""
    if any(f"{{{name}}}" in template for name in UNIQUE):
        return template
    ending = ENDING.search(template)
    cut = ending.start() if ending else len(template)
    return f"{template[:cut]}-{{id}}{template[cut:]}"


def file_name(template: str, values: Mapping[str, str], extension: str) -> str:
    """The name for `values` by placeholder; `extension` is appended unless the template has its own."""
    template = unique(template)
    name = PLACEHOLDER.sub(lambda found: safe_name(values[found[1]]), template)
    return name if ENDING.search(template) else f"{name}.{extension}"
