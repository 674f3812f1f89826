"""What a redactor promises for any input: configured values never show, twice is once, nothing raises."""

from __future__ import annotations

import base64
import json
import string
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from soakctl.errors import ConfigError
from soakctl.redact import Redactor

if TYPE_CHECKING:
    from collections.abc import Callable

# Words, signs and marks that the rules look for, so that random text is not only random.
PIECES = st.sampled_from(
    [
        *("password", "token", "api_key", "apiKey", "secret", "Authorization", "Bearer ", "Basic ", "order_id", "pass"),
        *("session", "Cookie", "auth", "key", "--api-key", "-u ", "curl ", "mnemonic", "order id", "private_key"),
        *(
            "=",
            ":",
            ": ",
            '"',
            "'",
            "\\",
            '\\"',
            "[",
            "]",
            "{",
            "}",
            "(",
            ")",
            "<",
            ">",
            ",",
            ";",
            "&",
            "@",
            "://",
            "/",
        ),
        *(
            "http://",
            "postgres://u:",
            "8.8.8.8",
            "2606:4700::1111",
            "user@example.com",
            "%3D",
            "%40",
            "\n",
            "\r\n",
            " ",
        ),
        *("[REDACTED:password]", "[REDACTED:email]", "[REDACTED]", "[***]", "REDACTED", "AKIAZ7QH2MPLX4TWB9KD"),
        *(
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC",
            "eyJhbGciOiJI.",
        ),
        *("hunter2", "abc", "123456", "null", "${X}", "é", "İ", "🚀", "\udcff", "version ", "x=", "=1", "the", " is "),
    ]
)
TEXT = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=14).map("".join),
)
SECRET = st.text(
    st.sampled_from(string.ascii_letters + string.digits + "+/=_-.$%&!@#*'\"\\ :;,~<>[]{}éß🚀"), min_size=6, max_size=40
).filter(lambda secret: len(secret.strip()) >= 6)

FORMS: dict[str, Callable[[str], str]] = {
    "plain": lambda secret: secret,
    "url": lambda secret: quote(secret, safe=""),
    "url path": quote,
    "form": quote_plus,
    "json": lambda secret: json.dumps(secret)[1:-1],
    "json unicode": lambda secret: json.dumps(secret, ensure_ascii=False)[1:-1],
    "repr": lambda secret: repr(secret)[1:-1],
    "hex": lambda secret: secret.encode().hex(),
    "hex capitals": lambda secret: secret.encode().hex().upper(),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode().rstrip("="),
    "base64 url": lambda secret: base64.urlsafe_b64encode(secret.encode()).decode().rstrip("="),
}


@given(secret=SECRET, before=TEXT, after=TEXT, form=st.sampled_from(sorted(FORMS)))
@settings(max_examples=400)
@example(secret="secret", before="", after="=x", form="plain")
@example(secret="REDACTED", before="password=", after="", form="plain")
@example(secret="[REDACTED]", before="", after="", form="plain")
@example(secret="password", before="password=hunter2 ", after="", form="plain")
def test_a_configured_secret_never_shows(secret: str, before: str, after: str, form: str) -> None:
    """A configured secret is hidden in every form and wherever it stands."""
    shown = FORMS[form](secret.strip())
    assert shown not in Redactor({"NAME": secret}).text(f"{before}{shown}{after}")


@given(secret=SECRET, before=st.binary(max_size=8), after=st.binary(max_size=8))
@settings(max_examples=200)
def test_a_secret_never_shows_inside_base64(secret: str, before: bytes, after: bytes) -> None:
    """A secret that was encoded together with other text is hidden, whatever its alignment."""
    plain = secret.strip().encode()
    encoded = base64.b64encode(before + plain + after).decode()
    shown = Redactor({"NAME": secret}).text(f"x {encoded} y").replace("[REDACTED:NAME]", " ")
    for start in range(4):  # whatever is left decodes to nothing that holds the secret
        for word in shown.split():
            assert plain not in base64.b64decode(word[start : start + (len(word) - start) // 4 * 4])


@given(text=TEXT)
@settings(max_examples=600)
def test_twice_is_once(text: str) -> None:
    """Redacting redacted text changes nothing, and lines stay lines."""
    redactor = Redactor()
    once = redactor.text(text)
    assert redactor.text(once) == once
    assert once.count("\n") == text.count("\n")


@given(secrets=st.dictionaries(st.text(max_size=8), st.one_of(SECRET, TEXT), max_size=3), text=TEXT)
@settings(max_examples=400)
@example(secrets={"A": "secret"}, text="token=secret password=abc")
@example(secrets={"A": "]abcde", "B": "xxxxxx"}, text="xxxxxxabcde")
@example(secrets={"A": "x"}, text="password=x x=x")
def test_twice_is_once_with_secrets(secrets: dict[str, str], text: str) -> None:
    """Configured secrets, also odd ones, leave redaction stable, and never make it raise."""
    redactor = Redactor(secrets)
    once = redactor.text(text)
    assert redactor.text(once) == once


@given(lines=st.lists(TEXT.map(lambda text: text.replace("\n", " ").replace("-----", "")), max_size=5))
def test_a_block_is_its_lines(lines: list[str]) -> None:
    """A block gives what its lines give one by one, and what a stream gives, as text and as bytes."""
    redactor = Redactor({"NAME": "hunter2"})
    expected = "\n".join(map(redactor.text, lines))
    block = "\n".join(lines)
    assert redactor.text(block) == expected
    assert "\n".join(map(redactor.stream().line, lines)) == expected
    raw = block.encode("utf-8", "surrogateescape")
    assert redactor.block(raw) == expected.encode("utf-8", "surrogateescape")


@given(data=st.binary(max_size=80))
def test_any_bytes(data: bytes) -> None:
    """Bytes that are no text come back as they were where nothing is hidden, and never raise."""
    done = Redactor().block(b"password=hunter2 \xff\xfe\n" + data)
    assert done.startswith(b"password=[REDACTED:password] \xff\xfe\n")


@pytest.mark.parametrize(
    "line",
    ["a" * 100_000, "1." * 50_000, "=" * 100_000, "@" * 100_000, " " * 100_000, ":" * 100_000, "a@b." * 25_000],
    ids=lambda line: line[:4],
)
def test_long_dull_lines_stay(line: str) -> None:
    """A line of 100 KB of one thing holds no secret and stays."""
    assert Redactor().text(line) is line


def test_names_the_secret() -> None:
    """What was hidden is named by the secret's name, the longest secret first."""
    redactor = Redactor({"SHORT": "abcdef", "LONG": "abcdefghi"})
    assert redactor.names == ("SHORT", "LONG")
    assert redactor.text("x abcdefghi y abcdef") == "x [REDACTED:LONG] y [REDACTED:SHORT]"


def test_a_mark_never_shows_a_secret() -> None:
    """A secret that is part of a replacement makes the replacement say less."""
    assert Redactor({"A": "secret"}).text("secret_key=abc") == "[REDACTED:A]_key=[REDACTED]"
    assert Redactor({"A": "REDACTED"}).text("pw REDACTED") == "pw [***]"


@pytest.mark.parametrize(
    ("value", "line", "expected"),
    [
        ("1234", "pin=1234 n=12345", "pin=[REDACTED:PIN] n=12345"),
        ("1234", "took 1234 ms, id 1234", "took 1234 ms, id 1234"),
        ("1234", "app --pin 1234 --n 1234x", "app --pin [REDACTED:PIN] --n 1234x"),
        ("1234", '{"pin": "1234", "x": "12345"}', '{"pin": "[REDACTED:PIN]", "x": "12345"}'),
        ("7", "retries=7 pin=7", "retries=7 pin=[REDACTED:PIN]"),
        ("test", "env=test PIN=test", "env=test PIN=[REDACTED:PIN]"),
        ("dummy", "api_key=dummy mode=dummy", "api_key=[REDACTED:PIN] mode=dummy"),
        ("", "pin= x", "pin= x"),
    ],
)
def test_short_values_only_as_a_whole_value(value: str, line: str, expected: str) -> None:
    """A short or missing value is hidden only as the whole value of a key; the shortest only under a telling key."""
    redactor = Redactor({"PIN": value})
    assert redactor.text(line) == expected
    assert redactor.text(expected) == expected


def test_secrets_of_several_lines() -> None:
    """A secret of several lines is hidden whole, and line by line in a stream; the number of lines stays."""
    secret = "first line of it\nab\nlast line of it\n"
    redactor = Redactor({"FILE": secret})
    assert redactor.text(f"got {secret.strip()}.").count("\n") == 2
    assert "line of it" not in redactor.text(f"got {secret.strip()}.")
    stream = redactor.stream()
    assert [stream.line(line) for line in secret.splitlines()] == ["[REDACTED:FILE]", "ab", "[REDACTED:FILE]"]
    assert "first" not in redactor.text(json.dumps({"x": secret}))


def test_extra_patterns_are_hidden_too() -> None:
    """A pattern of the user's own is hidden, or only its group `secret`."""
    redactor = Redactor(extra=[r"ACC-\d+", r"desk (?P<secret>\w+)"])
    assert redactor.text("ACC-1 at desk blue\nno ACC-x") == "[REDACTED:extra] at desk [REDACTED:extra]\nno ACC-x"


@pytest.mark.parametrize("pattern", [r"\[.*\]", "REDACTED", "extra", ".", r"\w+"])
def test_greedy_extra_patterns_are_stable(pattern: str) -> None:
    """A pattern that would match replacements leaves them alone."""
    redactor = Redactor(extra=[pattern])
    once = redactor.text("mail a@b.io [REDACTED:email] [x]")
    assert redactor.text(once) == once
    assert "a@b.io" not in once


def test_keep_patterns_stay() -> None:
    """What a built-in rule would hide stays inside a match of `keep`; a configured secret is hidden all the same."""
    redactor = Redactor({"S": "ops@example.com"}, keep=[r"\w+@example\.com", r"8\.8\.8\.8"])
    assert redactor.text("dev@example.com ops@example.com a@b.io 8.8.8.8") == (
        "dev@example.com [REDACTED:S] [REDACTED:email] 8.8.8.8"
    )


def test_an_invalid_pattern_is_a_configuration_error() -> None:
    """A pattern that does not compile says which one it is."""
    with pytest.raises(ConfigError, match="not a regular expression") as raised:
        Redactor(keep=["ok", "("])
    assert raised.value.where == "redact.keep[1]"


def test_untouched_text_is_the_same_object() -> None:
    """Text with nothing to hide is not copied."""
    redactor = Redactor({"NAME": "hunter2"})
    text, data = "all is well\nstill " * 20, b"all is well \xff\n" * 20
    assert redactor.text(text) is text
    assert redactor.block(data) is data


def test_a_value_within_a_secret_is_hidden() -> None:
    """As some configurations write it."""
    document = {"secret": {"value": "Hunter2Leak", "from": "vault"}, "mode": {"value": "fast"}}
    assert Redactor().value(document) == {**document, "secret": {"value": "[REDACTED:secret]", "from": "vault"}}


def test_a_command_line_as_a_list_loses_what_is_glued_to_its_flag() -> None:
    """As records and process trees hold it; other lists are not touched."""
    shown = Redactor().value({"command": ["python3", "svc.py", 1, "-p8080", "-pMYSQLPW123", "--token", "abc123"]})
    assert shown["command"][2:5] == [1, "-p8080", "-p[REDACTED:password]"]
    assert shown["command"][6] == "[REDACTED:token]"
    assert Redactor().value(shown) is shown
    ports = ["-p8080:80", "-profile"]
    assert Redactor().value(ports) is ports
