"""The soakctl.yaml that `init` drafts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.adapters.config_file import parse
from soakctl.domain.config.lint import lint
from soakctl.errors import UsageError
from soakctl.services.init import draft
from soakctl.services.init_known import KNOWN, program

if TYPE_CHECKING:
    from soakctl.domain.config.root import Config


def _config(*command: str) -> Config:
    return parse(draft(command, directory="my project").text, "soakctl.yaml")


READY = [
    ("uvicorn app:app", "127.0.0.1:8000"),
    ("uvicorn app:app --port 9000 --host 0.0.0.0", "127.0.0.1:9000"),
    ("python -m uvicorn app:app --port=9000", "127.0.0.1:9000"),
    ("uv run uvicorn app:app", "127.0.0.1:8000"),
    ("gunicorn -b 10.0.0.1:80 app:app", "10.0.0.1:80"),
    ("gunicorn --bind=0.0.0.0:80 app:app", "127.0.0.1:80"),
    ("gunicorn --bind unix:/tmp/x.sock app:app", None),
    ("gunicorn --bind", None),
    ("python3.12 -m http.server", "127.0.0.1:8000"),
    ("python -m http.server 9999", "127.0.0.1:9999"),
    ("python manage.py runserver 0.0.0.0:7000", "127.0.0.1:7000"),
    ("redis-server --port 7777", "127.0.0.1:7777"),
    ("/usr/sbin/nginx -g 'daemon off;'", None),
    ("node server.js", None),
    ("python -m risk_manager", None),
    ("uvicorn app:app --port 99999", None),
]


@pytest.mark.parametrize(("command", "tcp"), READY)
def test_the_port_of_known_servers_is_found(command: str, tcp: str | None) -> None:
    """Where a server will answer is read off its command; where that cannot be told, nothing is claimed."""
    ready = _config(*command.split()).service.ready
    assert (ready.tcp if ready else None) == tcp


NAMES = [
    ("python -m risk_manager", "risk_manager"),
    ("env A=1 python -u src/worker.py --fast", "worker"),
    ("./run.sh", "run"),
    ("uvicorn app:app", "my-project"),
    ("redis-server", "redis-server"),
    ("C:\\bin\\app.exe", "app"),
    ("./7zip", "service-7zip"),
    ("yes", "yes"),
    ("env", "my-project"),
]


@pytest.mark.parametrize(("command", "name"), NAMES)
def test_the_service_gets_a_name_of_its_own(command: str, name: str) -> None:
    """The module, script or program names it; a web server says little, so there the directory does."""
    assert _config(*command.split()).service.name == name


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_what_is_known_of_a_program_makes_a_sound_file(name: str) -> None:
    """Valid, without a warning, with its checkpoints and with one that proves life."""
    command = ["python", name] if name.endswith(".py") else ["python", "-m", name] if "." in name else [name]
    assert program(command)[0] == name
    config = _config(*command)
    assert lint(config) == ()
    assert len(config.smoke.checkpoints) == len(KNOWN[name].checkpoints)


def test_stopping_suits_the_program() -> None:
    """A server like nginx ends gracefully on SIGQUIT, a JVM with 143."""
    assert _config("nginx").service.stop.signal == 3
    assert _config("java", "-jar", "x.jar").service.stop.clean_exit == (0, 143)


def test_without_a_command_the_file_is_still_valid() -> None:
    """Everything but the name is left to be filled in."""
    config = _config()
    assert (config.service.command, config.service.name, lint(config)) == (None, "my-project", ())


def _uncommented(text: str) -> str:
    """The file with its examples taken in: lines that hold a key or an entry behind the mark."""
    rows = []
    for row in text.splitlines():
        head, mark, rest = row.partition("# ")
        example = mark and not head.strip() and rest.lstrip()[:1] not in {"", "W"} and ":" in rest
        rows.append(head + rest if example and not rest.startswith((" soakctl", "soakctl", "What")) else row)
    return "\n".join(rows)


def test_the_examples_in_the_comments_are_valid() -> None:
    """Taking the mark off an example never leads to an error."""
    text = draft(["python", "app.py"], directory="x").text
    config = parse(_uncommented(text), "soakctl.yaml")
    assert config.service.secrets[0].name == "API_KEY"
    assert config.service.liveness is not None
    assert [checkpoint.name for checkpoint in config.smoke.checkpoints] == ["started", "ready"]
    assert config.smoke.failures[0].exit == "API_ERROR"
    assert config.kpis[0].max == 340
    assert config.gate.resources.rss_slope == 1e6


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1), st.text())
def test_any_command_is_written_so_that_it_reads_back_the_same(command: list[str], directory: str) -> None:
    """Quotes, braces, control characters and words like yes survive."""
    if not command[0]:
        command[0] = "x"
    config = parse(draft(command, directory=directory).text, "soakctl.yaml")
    assert config.service.command == tuple(command)


def test_bytes_that_are_no_text_are_refused() -> None:
    """A file in UTF-8 cannot hold them."""
    with pytest.raises(UsageError, match="not UTF-8"):
        draft(["x", "caf\udce9"], directory="x")


NOTES = [
    (["nginx"], "nginx must stay in the foreground: start it with -g 'daemon off;'"),
    (["nginx", "-g", "daemon off;"], None),
    (["app", "--api-key", "x"], "the command seems to hold a secret"),
    (["app", "--db-password=x"], "the command seems to hold a secret"),
    (["app", "--port", "1"], None),
]


@pytest.mark.parametrize(("command", "note"), NOTES)
def test_what_a_person_should_know_is_noted(command: list[str], note: str | None) -> None:
    """A daemon that would run away, a secret that would be committed."""
    notes = draft(command, directory="x").notes
    assert (notes == ()) if note is None else notes[0].startswith(note)
