"""How endings, counts, figures, spans and sizes are worded for people."""

from __future__ import annotations

import signal
from decimal import Decimal


def signal_name(number: int) -> str:
    """SIGTERM for 15; SIG99 for one this platform does not name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def died_how(code: int | None) -> str:
    """How a process ended, for people: "exited with code 3", "was killed by SIGSEGV"."""
    if code is None:
        return "ended"
    return f"exited with code {code}" if code >= 0 else f"was killed by {signal_name(-code)}"


def counted(number: int, word: str, plural: str = "") -> str:
    """A number with its word: "1 process", "2 processes"."""
    return f"{show_count(number)} {word if number == 1 else plural or word + 's'}"


def show_count(number: float) -> str:
    """A whole number, in groups of three from ten thousand on: 1440, 864,000."""
    return f"{number:,.0f}" if abs(number) >= 9_999.5 else f"{number:.0f}"  # noqa: PLR2004


def show_number(value: float, figures: int = 4) -> str:
    """So many figures, no exponent for what people count in: 0.00012, 4.75, 864,000."""
    # From here on so many figures would be rounded up to 1e+04.
    if 10**figures - 0.5 <= abs(value) < 1e15:  # noqa: PLR2004
        return show_count(value)
    text = f"{value:.{figures}g}"
    return f"{Decimal(text):f}" if "e-0" in text else text


def show_seconds(seconds: float) -> str:
    """A span for people, never more than two units: 2.3s, 4m05s, 3h20m, 2d04h."""
    if seconds < 59.95:  # noqa: PLR2004 - what would round to 60.0s is a minute
        return f"{seconds:.1f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:  # noqa: PLR2004
        return f"{minutes}m{rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:  # noqa: PLR2004
        return f"{hours}h{minutes:02d}m"
    return f"{hours // 24}d{hours % 24:02d}h"


def show_bytes(number: float) -> str:
    """Bytes for people in decimal units with three figures: 12.3 MB."""
    amount, sign = abs(number), "-" if number < 0 else ""
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 999.5:  # noqa: PLR2004 - what would round to 1000 is one of the next unit
            return f"{sign}{amount:.0f} {unit}" if unit == "B" else f"{sign}{amount:.3g} {unit}"
        amount /= 1000
    return f"{sign}{amount:.3g} TB" if amount < 999.5 else f"{sign}{amount:.0f} TB"  # noqa: PLR2004
