"""What a training job said of its own rows by cross-validation: taken out of its output once, and read by chunks."""

import io
import json
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from switchyard.config.snapshot import Folded, out_of_fold_key
from switchyard.core.champion import Champion
from switchyard.core.errors import JobFailedError, MissingError
from switchyard.core.ports import Storage
from switchyard.core.run import Run

FILE, ARCHIVE = "out-of-fold.json", "output.tar.gz"
MOST_BYTES = 256 * 1024**2
CHALLENGER, CHAMPION = "challenger", "champion"
OTHERWISE = (
    "use the default image, or set evaluation.small_data: refuse, and evaluation.minimum_rows to what a fifth of the "
    "first dataset has"
)

Answer = tuple[float, ...]


@dataclass(frozen=True)
class OutOfFold:
    artifacts: Storage

    def collect(self, run: Run, folded: Folded, champion: Champion | None, artifact: str) -> None:
        """JobFailedError where the job left nothing, or not what it was asked for."""
        if (champion.run_id if champion else "") != folded.champion:
            raise JobFailedError(
                f"the champion changed while the models were trained; `switchyard retry {run.run_id}` compares with "
                f"the one that is live now"
            )
        found = self._unpacked(artifact)
        _check(found, folded)
        self.artifacts.write(out_of_fold_key(run), json.dumps(found).encode())

    def answers(self, run: Run, first: int, last: int) -> dict[str, list[list[Answer]]]:
        """Of each model, and of each repeat, what it said of the rows [first, last)."""
        found = json.loads(self.artifacts.read(out_of_fold_key(run)))
        return {
            who: [[_answer(each) for each in said[first:last]] for said in found.get(who) or []]
            for who in (CHALLENGER, CHAMPION)
        }

    def _unpacked(self, artifact: str) -> dict[str, Any]:
        key = f"{self.artifacts.key_of(artifact).rpartition('/')[0]}/{ARCHIVE}"
        try:
            body = b"".join(self.artifacts.chunks(key))
            with tarfile.open(fileobj=io.BytesIO(body), mode="r:gz") as archive:
                for member in archive:
                    file = archive.extractfile(member) if member.name.removeprefix("./") == FILE else None
                    if file and member.size <= MOST_BYTES:
                        return dict(json.loads(file.read()))
        except MissingError:
            raise JobFailedError(
                f"the training job left no {ARCHIVE}, where {FILE} was expected; {OTHERWISE}"
            ) from None
        except (tarfile.TarError, EOFError, OSError, ValueError):
            raise JobFailedError(
                f"{self.artifacts.uri(key)}: {FILE} in it cannot be read; {OTHERWISE}"
            ) from None
        raise JobFailedError(
            f"{self.artifacts.uri(key)} has no {FILE} of at most {MOST_BYTES} bytes; {OTHERWISE}"
        )


def _check(found: Mapping[str, Any], folded: Folded) -> None:
    wanted = [CHALLENGER] + ([CHAMPION] if folded.champion else [])
    for who in wanted:
        said = found.get(who) or []
        if len(said) != folded.repeats or any(len(each) != folded.rows for each in said):
            raise JobFailedError(
                f"{FILE}: {who}: {folded.repeats} times {folded.rows} predictions were expected, and there are "
                f"{len(said)} times {', '.join(sorted({str(len(each)) for each in said})) or 0}; {OTHERWISE}"
            )


def _answer(said: float | Sequence[float]) -> Answer:
    return tuple(said) if isinstance(said, list) else (float(said),)  # type: ignore[arg-type]
