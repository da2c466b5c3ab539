"""`switchyard evaluate`: would the gate let this challenger pass, by a file of labels and both models' scores?"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.commands.options import AsJson
from cli.display import console, fail, print_json, reporting, say, step
from switchyard.config import door
from switchyard.core.errors import InvalidDatasetError, InvalidPipelineError
from switchyard.core.gate_classes import areas_of
from switchyard.core.gate_policy import GatePolicy
from switchyard.core.policy import PolicyError, Problem
from switchyard.evaluation.rules.gate import Evaluation, GateOutcome, GateVerdict, judge_gate
from switchyard.stats.paired import PairedSums, Wanted, merge


@reporting
def evaluate(
    scores: Annotated[Path, typer.Argument(help="CSV (also .gz) or Parquet: label, champion, challenger.")],
    problem: Annotated[Problem, typer.Option(help="What is predicted.")] = Problem.BINARY,
    pipeline: Annotated[
        Path | None, typer.Option(help="A pipeline.yaml whose `evaluation` judges; without one the defaults.")
    ] = None,
    of_class: Annotated[
        list[str] | None,
        typer.Option("--class", help="The class of index 0, then of 1, and so on, by its name."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge two models offline by the scores that both gave the same rows.

    Exit code 1 when the challenger does not pass.
    """
    try:
        policy = _policy(pipeline, problem, tuple(of_class or ()))
        with step(f"Evaluating {scores.name}"):
            sums, classes = _sums(scores, policy, tuple(of_class or ()))
        verdict = judge_gate(Evaluation(sums, classes=classes), policy)
    except FileNotFoundError as missing:
        raise fail(f"{missing.filename} is not there.", "Name a file that is.", 2) from None
    except (InvalidDatasetError, InvalidPipelineError, PolicyError, ValueError) as refused:
        raise fail(str(refused), "Correct the file or the policy, and evaluate again.", 2) from None
    _show(sums, verdict, as_json)
    raise typer.Exit(int(verdict.outcome is not GateOutcome.PASS))


def _policy(pipeline: Path | None, problem: Problem, classes: tuple[str, ...]) -> GatePolicy:
    if pipeline is None:
        return GatePolicy(problem=problem)
    return door.gate_of(
        pipeline.resolve().parent.name, pipeline.read_text(encoding="utf-8"), problem, classes
    )


def _sums(path: Path, policy: GatePolicy, named: tuple[str, ...]) -> tuple[PairedSums, tuple[str, ...]]:
    """Classes without a name are called by their index."""
    from cli.scores.score_files import classes_of, score_sums  # DuckDB: for no other command to load

    problem = policy.problem.value
    known = classes_of(path, problem)
    if named and (len(named) != known or len(set(named)) < known):
        raise InvalidDatasetError(
            f"{path.name}: the scores are of {known} classes, and --class names {', '.join(named)}; name each once, in "
            f"the order of its index"
        )
    classes = named or tuple(map(str, range(known)))
    return merge(score_sums(path, problem, Wanted(policy.quantiles, areas_of(policy, classes)))), classes


def _show(sums: PairedSums, verdict: GateVerdict, as_json: bool) -> None:
    if as_json:
        print_json({"rows": sums.rows, "invalid": sums.invalid} | asdict(verdict))
        return
    table = Table("metric", "champion", "challenger", "verdict", "why")
    for each in verdict.figures:
        champion = "" if each.champion is None else f"{each.champion:.6g}"
        table.add_row(each.label, champion, f"{each.challenger:.6g}", each.outcome, each.reason)
    console.print(table)
    unusable = f", {sums.invalid:,} more without a usable score of the challenger" if sums.invalid else ""
    say(f"{sums.rows:,} rows{unusable}. {verdict.outcome.value}: {verdict.reason}")
