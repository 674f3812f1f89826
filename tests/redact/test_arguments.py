"""Passwords that are glued to a flag."""

from __future__ import annotations

import shlex

import pytest

from soakctl.redact.arguments import hide_glued_passwords


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("python3 svc.py --port 1 -pMYSQLPW123", "python3 svc.py --port 1 -p*"),
        ("timeout 5 /usr/bin/mysqldump -uroot -pletmein db", "timeout 5 /usr/bin/mysqldump -uroot -p* db"),
        ("sshpass -p letmein ssh host", "sshpass -p * ssh host"),
        ("sh -c 'python3 svc.py -pMYSQLPW123'", "sh -c 'python3 svc.py -p*'"),
    ],
)
def test_what_can_only_be_a_password_is_hidden(line: str, expected: str) -> None:
    """Behind a program that reads it so whatever it is, else by its look."""
    done = hide_glued_passwords(shlex.split(line), "*")
    assert done == shlex.split(expected)
    assert hide_glued_passwords(done, "*") == done


@pytest.mark.parametrize(
    "line",
    [
        "svc -p8080 -p 8080 -p127.0.0.1:80 -p8080:80/tcp -p443/tcp",
        "docker run -p8080:80 mysql",
        "python3 -python3.11 -pool16 -profile -pix_fmt -p/srv/x1y2z3 -pkey=a1b2c3",
        "mysql -p$PW -p trades",
        "svc -p[REDACTED:password]",
    ],
)
def test_other_flags_stay(line: str) -> None:
    """Ports, paths, settings, words."""
    assert hide_glued_passwords(line.split(), "*") == line.split()
