"""The page of a snapshot, and that of a comparison."""

from __future__ import annotations

from typing import Any

import pytest

from soakctl.judge.environment import compare_environments
from soakctl.report.environment import environment_report
from soakctl.report.environment_diff import difference_report
from tests.support.environments import environment

PAGE = """\
Environment at 2025-11-21T02:00:00Z, when asked, soakctl 0.1.0

Is the service running?
  process 4711, for 1h00m, since 2025-11-21T01:00:00Z
  CPU 3.5 % of a core, memory 123 MB, 45 descriptors, 8 threads
  listens on 127.0.0.1:8000
  4711  123 MB  python -m risk_manager
  loaded: libssl.so.3

What may it use?
  container: none, cgroups version 2
  CPU 1.5 cores, memory 1 GB, processes unlimited by its cgroup
  open files 1024 (hard 4096), processes 9999, stack 8.39 MB, address space unlimited

What machine is this?
  Debian 12, kernel 6.1.0, x86_64
  host laptop, up for 24h00m
  4 of 8 CPUs usable (Fast CPU), load 0.5 0.25 0.1
  memory 8 GB available of 16 GB, swap 0 B
  disk 50 GB free of 100 GB
  clock 2025-11-21T02:00:00Z, synchronized
  time zone Europe/Berlin, locale C.UTF-8

How is it started?
  python app.py --port 8000

Where does it run?
  /srv/app
  app.py, data/

Which Python has it?
  CPython 3.11.7, found by command
  /srv/app/.venv/bin/python
  virtual environment /srv/app/.venv of /usr
  with ssl OpenSSL 3.0.13
  3 packages: forked 3, numpy 2.1.0, and 1 that these bring (-v names them)
  forked comes from https://git.example.com/forked at cccccccccccc
  looks for modules in /srv/app

Which variables does it see?
  absent: WANTED
  empty: EMPTY
  LANG=C.UTF-8
  present, not shown: API_KEY, OTHER, SHLVL

Are its credentials there?
  API_KEY: present, from API_KEY
  DB_PASSWORD: MISSING

Is its configuration whole?
  file         state                                  size   changed            hash
  config.yaml  valid yaml, 12 accounts, with secrets  120 B  2025-11-20T00:00Z  dddddddddddd
  gone.yaml    MISSING

Which code is this?
  ffffffffffff on main
  1 changed file: app.py; 2 untracked
  from https://git.example.com/app.git

Can it reach what it needs?
  host                    state    name    connection  certificate
  tls://db.internal:5432  reached  1.5 ms  0.5 ms      until 2025-12-01, 9 days left
"""


def _page(document: dict[str, Any], width: int = 100, *, everything: bool = False) -> str:
    return environment_report(document, everything=everything).plain(width)


def test_the_whole_page() -> None:
    """Questions in the order in which a person asks."""
    assert _page(environment()) == PAGE


def test_what_is_missing_is_told() -> None:
    """Each question says why it has no answer."""
    nothing = environment(
        service=None, python=None, credentials=[], files={}, git=None, network=[], limits=None,
        notes=[{"section": "limits", "problem": "no /proc"}],
    )  # fmt: skip
    page = _page(nothing)
    for told in (
        "no running service is known", "not found out: no /proc", "it is not run by Python", "none are configured",
        "not a git repository", "no hosts are configured",
    ):  # fmt: skip
        assert told in page


def test_what_belongs_to_no_question_is_told_at_the_end() -> None:
    """No key, no environment of the process."""
    page = _page(environment(notes=[{"section": "", "problem": "no key can be kept"}]))
    assert page.endswith("What else is not known?\n  no key can be kept\n")


def test_escapes_of_terminals_are_taken_out() -> None:
    """A file may have any name."""
    listing = [{"name": "\x1b[31mred\x07", "kind": "file", "size_bytes": 1}]
    page = _page(environment(directory__listing=listing, variables__LANG__value="\x1b]0;title\x07C"))
    assert "\x1b" not in page
    assert "\x07" not in page


def test_everything_names_every_package() -> None:
    """The ones that others bring are counted otherwise."""
    assert "six 1.16" not in _page(environment())
    assert "six 1.16" in _page(environment(), everything=True)


@pytest.mark.parametrize("days", [-1, 5, 300])
def test_the_end_of_a_certificate_is_judged(days: int) -> None:
    """Over, soon, or a date."""
    document = environment()
    document["network"][0]["tls"]["expires_days"] = days
    page = _page(document)
    assert ("EXPIRED" in page, "5 days left" in page) == (days < 0, days == 5)


def test_a_long_name_of_a_host_stays_whole() -> None:
    """On a line of its own, and what was found under it."""
    document = environment()
    name = "orders-database.eu-central-1.rds.internal.example.com:5432"
    document["network"][0] |= {"target": name, "reached": True}
    lines = _page(document, 80).splitlines()
    assert lines[lines.index(f"  {name}") + 1].startswith("    reached, name ")


def test_a_short_name_of_a_host_is_not_torn_by_a_long_problem() -> None:
    """The columns would be too wide together."""
    document = environment()
    document["network"][0] |= {"target": "tls://localhost:18443", "reached": False, "problem": "no answer " * 6}
    assert "tls://localhost:18443" in _page(document, 80)


def test_a_count_that_finds_nothing_is_told_by_its_name() -> None:
    """Whatever that is."""
    document = environment()
    document["files"]["config.yaml"]["counts"] = {"no": None, "accounts": 3}
    assert "no: not found, 3 accounts" in _page(document, 160)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"python__version": "3.12.1"}, "1 difference, which probably matters.\n"),
        ({"system__host": "x", "system__kernel": "y"}, "2 differences, none of them probably matters.\n"),
        ({"system__host": "x", "python__version": "3.12.1"}, "2 differences, 1 of them probably matters.\n"),
    ],
)
def test_the_last_sentence_counts(changes: dict[str, str], sentence: str) -> None:
    """One by one."""
    comparison = compare_environments(environment(), environment(**changes))
    assert difference_report("a", "b", comparison).plain(80).endswith(sentence)


@pytest.mark.parametrize("width", [40, 80, 160])
def test_it_fits(width: int) -> None:
    """Into narrow terminals too."""
    comparison = compare_environments(environment(), environment(python__version="3.12.1", system__host="x" * 200))
    for text in (_page(environment(), width), difference_report("a", "b", comparison).plain(width)):
        assert max(map(len, text.splitlines())) <= width


DIFFERENCE = """\
first   a.json
second  b.json

These probably matter
  section    what           first    second  why
  python     Python         3.11     3.12    another minor version has other wheels and other
                                             behaviour
             package numpy  2.1.0    1.26    the project asks for it
  variables  OTHER          present  absent

These may matter
  section  what    first         second        why
  git      commit  ffffffffffff  000000000000  other code

These seldom matter
  section  what    first  second
  system   kernel  6.1.0  6.2

Not compared
  1 variable present in both, not comparable (fingerprinted with other keys, see --key-file):
  API_KEY
  1 file with secrets present in both, not comparable (fingerprinted with other keys, see
  --key-file): config.yaml

5 differences, 3 of them probably matter.
"""


def test_a_comparison() -> None:
    """What probably matters first, grouped by where it is."""
    second = environment(
        python__version="3.12.1",
        git__commit="0" * 40,
        system__kernel="6.2",
        key=None,
        variables__OTHER={"state": "absent"},
    )
    second["python"]["packages"]["numpy"]["version"] = "1.26"
    comparison = compare_environments(environment(), second)
    assert difference_report("a.json", "b.json", comparison).plain(100) == DIFFERENCE


def test_no_difference() -> None:
    """It says so in a sentence."""
    comparison = compare_environments(environment(), environment())
    assert difference_report("a", "b", comparison).plain(80).endswith("Same: no difference in what was compared.\n")
