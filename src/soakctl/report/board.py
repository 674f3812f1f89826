"""The live board of a soak in a terminal: progress, latest samples, a sparkline a resource, iteration verdicts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from soakctl.domain.wording import counted, show_bytes, show_number, show_seconds
from soakctl.report.progress import told
from soakctl.report.words import outcome_piece, sparkline

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from soakctl.domain.journal import Entry
    from soakctl.domain.run import Manifest
    from soakctl.domain.sample import Sample
    from soakctl.domain.state import RunState
    from soakctl.domain.verdict import Outcome

_ROWS = (
    ("rss_bytes", "memory", show_bytes),
    ("cpu_percent", "CPU", lambda value: f"{value:.1f}%"),
    ("num_fds", "open files", lambda value: f"{value:.0f}"),
    ("num_threads", "threads", lambda value: f"{value:.0f}"),
)
_SPARK_WIDTH = 110  # the past that the state keeps is a little longer
_FIGURES_WIDTH = 46
_WIDEST = _FIGURES_WIDTH + _SPARK_WIDTH
_NEWS = 4
_MARKS = {
    "PASS": ("#", "green", "passed"),
    "FAIL": ("x", "bold red", "failed"),
    "NO_DATA": ("?", "bold magenta", "no value"),
    "": ("-", "dim", "cut short"),
}
_NARROW = 70


class Board:
    """An observer that keeps a board on the screen. `start` and `stop` frame it; it leaves its last state behind."""

    def __init__(self, manifest: Manifest, console: Console, so_far: Callable[[RunState], Outcome]) -> None:
        """Nothing is shown before `start`. `so_far` gives the verdict of a run that goes on."""
        self._so_far = so_far
        self._manifest = manifest
        self._console = console
        self._live = Live(console=console, auto_refresh=False, transient=True)
        self._news: list[str] = []

    def start(self) -> None:
        """Take the screen."""
        self._live.start()

    def stop(self) -> None:
        """Give the screen back."""
        self._live.stop()

    def seen(self, state: RunState, entry: Entry) -> None:
        """Show what has happened."""
        text = told(state, entry)
        if text:
            self._news = [*self._news[-_NEWS + 1 :], f"{show_seconds(entry.elapsed_s):>8}  {text}"]
        self._draw(state)

    def sampled(self, state: RunState, _sample: Sample) -> None:
        """Show the sample."""
        self._draw(state)

    def _draw(self, state: RunState) -> None:
        view = render(state, self._manifest, self._so_far(state), self._news, self._console.width)
        self._live.update(view, refresh=True)


def render(state: RunState, manifest: Manifest, so_far: Outcome, news: list[str], width: int) -> RenderableType:
    """The board at a moment."""
    parts: list[RenderableType] = [_head(state, manifest, so_far)]
    if state.began_s is not None:
        bar = Table.grid()
        bar.add_row(ProgressBar(total=state.plan.duration_s, completed=state.observed_s, width=min(width, _WIDEST)))
        parts.append(bar)
    if state.latest is not None:
        parts.append(_resources(state, width))
    kpis = _kpis(state, manifest)
    if kpis:
        parts.append(Text(f"KPIs        {kpis}", no_wrap=True, overflow="ellipsis"))
    if state.iterations:
        parts.append(_iterations(state, width))
    parts += [Text(line, style="dim", no_wrap=True, overflow="ellipsis") for line in news]
    parts.append(Text(_keys(state), style="dim"))
    return Group(*parts)


def _keys(state: RunState) -> str:
    if state.stopping:
        return "the service is asked to end; Ctrl-C kills what is left of it"
    return "Ctrl-C stops the service cleanly and keeps the run"


def _head(state: RunState, manifest: Manifest, so_far: Outcome) -> Text:
    left = ""
    if state.end_s is not None and not state.stopping:
        left = f", {show_seconds(max(0.0, state.end_s - state.elapsed_s))} left"
    planned = f"{show_seconds(state.observed_s)} of {show_seconds(state.plan.duration_s)}{left}"
    crashes = f", {counted(len(state.crashes), 'crash', 'crashes')}" if state.crashes else ""
    critical = f", {counted(state.critical, 'CRITICAL line')}" if state.critical else ""
    head = Text.assemble((f"soak {manifest.run_id}", "bold"), f"  {state.phase}, {planned}")
    head.append(f"{crashes}{critical}", style="bold red")
    if state.began_s is not None:  # before that nothing was seen that could be judged
        head.append("  so far ")
        head.append(*outcome_piece(so_far))
    return head


def _resources(state: RunState, width: int) -> Table:
    table = Table(box=None, pad_edge=False, show_header=True)
    for name in ("", "now", "first", "peak"):
        table.add_column(name, justify="left" if not name else "right")
    room = max(0, min(_SPARK_WIDTH, width - _FIGURES_WIDTH))
    if room and width >= _NARROW:
        table.add_column("")
    for column, title, shown in _ROWS:
        found = state.extremes.get(column)
        if found is None:
            continue
        cells = [title, shown(found.last), shown(found.first), shown(found.peak)]
        if room and width >= _NARROW:
            cells.append(sparkline(list(state.history[column]), room))
        table.add_row(*cells)
    return table


def _iterations(state: RunState, width: int) -> Text:
    """A mark for each, as many as fit on a line with what the marks mean."""
    whole = [item for item in state.iterations if not item.partial]
    passed = sum(item.outcome == "PASS" for item in whole)
    outcomes = ["" if item.partial else item.outcome for item in state.iterations]
    meant = ", ".join(f"{mark} {meaning}" for name, (mark, _, meaning) in _MARKS.items() if name in outcomes)
    behind = f" {passed} of {len(whole)} passed ({meant})"
    text = Text("iterations  ")
    for outcome in outcomes[-max(10, width - len(text) - len(behind)) :]:
        mark, style, _ = _MARKS[outcome]
        text.append(mark, style=style)
    text.append(behind)
    return text


def _kpis(state: RunState, manifest: Manifest) -> str:
    """The newest value of each KPI: that of the last iteration, or one read since where a reading is the value."""
    values = dict(state.iterations[-1].values) if state.iterations else {}
    direct = {kpi["name"] for kpi in manifest.config.get("kpis", ()) if kpi["source"].get("reduce") in {None, "last"}}
    if state.window is not None:
        values |= {name: reads[-1][1] for name, reads in state.window.reads.items() if name in direct}
    return ", ".join(f"{name} {show_number(value)}" for name, value in values.items() if value is not None)
