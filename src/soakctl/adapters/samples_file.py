"""Reading `resources.jsonl` back: sample by sample, or the columns of the whole file as fast as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from soakctl.adapters.json_lines import Faults, blocks, lines_of, row_of, rows
from soakctl.domain.record import Series
from soakctl.domain.sample import FIELDS, Sample, from_json

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_64_BITS = 2.0**63


def read_samples(path: Path, problems: list[str]) -> Iterator[Sample]:
    """The samples one by one; a line that holds none is left out, and said once all have been read."""
    faults = Faults(path.name)
    for number, row in rows(path, problems, faults, required=False):
        sample = None if row is None else _sample(row, number, faults)
        if sample is not None:
            yield sample
    problems += faults.told()


def read_series(path: Path, problems: list[str]) -> Series:
    """The columns of the same samples. Three days of a sample a second are read in a second or two."""
    faults = Faults(path.name)
    series, reader = Series(), _Reader(faults)
    for block in blocks(path, problems, required=False):
        series.extend(reader.samples(block))
    problems += faults.told()
    return series


def _sample(row: dict[str, Any], number: int, faults: Faults) -> Sample | None:
    try:
        return from_json(row)
    except TypeError:
        faults.add(number, " is not a sample", " are not samples")
        return None


class _Reader:
    """Turns blocks into samples, or into what has the columns of one.

    The decoder refuses all that `from_json` refuses, and more: what it does not take is read again, with care. Most
    runs have one block, which is read sooner than the decoder is imported.
    """

    def __init__(self, faults: Faults) -> None:
        self._faults = faults
        self._read = 0
        self._decoder: FastDecoder | None = None

    def samples(self, block: bytes) -> list[Any]:
        """What has the columns of a sample, in order."""
        before, lines = self._read, block.count(b"\n")
        self._read += lines
        if before and self._decoder is None:
            self._decoder = FastDecoder()
        whole = None if self._decoder is None else self._decoder.block(block, lines)
        if whole is not None:
            return whole
        one_by_one = (self._sample(line, number) for number, line in enumerate(lines_of(block), start=before + 1))
        return [sample for sample in one_by_one if sample is not None]

    def _sample(self, line: bytes, number: int) -> Any:
        sample = None if self._decoder is None else self._decoder.line(line)
        if sample is not None:
            return sample
        row = row_of(line, number, self._faults)
        return None if row is None else _sample(row, number, self._faults)


class FastDecoder:
    """Reads lines of samples without a Python object a figure. What it is not sure of, it does not take: None."""

    def __init__(self, *, nothing_else: bool = False) -> None:
        """Only here msgspec is imported. With `nothing_else`, lines that have other columns, too, are not taken."""
        import msgspec  # noqa: PLC0415

        number = Annotated[float, msgspec.Meta(ge=-_64_BITS, lt=_64_BITS)]
        kinds: dict[str, Any] = {
            "timestamp_utc": msgspec.Raw,
            "life": Annotated[int, msgspec.Meta(ge=0, lt=2**31)],
            "elapsed_s": number,
            "timestamp_unix": number,
        }
        defaults = Sample._field_defaults
        fields = [
            (name, kinds.get(name, number | None), *((defaults[name],) if name in defaults else ())) for name in FIELDS
        ]
        self._refused = (msgspec.MsgspecError, RecursionError)
        row = msgspec.defstruct("Row", fields, gc=False, forbid_unknown_fields=nothing_else)
        self._decoder = msgspec.json.Decoder(row)

    def block(self, block: bytes, lines: int) -> list[Any] | None:
        """The samples of so many whole lines, if every line is one."""
        # Other than Python's, this decoder leaves blank lines out, reads objects that are glued together, and does
        # not look into what it skips.
        if not block.isascii() or b"}{" in block:
            return None
        try:
            found: list[Any] = self._decoder.decode_lines(block)
        except self._refused:
            return None
        return found if len(found) == lines else None

    def line(self, line: bytes) -> Any:
        """The sample of a line."""
        if not line.isascii():
            return None
        try:
            return self._decoder.decode(line)
        except self._refused:
            return None
