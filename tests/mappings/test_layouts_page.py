"""The examples in docs/translation-files.md are right."""

import json
import re
from pathlib import Path

import pytest

from mappings.codecs import layouts

PAGE = Path(__file__).parents[2] / "docs" / "translation-files.md"
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_every_layout_on_the_page_loads(text):
    assert layouts.load(json.loads(text))


def test_every_kind_and_shipped_layout_is_on_the_page():
    text = PAGE.read_text()
    for kind in layouts.KINDS:
        assert f"`{kind}`" in text
    for name in layouts.STANDARD:
        plain = name.rpartition("_")[0] if name.endswith(("_csv", "_xml", "_fixed")) else name
        assert f"`{plain}`" in text
