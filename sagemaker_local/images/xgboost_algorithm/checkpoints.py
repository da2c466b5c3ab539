"""Checkpoints: "XGBoost supports ... checkpointing", one file a round, `xgboost-checkpoint.<round>`.

A Spot job that was interrupted, or a new job with the same CheckpointConfig, goes on after the last of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xgboost

_NAME = "xgboost-checkpoint"
_KEPT = 5


@dataclass(frozen=True)
class Checkpoints:
    """`folder` is where the job keeps them; None: the job has no CheckpointConfig."""

    folder: Path | None

    @classmethod
    def of(cls, configuration: Mapping[str, Any], base: Path) -> "Checkpoints":
        """As checkpointconfig.json says; /opt/ml is `base`."""
        if not configuration:
            return cls(None)
        place = configuration.get("LocalPath", "/opt/ml/checkpoints")
        return cls(base / place.removeprefix("/opt/ml/") if place.startswith("/opt/ml/") else Path(place))

    def last(self) -> tuple[int, Path] | None:
        """The newest checkpoint: its round and file."""
        return max(self._found(), default=None)

    def save(self, booster: Any, number: int) -> None:
        """Keep the model after round `number`, and the four before it. The file appears whole."""
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        part = self.folder.with_name(f".{_NAME}")
        part.write_bytes(booster.save_raw("ubj"))
        part.replace(self.folder / f"{_NAME}.{number}")
        for _, file in sorted(self._found())[:-_KEPT]:
            file.unlink()

    def _found(self) -> list[tuple[int, Path]]:
        files = self.folder.glob(f"{_NAME}.*") if self.folder else ()
        return [(int(file.suffix[1:]), file) for file in files if file.suffix[1:].isdigit()]


class SaveEveryRound(xgboost.callback.TrainingCallback):  # type: ignore[misc]
    """Of several hosts the first one saves."""

    def __init__(self, checkpoints: Checkpoints, start: int) -> None:
        super().__init__()
        self._checkpoints, self._start = checkpoints, start

    def after_iteration(self, model: Any, epoch: int, _scores: object) -> bool:
        if xgboost.collective.get_rank() == 0:
            self._checkpoints.save(model, self._start + epoch)
        return False
