"""Private keys that are spread over the lines of a log."""

from __future__ import annotations

import pytest

from soakctl.redact import Redactor

BODY = [
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
    "MzEfYyjiWA4R4/M2bS1GB4t7NXp98C3SC6dVMvDuictGeurT8jNbvJZHtCSuYEvu",
    "q0==",
]
HIDDEN = "[REDACTED:private-key]"


def stream(lines: list[str]) -> list[str]:
    """What a stream shows of these lines."""
    return list(map(Redactor().stream().line, lines))


@pytest.mark.parametrize("label", ["PRIVATE KEY", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"])
def test_the_body_is_hidden(label: str) -> None:
    """Every line of the body is replaced, what stands around it is not, and the lines stay lines."""
    lines = ["before", f"-----BEGIN {label}-----", *BODY, f"-----END {label}-----", "after ok"]
    expected = ["before", f"-----BEGIN {label}-----", *[HIDDEN] * 3, f"-----END {label}-----", "after ok"]
    assert stream(lines) == expected
    assert stream(expected) == expected
    assert Redactor().text("\n".join(lines)) == "\n".join(expected)


def test_headers_and_blank_lines_of_a_body() -> None:
    """An encrypted key's headers go too."""
    lines = ["-----BEGIN RSA PRIVATE KEY-----", "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-256-CBC,0A1B", "", *BODY]
    assert stream(lines) == [lines[0], HIDDEN, HIDDEN, "", HIDDEN, HIDDEN, HIDDEN]


def test_a_prefix_before_each_line_stays() -> None:
    """Lines with a time and a container's name before them lose only the body."""
    begin, *rest = (
        f"app-1  | 2025-11-21T02:03:0{n} {text}" for n, text in enumerate(["-----BEGIN PRIVATE KEY-----", *BODY])
    )
    assert stream([begin, *rest]) == [begin, *(f"app-1  | 2025-11-21T02:03:0{n} {HIDDEN}" for n in (1, 2, 3))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"log":"', '\\n","stream":"stdout","time":"2026-11-21T02:03:04.5Z"}'),
        ('{"stream":"stderr","log":"', '\\r\\n"}'),
        ('{"level":"info","n":7,"message":"', '","at":"boot"}'),
    ],
)
def test_a_body_logged_as_fields_of_json(before: str, after: str) -> None:
    """As Docker writes each line; the last one is shorter, and what stands beside the body stays."""
    wrapped = [f"{before}{text}{after}" for text in ["-----BEGIN RSA PRIVATE KEY-----", *BODY[:2], "MHeq3pBr=", "Zg=="]]
    end, later = f"{before}-----END RSA PRIVATE KEY-----{after}", f"{before}tick{after}"
    lines = [wrapped[0], f"{before}tick 1 of 2{after}", *wrapped[1:], end, later]
    assert stream(lines) == [*lines[:2], *[f"{before}{HIDDEN}{after}"] * 4, end, later]
    assert Redactor().text("\n".join(lines)).split("\n") == stream(lines)


def test_lines_of_others_between() -> None:
    """Lines of another thread within the key stay, and the body goes on being hidden."""
    lines = ["-----BEGIN PRIVATE KEY-----", BODY[0], "2025-11-21 INFO tick 1", BODY[1], "-----END PRIVATE KEY-----"]
    assert stream(lines) == [lines[0], HIDDEN, lines[2], HIDDEN, lines[4]]


def test_a_key_without_an_end_does_not_hide_the_log() -> None:
    """After some lines that cannot be a body the key is taken to be over."""
    log = [f"2025-11-21 INFO tick {n}" for n in range(8)]
    lines = ["-----BEGIN PRIVATE KEY-----", BODY[0], *log, "ready", "deadbeef" * 8]
    assert stream(lines) == [lines[0], HIDDEN, *log, "ready", "deadbeef" * 8]


def test_a_body_of_any_length_ends() -> None:
    """A key is at most as long as the longest there is; what follows is shown again."""
    shown = stream(["-----BEGIN PRIVATE KEY-----", *[BODY[0]] * 1000])
    assert shown.count(HIDDEN) == 256
    assert shown[-1] == BODY[0]


@pytest.mark.parametrize("label", ["CERTIFICATE", "PUBLIC KEY"])
def test_what_is_public_stays(label: str) -> None:
    """Certificates and public keys are no secrets."""
    lines = [f"-----BEGIN {label}-----", *BODY, f"-----END {label}-----"]
    assert stream(lines) == lines


def test_a_mention_is_no_key() -> None:
    """A sentence about the header line hides nothing."""
    lines = ["expected -----BEGIN PRIVATE KEY----- in key.pem", "giving up", "retrying now"]
    assert stream(lines) == lines
