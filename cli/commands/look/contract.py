"""`switchyard contract` and `switchyard holdout`: what belongs to a model, and every later dataset is read by."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Annotated

import typer

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import print_json, reporting, say
from cli.report.sources import sources_of
from cli.requests.renew_holdout import renew_holdout
from cli.stack.errors import RefusedError
from switchyard.config.snapshot import Snapshots, holdout_key
from switchyard.core.data.contract import Contract
from switchyard.core.data.target import MAX_CLASSES
from switchyard.core.ports import Storage

Model = Annotated[str, typer.Argument(help="The model's name.")]


@dataclass(frozen=True)
class Holdout:
    """classes: rows of each class; none of a regression. since: when it was written, as S3 says."""

    key: str
    rows: int
    since: str
    classes: dict[str, int]


@reporting
def contract(
    model: Model,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
) -> None:
    """Show a model's columns with their kinds, and its classes.

    Classes stand in the order of their index; columns that are left out are named too.
    """
    found = contract_of(sources_of(connect(stack, profile, region)).artifacts, model)
    if as_json:
        print_json(found.to_dict())
        return
    problem = found.problem.value if found.problem else "not on record"
    say(f"{model}: {problem}, target '{found.target}'")
    if found.classes:
        say("  classes: " + ", ".join(f"{index} {name}" for index, name in enumerate(found.classes)))
    if found.response.what:
        say(f"  {found.response.what:<8} at {found.response.path} of each answer")
    for feature in found.features:
        say(f"  {feature.kind.value:<8} {feature.name}")
    for name in found.ignored:
        say(f"  {'ignored':<8} {name}")


@reporting
def holdout(
    model: Model,
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    as_json: AsJson = False,
    renew: Annotated[
        bool,
        typer.Option(
            "--renew", help="Set the holdout aside: the next dataset gives a new one. Needs --reason."
        ),
    ] = False,
    reason: Annotated[str, typer.Option(help="With --renew: why; kept beside the old one.")] = "",
) -> None:
    """Show the frozen rows that judge every model of this name.

    How many there are, of which classes, and since when.
    With --renew the next dataset gives a new one: switchyard holdout churn --renew --reason "new markets since May"
    """
    access = connect(stack, profile, region, may_change=renew)
    artifacts = sources_of(access).artifacts
    if renew:
        if not reason:
            raise RefusedError("A holdout is renewed for a reason.", "Say it: --reason TEXT.")
        kept = renew_holdout(access, model, reason)
        say(f"The holdout of {model} lies at {artifacts.uri(kept)} now, and judges nothing any more.")
        say(
            "Next: drop a dataset. A fifth of it becomes the holdout, on which champion and challenger are judged."
        )
        if as_json:
            print_json({"kept": artifacts.uri(kept)})
        return
    known = contract_of(artifacts, model)
    found = holdout_of(artifacts, model, known)
    if as_json:
        print_json(asdict(found))
        return
    say(f"{model}: {found.rows:,} rows since {found.since}, never trained on ({artifacts.uri(found.key)})")
    for name, rows in found.classes.items():
        say(f"  {rows:>8,} {name}")


def contract_of(artifacts: Storage, model: str) -> Contract:
    """RefusedError while nothing belongs to the model."""
    known = Snapshots(artifacts).known(model)
    if known is None:
        raise RefusedError(f"No contract belongs to '{model}'.", _advice(artifacts, model))
    return known.contract


def holdout_of(artifacts: Storage, model: str, known: Contract) -> Holdout:
    """RefusedError where there is none."""
    key = holdout_key(model)
    stored = next((item for item in artifacts.list(key) if item.key == key), None)
    if stored is None:
        raise RefusedError(
            f"No holdout belongs to '{model}'.", "Drop a dataset: it gives a fifth of its rows."
        )
    rows = Snapshots(artifacts).rows(key)
    position = [name.strip() for name in next(rows)].index(known.target)
    labels = Counter(row[position].strip() for row in rows)
    moment = datetime.fromtimestamp(stored.modified_at, UTC)
    shown = dict(sorted(labels.items())) if known.is_classification and len(labels) <= MAX_CLASSES else {}
    return Holdout(key, labels.total(), f"{moment:%Y-%m-%d %H:%M} UTC", shown)


def _advice(artifacts: Storage, model: str) -> str:
    names = sorted(artifacts.folders())
    close = get_close_matches(model, [name for name in names if name != model], 1)
    if model not in names and close:
        return f"Did you mean '{close[0]}'?"
    return (
        "It is made of the first dataset, and belongs to the model once a run is promoted: `switchyard runs`."
    )
