"""Telling an error: what happened, where, what to do next; for people and for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from soakctl import __version__
from soakctl.cli.failure import tell, tell_fault
from soakctl.cli.options import GLOBALS
from soakctl.errors import (
    ConfigError,
    DependencyError,
    ExitCode,
    NoDataError,
    SoakctlError,
    UnavailableError,
    UsageError,
    strongest,
)

TOKEN = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"


@pytest.fixture(autouse=True)
def _nothing_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(GLOBALS, "json", False)


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (SoakctlError("it went wrong"), 1, "soakctl: it went wrong\n  exit 1 (EXCEPTION)\n"),
        (
            ConfigError("unknown key 'x'", hint="Did you mean 'y'?", where="soakctl.yaml:3"),
            3,
            "soakctl: soakctl.yaml:3: unknown key 'x'\n  hint: Did you mean 'y'?\n  exit 3 (CONFIG_ERROR)\n",
        ),
        (NoDataError("no run"), 3, "soakctl: no run\n  exit 3 (CONFIG_ERROR)\n"),
        (DependencyError("no numpy"), 5, "soakctl: no numpy\n  exit 5 (DEPENDENCY_ERROR)\n"),
        (UsageError("--x?"), 64, "soakctl: --x?\n  exit 64 (USAGE)\n"),
        (
            UnavailableError("cannot write /a", where="/a"),
            69,
            "soakctl: cannot write /a\n  exit 69 (UNAVAILABLE)\n",  # said once
        ),
    ],
)
def test_an_error_is_told_on_stderr(
    capsys: pytest.CaptureFixture[str], error: SoakctlError, code: int, text: str
) -> None:
    """Message, place, hint and the code with its name."""
    assert tell(error, ["soak"]) == code
    assert capsys.readouterr() == ("", text)


@pytest.mark.parametrize(
    ("argv", "globally", "document"),
    [
        (["gate", "--json"], False, True),
        (["gate"], True, True),
        (["gate"], False, False),
        (["soak", "--", "service", "--json"], False, False),  # the service's flag, not ours
        (["soak", "--json", "--", "service"], False, True),
    ],
)
def test_with_json_an_error_is_one_document(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    argv: list[str],
    globally: bool,
    document: bool,
) -> None:
    """Code, name, message, hint and place; people's text stays on stderr."""
    monkeypatch.setattr(GLOBALS, "json", globally)
    tell(NoDataError("no run", hint="make one", where="/x"), argv)
    out, err = capsys.readouterr()
    assert err.startswith("soakctl: /x: no run\n")
    if not document:
        assert out == ""
        return
    assert json.loads(out) == {
        "schema": "soakctl.error/1",
        "error": {"code": 3, "name": "CONFIG_ERROR", "message": "no run", "hint": "make one", "where": "/x"},
    }


def test_no_secret_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """In message, hint and place alike, and in the document."""
    tell(SoakctlError(f"refused {TOKEN}", hint=f"use {TOKEN}", where=f"https://me:{TOKEN}@host/"), ["x", "--json"])
    assert TOKEN not in "".join(capsys.readouterr())


def _fault_report(err: str) -> Path:
    found = re.search(r"soakctl: (\S*soakctl-fault-\S+\.txt): ", err)
    assert found is not None, err
    return Path(found[1])


def test_a_fault_of_ours_leaves_a_report_to_paste(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Versions, the command and the traceback, without secrets; the code is never that of the service."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(KeyError) as fault:
        dict[str, str]()[f"token={TOKEN}"]
    assert tell_fault(fault.value, ["soak", "--", "service", f"--token={TOKEN}"]) == ExitCode.INTERNAL
    out, err = capsys.readouterr()
    assert out == ""
    assert "KeyError" in err
    assert "  hint: Please report it with that file.\n  exit 70 (INTERNAL)\n" in err
    report = _fault_report(err).read_text(encoding="utf-8")
    assert report.startswith(f"soakctl {__version__}\nPython ")
    assert "$ soakctl soak -- service" in report
    assert "Traceback (most recent call last):" in report
    assert TOKEN not in report + err


def test_a_fault_with_odd_bytes_in_it_is_reported_as_well(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An argument may hold any byte; the report of a fault must not be the next fault."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert tell_fault(RuntimeError("x"), ["soak", "--", "caf\udce9"]) == ExitCode.INTERNAL
    assert "caf?" in _fault_report(capsys.readouterr().err).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("codes", "first"),
    [
        ([], "SUCCESS"),
        (["SUCCESS"], "SUCCESS"),
        (["EXCEPTION", "SUCCESS"], "EXCEPTION"),
        (["EXCEPTION", "STALLED", "API_ERROR", "DEPENDENCY_ERROR", "CONFIG_ERROR"], "CONFIG_ERROR"),
        (["CONFIG_ERROR", "INTERRUPTED"], "INTERRUPTED"),
        (["INTERRUPTED", "INTERNAL"], "INTERNAL"),
    ],
)
def test_where_several_codes_apply_the_first_of_a_fixed_order_holds(codes: list[str], first: str) -> None:
    """70, then the signals, then 3, 5, 4, 2, 1."""
    assert strongest(ExitCode[code] for code in codes) is ExitCode[first]
    assert strongest(ExitCode[code] for code in reversed(codes)) is ExitCode[first]


def test_the_three_signals_share_a_name() -> None:
    """Hanging up, Ctrl-C and SIGTERM are interruptions."""
    assert {code.label for code in (ExitCode.HANGUP, ExitCode.INTERRUPTED, ExitCode.TERMINATED)} == {"INTERRUPTED"}
    assert [int(code) for code in (ExitCode.HANGUP, ExitCode.INTERRUPTED, ExitCode.TERMINATED)] == [129, 130, 143]
