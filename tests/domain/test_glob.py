"""Patterns of paths."""

from __future__ import annotations

import pytest

from soakctl.domain.glob import matches


@pytest.mark.parametrize(
    ("glob", "path", "expected"),
    [
        ("*.log", "a.log", True),
        ("*.log", "logs/a.log", False),
        ("**/*.log", "a.log", True),
        ("**/*.log", "logs/old/a.log", True),
        ("logs/**", "logs/old/a.log", True),
        ("logs", "logs/old/a.log", True),
        ("logs/", "logs/a.log", True),
        ("./logs/*.log", "logs/a.log", True),
        ("logs", "logs2/a.log", False),
        ("a?.py", "ab.py", True),
        ("a[0-9].py", "a7.py", True),
        ("a[!0-9].py", "a7.py", False),
        ("a(1).py", "a(1).py", True),
        ("a\\b.py", "a/b.py", True),
    ],
)
def test_patterns(glob: str, path: str, expected: bool) -> None:
    """`*` stays within a folder, `**` does not; a folder means all in it."""
    assert matches(path, [glob]) is expected
