"""A JUnit report that a test runner has written, with its secrets hidden before it is kept."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from soakctl.errors import SoakctlError

if TYPE_CHECKING:
    from soakctl.ports import Bench


def hide_report(path: str, bench: Bench) -> None:
    """Replace the report by itself, redacted; by nothing where it is not whole, as when the runner was killed."""
    try:
        root = ET.fromstring(bench.text(path))  # noqa: S314 - of the project's own tests; expat refuses what would grow without bound
    except (SoakctlError, ET.ParseError):
        bench.write(path, "")
        return
    for element in root.iter():
        # As a whole: in `<property name="password" value="…"/>` the name says what the value is.
        element.attrib = bench.hide(element.attrib)
        element.text = bench.hide(element.text)
        element.tail = bench.hide(element.tail)
    text = ET.tostring(root, encoding="unicode")
    bench.write(path, f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n')
