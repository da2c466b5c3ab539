"""Where rows go: the channels' files, the run's own holdout, and how many went to each."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path
from typing import IO

from switchyard.core.data.contract import Contract, Kind
from switchyard.core.data.csv_line import csv_line
from switchyard.core.data.packed.packed_rows import DIGEST, PackedRows, Texts, parts_of

CHOSEN, LEFT_OUT = b"\1", b"\0"  # marks of rows
HELD_OUT = "held_out"
CONTRACT = "contract"
HOLDOUT_FILE = "holdout.csv"
CSV = "csv"


def typed_columns(contract: Contract) -> list[tuple[str, Kind]]:
    """Of a line of a channel: the label as a number, the class's index of classes; the weight, where there is one."""
    first = [contract.target, *([contract.weight] if contract.weight else [])]
    return [(name, Kind.NUMBER) for name in first] + [(each.name, each.kind) for each in contract.features]


@dataclass
class Counts:
    """Where the rows went; the first that was left out because it is in the holdout, as a person finds it."""

    rows: dict[str, int] = field(default_factory=lambda: {"train": 0, "validation": 0, HELD_OUT: 0})
    first_left_out: str = ""

    def hold(self, file: str, row: int) -> None:
        self.rows[HELD_OUT] += 1
        if not self.first_left_out:
            self.first_left_out = f"{file}: row {row}"


class Channels:
    """`train` in as many parts as instances share it, `validation` in one; the label first, no header.

    holdout: the header of a holdout that is taken from these rows; without one, its rows are left out.
    """

    def __init__(self, stack: ExitStack, folder: Path, shards: int, holdout: Sequence[str] = ()) -> None:
        names = [*(f"train/part-{number}.csv" for number in range(shards)), "validation/part-0.csv"]
        names += [HOLDOUT_FILE] if holdout else []
        self._takes = bool(holdout)
        self._files: dict[str, IO[bytes]] = {
            name: stack.enter_context((folder / name.replace("/", "-")).open("wb")) for name in names
        }
        self._parts = {
            where: [file for name, file in self._files.items() if name.startswith(f"{where}/")]
            for where in ("train", "validation")
        }
        if holdout:
            self._files[HOLDOUT_FILE].write(csv_line(holdout).encode())

    def hold(self, target: str, features: bytes) -> int | None:
        """Where the row begins in a holdout that is taken from these rows; None where it is left out."""
        if not self._takes:
            return None
        file = self._files[HOLDOUT_FILE]
        begins = file.tell()
        file.write(csv_line([target])[:-1].encode() + features)
        return begins

    def write(self, where: str, rows: PackedRows, chosen: bytes) -> None:
        """chosen: 1 or 0 a row."""
        parts = self._parts[where]
        if len(parts) == 1:
            parts[0].write(b"".join(_runs(rows.lines, chosen)))
            return
        for digest, line in compress(
            zip(parts_of(rows.digests, DIGEST), rows.lines.each(), strict=True), chosen
        ):
            parts[int.from_bytes(digest[8:12]) % len(parts)].write(line)

    def written(self) -> Iterator[tuple[str, str]]:
        """Name and path of every file that has rows."""
        for name, file in self._files.items():
            file.flush()
            if file.tell():
                yield name, file.name


def places_of(chosen: bytes) -> Iterator[int]:
    """Where a mark is set."""
    at = chosen.find(CHOSEN)
    while at >= 0:
        yield at
        at = chosen.find(CHOSEN, at + 1)


def _runs(lines: Texts, chosen: bytes) -> Iterator[bytes]:
    """The chosen lines, those together that follow each other."""
    ends, body, end = lines.ends, lines.body, 0
    while (first := chosen.find(CHOSEN, end)) >= 0:
        end = chosen.find(LEFT_OUT, first)
        end = len(chosen) if end < 0 else end
        yield body[ends[first - 1] if first else 0 : ends[end - 1]]
