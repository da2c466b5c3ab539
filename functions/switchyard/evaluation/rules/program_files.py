"""What the owner's program reads, a file a model and chunk of the holdout, and writes, one of the same name."""

import csv
import io
import math
from collections.abc import Sequence
from typing import Any

from switchyard.core.data.numbers import read_number
from switchyard.core.errors import JobFailedError
from switchyard.core.policy import Problem
from switchyard.core.run import Run
from switchyard.stats.losses import LARGEST, Prediction, usable

ANSWERS, LOSSES = "answers", "losses"
CHAMPION, CHALLENGER = "champion", "challenger"
WANTED = "for each file of its input it has to write one of the same name, with one loss a row and no header"

Pair = tuple[float, Prediction | None, Prediction]


def program_folder(run: Run, what: str) -> str:
    """what: ANSWERS, which the program reads, or LOSSES, which it writes; in each a folder a model."""
    return f"{run.model}/evaluations/{run.run_id}/program/{what}/"


def answer_files(
    problem: Problem,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    pairs: Sequence[Pair],
    classes: Sequence[str],
) -> dict[str, bytes]:
    """By model, of the rows that the challenger has a usable answer for: each as it stands in the holdout, and behind
    it `prediction`, or of many classes the probability of each, `prediction_<class>`.
    """
    kept = [(row, *pair) for row, pair in zip(rows, pairs, strict=True) if usable(problem, pair[0], pair[2])]
    names = [f"prediction_{name}" for name in classes] if problem is Problem.MULTICLASS else ["prediction"]
    if clash := sorted({*names} & {*header}):
        raise JobFailedError(
            f"evaluation.program: the dataset has a column '{clash[0]}', which is what its input calls a model's "
            f"answer; rename the column"
        )
    files = {CHALLENGER: _csv(header, names, [(row, new) for row, _, _, new in kept])}
    if any(old is not None for _, _, old, _ in kept):
        files[CHAMPION] = _csv(header, names, [(row, old) for row, _, old, _ in kept])
    return files


def _csv(header: Sequence[str], names: Sequence[str], answered: Sequence[tuple[Sequence[str], Any]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header, *names])
    for row, answer in answered:
        said = list(answer) if isinstance(answer, Sequence) else [answer]
        writer.writerow([*row, *said[: len(names)], *[0.0] * (len(names) - len(said))])
    return text.getvalue().encode()


def losses_in(place: str, body: bytes, rows: int) -> list[float]:
    """One number a row; JobFailedError, which names `place`, for anything else."""
    lines = [line.strip() for line in body.decode(errors="replace").splitlines() if line.strip()]
    if len(lines) != rows:
        raise JobFailedError(
            f"evaluation.program: {len(lines)} losses of {rows} rows are in {place}; {WANTED}"
        )
    return [_loss(line, f"line {at} of {place}") for at, line in enumerate(lines, start=1)]


def _loss(text: str, where: str) -> float:
    value = read_number(text)
    if value is None or not math.isfinite(value) or abs(value) > LARGEST:
        raise JobFailedError(f"evaluation.program: {where} is not a finite number; {WANTED}")
    return value
