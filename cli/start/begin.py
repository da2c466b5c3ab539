"""From a file to a beginning: what the look and the answers come to, and the sentences that say so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote

from cli.stack.errors import RefusedError
from cli.start import questions
from cli.start.file_look import FileLook
from cli.start.needs import HOW, Needs, requests_for
from cli.start.pipeline_text import Beginning, by_kind
from switchyard.config import door
from switchyard.core.data.seen import Seen
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem


@dataclass(frozen=True)
class Asked:
    """What the options of a command say; "" is left to the file, or to whoever can be asked."""

    model: str = ""
    target: str = ""
    problem: str = ""
    mistakes: str = ""
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Begun:
    """A checked beginning; seen: in the whole file, labels of any kind where none was looked at."""

    beginning: Beginning
    seen: Seen

    @property
    def labels(self) -> LabelStatistics:
        return self.seen.labels

    def pipeline(self, folder: Path) -> Pipeline:
        """As admission will read it."""
        return door.parse(self.beginning.model, self.beginning.text(folder), self.labels)

    def sentences(self, folder: Path) -> Iterator[str]:
        """How many rows and requests a verdict needs, by the rules that will give it."""
        pipeline, needs = self.pipeline(folder), self.beginning.needs
        if needs:
            yield f"{self.labels.rows:,} rows, {pipeline.problem}: {_judged_by(needs)}."
            yield from _read(self.seen, pipeline.problem)
            yield _offline(needs, self.beginning.mistakes)
        expected, most = requests_for(pipeline.rollout)
        yield (
            f"Going live beside a champion takes an equal model about {expected:,} requests, nine times in ten at most "
            f"{most:,}. A first model goes live at once."
        )


def begin(asked: Asked, path: Path | None, *, every: int = 1, is_trial: bool = False) -> Begun:
    """RefusedError says what is missing or wrong. every: the first dataset is each n-th row of the file."""
    model = questions.model_name(asked.model, path)
    if path is None:
        return _without_file(model, asked)
    look = FileLook(path).as_guessed()
    target = questions.target_of(asked.target, look.columns, look.below)
    look = replace(look, declared=questions.kinds_of(asked.columns, look.columns))
    seen = look.inspected(target).seen
    problem = _problem(asked.problem, seen.labels)
    needs = look.needs(target, seen, problem, every)
    mistakes = questions.mistakes_of(asked.mistakes)
    beginning = Beginning(
        model, target, mistakes, needs, is_trial, look.dialect, look.declared, seen.features
    )
    return Begun(beginning, seen)


def _without_file(model: str, asked: Asked) -> Begun:
    if not asked.target:
        raise RefusedError(
            "Without a file nothing tells what is to be predicted.",
            "Name your data, `switchyard init FILE`, or the column with --target.",
        )
    return Begun(Beginning(model, asked.target), Seen(_any_classes(), ()))


def _any_classes() -> LabelStatistics:
    """Labels of a file that nobody has shown: the margins of a rollout are the same for all problems."""
    labels = LabelStatistics()
    for label in (0.0, 1.0):
        labels.add(label)
    return labels


def _problem(given: str, labels: LabelStatistics) -> Problem:
    if given and given not in list(Problem):
        raise RefusedError(f"--problem {given!r} is not known.", f"Say {', '.join(Problem)}.")
    problem = Problem(given) if given else labels.infer()
    try:
        labels.check(problem)
    except InvalidDatasetError as refused:
        raise RefusedError(f"{refused}.", "Name another --problem, or another --target.") from None
    return problem


def _read(seen: Seen, problem: Problem) -> Iterator[str]:
    """How the file is read: kinds of columns, those that are left out, and whose probability is answered."""
    if seen.features:
        yield f"Columns are read as {by_kind(seen.features)}."
    for name, why in seen.ignored.items():
        yield f"Column {name!r} is left out: {why}. To train on it, say --column {quote(f'{name}=category')}."
    if problem is Problem.BINARY:
        no, yes = seen.labels.classes
        yield f"An answer is the probability of {yes!r}, not of {no!r}: of two classes the second, by size or alphabet."


def _judged_by(needs: Needs) -> str:
    if not needs.is_folded:
        return f"{needs.held_out:,} of them will judge every model and are never trained on"
    return (
        f"too few for a holdout, so {HOW.folds}-fold cross-validation, {HOW.repeats} times, judges every model on all "
        f"rows of its dataset, which counts as much as a holdout of {needs.judging:,}"
    )


def _offline(needs: Needs, mistakes: str) -> str:
    if not needs.is_small:
        return "That is enough for the usual margins of the gate."
    margins = ", ".join(f"{name} {margin:g}" for name, margin in needs.margins(mistakes).items())
    return (
        f"That is few: the file sets margins that so many rows can decide ({margins}). For the usual ones "
        f"the first dataset needs {needs.rows_to_bring:,} rows. If so few cannot tell a model from a guess, the run "
        f"ends INCONCLUSIVE, and `switchyard why` says what would do."
    )
