"""The pipeline.yaml that `switchyard init` writes: what was answered, and beside each line why it is there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os.path import relpath
from pathlib import Path

from cli.stack.home import REPOSITORY
from cli.start.needs import ALIKE, HOW, Needs
from switchyard.core.data.contract import Feature
from switchyard.core.data.dialect import AS_IT_SHOWS, Dialect

SHOWN = 6  # columns of a kind
SCHEMA = REPOSITORY / "docs" / "pipeline.schema.json"
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_WORDS = {"yes", "no", "on", "off", "true", "false", "null", "y", "n"}
RARE = "one class is rare: always naming the other is right so often that accuracy tells nothing"
GENTLE = "{ num_round: 100, eta: 0.1, max_depth: 3, subsample: 0.8, seed: 1 }"
MISTAKES = {
    True: "all mistakes cost alike",
    False: "mistakes cost differently: what weighs them alike is left out",
}
IN_MINUTES = """\
rollout:
  metrics:
    errors: { margin: 0.02, baseline: 0.002 } # two requests in a hundred: a trial has minutes, not days
  silence_seconds: 60
  deadline_seconds: 240
"""
DEFAULT_ROLLOUT = """\
# rollout: { steps: [10, 25, 50] }   # the challenger's share of live traffic, in percent, step by step
# approval: { mode: manual }         # a person says yes before a model goes live: switchyard approve
# schedule: rate(7 days)             # retrain also without a drop
"""


@dataclass(frozen=True)
class Beginning:
    """What is known of a model that begins. needs, features: none while no file was looked at."""

    model: str
    target: str
    mistakes: str = ALIKE
    needs: Needs | None = None
    is_trial: bool = False
    dialect: Dialect = AS_IT_SHOWS
    columns: Mapping[str, str] = field(default_factory=dict)
    features: tuple[Feature, ...] = ()

    def text(self, folder: Path) -> str:
        """The file as it is written to `folder`, from where editors find the schema."""
        return "".join(f"{line}\n" for line in self._lines(folder)) + (
            IN_MINUTES if self.is_trial else DEFAULT_ROLLOUT
        )

    def _lines(self, folder: Path) -> Iterator[str]:
        yield f"# yaml-language-server: $schema={relpath(SCHEMA, folder.resolve())}"
        yield "# VS Code (extension YAML) completes and checks this file by that line. Every field: docs/pipeline.md"
        yield f"name: {_scalar(self.model)}"
        yield f"target: {_scalar(self.target)} # the column to predict; all others are features"
        if self.dialect != AS_IT_SHOWS:
            yield f"data: {json.dumps(self.dialect.to_dict(), ensure_ascii=False)} # how the file is written"
        if self.columns:
            kinds = ", ".join(f"{_scalar(name)}: {kind}" for name, kind in self.columns.items())
            yield f"columns: {{ {kinds} }} # the others are what the first dataset shows"
        if self.features:
            yield f"# The file's columns are read as {by_kind(self.features)}."
            yield "# Where that is wrong: columns: { NAME: number | boolean | category | text | date | ignored }"
        if self.needs:
            yield from self._measured(self.needs)

    def _measured(self, needs: Needs) -> Iterator[str]:
        yield f"problem: {needs.problem} # read off the target; state another if that is wrong"
        yield "training: # XGBoost, gentler than its defaults, which learn a few thousand rows by heart"
        yield f"  hyperparameters: {GENTLE}"
        yield f"evaluation: # {RARE if needs.is_lopsided else MISTAKES[self.mistakes == ALIKE]}"
        if needs.is_folded:
            yield "  small_data: cross_validation # a fifth of so few rows is no holdout: all rows judge, dealt into"
            yield f"  folds: {HOW.folds} # so many parts,"
            yield f"  repeats: {HOW.repeats} # so many times; a dataset with enough new rows gets a holdout by itself"
        yield "  metrics: # how much worse than the live model is still accepted"
        if needs.is_small:
            yield f"    # So few rows tell no finer. With {needs.rows_to_bring:,} rows in the first"
            yield "    # dataset the defaults can be decided: take `metrics` out."
        for name, margin in needs.margins(self.mistakes).items():
            yield f"    {name}: {{ margin: {margin:g} }}"


def by_kind(features: Iterable[Feature]) -> str:
    """`number (age, income), date (since)`, in one line whatever columns are called; of many the first."""
    names: dict[str, list[str]] = {}
    for feature in features:
        names.setdefault(feature.kind, []).append(" ".join(feature.name.split()))
    return ", ".join(f"{kind} ({_some(found)})" for kind, found in names.items())


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{', '.join(names[:SHOWN])}{more}"


def _scalar(text: str) -> str:
    """As YAML reads it back as text: `no`, `1` and `a: b` are quoted."""
    is_plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)
