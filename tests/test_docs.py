"""The documentation holds what it promises: its links lead somewhere, its configurations are valid."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from soakctl.adapters.config_file import parse

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    page.relative_to(ROOT).as_posix()
    for page in [*ROOT.glob("*.md"), *(ROOT / ".github").rglob("*.md"), *(ROOT / "docs").rglob("*.md")]
)
_LINK = re.compile(r"\[[^\]]*\]\(([^()\s]+(?:\([^()\s]*\))?)\)")
_FENCE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.MULTILINE | re.DOTALL)
_CONFIGURATION = re.compile(r"^```yaml\n((?:#.*\n)*version: 1\n.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)


def _prose(page: str) -> str:
    """The text without its code blocks."""
    return _FENCE.sub("", (ROOT / page).read_text(encoding="utf-8"))


def _anchors(text: str) -> set[str]:
    """The names that headings can be linked by, as GitHub makes them."""
    plain = (re.sub(r"[`*]|\]\([^)]*\)|\[", "", heading).lower() for heading in _HEADING.findall(text))
    return {re.sub(r"[^\w\- ]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    """Each link inside the project names a file that is there, and a heading that is in it."""
    broken = []
    for link in _LINK.findall(_prose(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (anchor and anchor not in _anchors(_prose(str(target)))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES)
def test_configurations_are_valid(page: str) -> None:
    """An example that starts with `version: 1` is a whole soakctl.yaml, and soakctl takes it."""
    for number, text in enumerate(_CONFIGURATION.findall((ROOT / page).read_text(encoding="utf-8")), start=1):
        assert parse(text, f"{page}, configuration {number}").version == 1


def test_there_is_documentation() -> None:
    """The pages that people look for first are there."""
    assert {"README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"} <= set(PAGES)
