"""The owner's own loss: a processing job reads what both models answered and writes one number a row."""

from collections.abc import Mapping
from dataclasses import dataclass

from switchyard.config.snapshot import Snapshots
from switchyard.core.errors import JobFailedError, MissingError
from switchyard.core.names import Names
from switchyard.core.ports import Control, Storage
from switchyard.core.resources.pools import program_claim
from switchyard.core.run import Run
from switchyard.core.waiting import Waiting
from switchyard.evaluation.rules.program_files import (
    ANSWERS,
    CHALLENGER,
    CHAMPION,
    LOSSES,
    WANTED,
    losses_in,
    program_folder,
)
from switchyard.stats.moments import Moments, PairedMoments


@dataclass(frozen=True)
class OwnerProgram:
    """StartProgram starts one job and leaves its token."""

    prefix: str
    artifacts: Storage
    control: Control
    snapshots: Snapshots
    waiting: Waiting

    def start(self, run: Run, token: str) -> None:
        names, pipeline = Names(self.prefix, run.model, run.run_id), self.snapshots.pipeline(run)
        source, output = (self.artifacts.uri(program_folder(run, what)) for what in (ANSWERS, LOSSES))
        self.waiting.for_job(
            "processing-job",
            names.program_job,
            "StartProgram",
            token,
            lambda: self.control.ensure_program(names, pipeline, source, output),
            program_claim(run.model, run.record, pipeline),
        )


def read_losses(artifacts: Storage, run: Run, files: Mapping[str, int], *, paired: bool) -> PairedMoments:
    """files: name of each chunk's file, and how many rows it has."""
    total = PairedMoments(Moments(), Moments(), Moments())
    for name, rows in files.items():
        if not rows:
            continue  # the challenger had no usable answer: there was nothing to read
        old = _read(artifacts, run, f"{CHAMPION}/{name}", rows) if paired else []
        total += PairedMoments.of(old, _read(artifacts, run, f"{CHALLENGER}/{name}", rows))
    return total


def _read(artifacts: Storage, run: Run, file: str, rows: int) -> list[float]:
    key = f"{program_folder(run, LOSSES)}{file}"
    try:
        return losses_in(artifacts.uri(key), artifacts.read(key), rows)
    except MissingError:
        raise JobFailedError(
            f"evaluation.program: it ended well and wrote no {artifacts.uri(key)}; {WANTED}"
        ) from None
