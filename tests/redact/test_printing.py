"""`safe_print`: as print, with nothing secret in it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from soakctl.redact import Redactor, safe_print

if TYPE_CHECKING:
    import pytest


def test_it_prints_as_print_does(capsys: pytest.CaptureFixture[str]) -> None:
    """Values, what is between them and what ends them."""
    safe_print("a", 1, None, [2, "b"], sep="-", end="!\n")
    safe_print()
    assert capsys.readouterr().out == "a-1-None-[2, 'b']!\n\n"


def test_secrets_are_hidden() -> None:
    """By their look, by the name beside them, also when it is another value, and those that are configured."""
    out = io.StringIO()
    safe_print("login password=hunter2", {"api_key": "k1"}, "of bob@example.com", file=out)
    safe_print("the word is", "kestrel meadow", file=out, redactor=Redactor({"WORD": "kestrel meadow"}), flush=True)
    safe_print("password", "hT7fk2Lq9z", sep="=", file=out)
    assert out.getvalue().splitlines() == [
        "login password=[REDACTED:password] {'api_key': '[REDACTED:api-key]'} of [REDACTED:email]",
        "the word is [REDACTED:WORD]",
        "password=[REDACTED:password]",
    ]
