"""Markdown for the summary of a job, as GitHub shows it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from soakctl.domain.verdict import Check, Severity
from soakctl.report.markdown import markdown_text
from soakctl.report.subject import Subject
from tests.support.verdicts import FAILED, NOTE, OK, SUBJECT, UNREAD, hostile, verdict_of

_MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
WHOLE = """\
## ❌ FAIL (exit 1)

Run 20260101T000000Z-00000001: app, 24h00m of 24h00m observed

2 checks: 1 failed; 8 of the last 8 iterations passed

| | Check | Found | Allowed | Over | Why |
| --- | --- | --- | --- | --- | --- |
| ❌ FAIL | Crashes | 1 | 0 | run, n=1 | the service was killed by SIGSEGV<br>Hint: Look at its last lines. |

<details><summary>Crashes: the lines behind it</summary>

```text
10m: life 1 was killed by SIGSEGV
```

</details>

<details><summary>All 2 checks</summary>

| | Check | Found | Allowed | Over | Why |
| --- | --- | --- | --- | --- | --- |
| ✅ ok | Samples | 1440 |  | run, n=1440 |  |
| ❌ FAIL | Crashes | 1 | 0 | run, n=1 | the service was killed by SIGSEGV<br>Hint: Look at its last lines. |

</details>
"""


def _rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, as shown."""
    cells = re.findall(r"<t[hd]>(.*?)</t[hd]>|(</tr>)", _MARKDOWN.render(text), re.DOTALL)
    rows: list[list[str]] = [[]]
    for cell, end in cells:
        if end:
            rows.append([])
        else:
            rows[-1].append(cell)
    return rows[:-1]


def test_the_whole_summary() -> None:
    """The verdict first, then what needs reading with the lines behind it, then everything, folded."""
    assert markdown_text(SUBJECT, verdict_of((OK, FAILED))) == WHOLE


def test_a_healthy_run_is_its_verdict_and_the_folded_rest() -> None:
    """Nothing needs reading, so no table stands open; a note is only in the folded one."""
    text = markdown_text(SUBJECT, verdict_of((OK, NOTE)))
    assert text.startswith("## ✅ PASS (exit 0)\n")
    assert text.index("| 📝 note | depth |") > text.index("<details>")


@pytest.mark.parametrize(("strict", "mark"), [(False, "❓ NO DATA"), (True, "❌ NO DATA")])
def test_the_mark_tells_what_fails(mark: str, *, strict: bool) -> None:
    """A missing value is marked as failing where it fails."""
    assert _rows(markdown_text(SUBJECT, verdict_of((OK, UNREAD), strict=strict)))[1][0] == mark


@pytest.mark.parametrize("severity", [Severity.WARN, Severity.FAIL])
def test_hostile_texts_are_shown_as_they_are(severity: Severity) -> None:
    """Nothing in a reason becomes markup, ends a cell or a code block, or closes the folded part."""
    text = markdown_text(Subject("| <script>", "x"), verdict_of((hostile(severity),)))
    shown = "a|b &lt;b&gt;&amp;amp; `c` *d* __e__ [f](g) $h$ \\ 100% ::error::x, y red"
    for row in (_rows(text)[1], _rows(text)[3]):
        assert len(row) == 6
        assert row[1].startswith(shown)
    html = _MARKDOWN.render(text)
    assert "<script>" not in html
    assert html.count("<details>") == html.count("</details>") == 2
    assert "<em>" not in html
    assert "<a " not in html


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_stays_in_its_cell(text: str) -> None:
    """A table has six columns, whatever stands in it."""
    check = Check("kpi.x", Severity.FAIL, text, text, text, text, 1, text, text, (text,))
    rows = _rows(markdown_text(SUBJECT, verdict_of((check,))))
    assert [len(row) for row in rows] == [6, 6, 6, 6]


def test_a_summary_is_never_too_long_for_github() -> None:
    """A file of over 1 MiB would be refused as a whole: long lines are cut, and many are not all shown."""
    flood = Check("boot", Severity.FAIL, "Boot", reason="x" * 100_000, evidence=("y" * 100_000,) * 1000)
    text = markdown_text(SUBJECT, verdict_of((flood,)))
    assert len(text.encode()) < 50_000
    assert "x…" in text
    assert "y…" in text
