"""Passwords that are glued to a flag in a command line: `mysql -uroot -phunter2`, which no name beside them tells."""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from soakctl.redact.values import MARK, is_placeholder

if TYPE_CHECKING:
    from collections.abc import Sequence

# Their `-p` takes a password, and only glued to it.
MYSQL = (
    "mysql mysqldump mysqladmin mysqlimport mysqlcheck mysqlshow mysqlslap mysqlsh mysqlbinlog "
    "mariadb mariadb-dump mariadb-admin mariadb-import mariadb-check mariadb-show mariadb-backup"
).split()
_PROGRAMS = frozenset({*MYSQL, "sshpass"})
GLUED = "-p"
_FLAGS = re.compile(r"(?<!\S)-p(?P<s>[^\s\"']+)")
_FEWEST = 6
# A port and what it is joined to, a path, a setting, a version, and a flag of one word: `-p8080:80`, `-pool16`.
_NO_PASSWORD = re.compile(r"[\d.:]*\d(?:/\w+)?|.*[/=:\\].*|[a-z_-]*[\d.]*")


def hide_glued_passwords(words: Sequence[str], mark: str) -> list[str]:
    """A command line with what is glued to `-p` replaced by the mark where it can only be a password.

    That is: whatever it is behind a program known to read one so; else at least six characters, letters as well as
    digits, that are no lower-case word with a number.
    """
    known = ""
    done: list[str] = []
    for word in words:
        if " " in word:  # of a shell
            done.append(_in_text(word, mark))
        elif done and done[-1] == GLUED and known == "sshpass" and not is_placeholder(word):
            done.append(mark)
        elif word.startswith(GLUED) and _is_password(word[len(GLUED) :], known=bool(known)):
            done.append(f"{GLUED}{mark}")
        else:
            done.append(word)
        name = PurePath(word).name
        known = name if name in _PROGRAMS else known
    return done


def _in_text(text: str, mark: str) -> str:
    return _FLAGS.sub(lambda found: f"{GLUED}{mark}" if _is_password(found["s"], known=False) else found[0], text)


def _is_password(value: str, *, known: bool) -> bool:
    if not value or is_placeholder(value) or MARK.search(value):
        return False
    if known:
        return True
    mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
    return mixed and len(value) >= _FEWEST and not _NO_PASSWORD.fullmatch(value)
