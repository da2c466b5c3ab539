"""The same table in five forms is the same dataset to a model: the same values in every part, and the same verdict."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from cli.demo.clients import LiveClients, Load, in_background
from cli.records.ledger import Line
from cli.stack.stack import Stack
from switchyard.core.data.contract import Kind, read_contract
from switchyard.core.data.identity import row_identity
from switchyard.core.data.rows import RowReader
from tests.e2e.bare.tables import FORMS, ROWS, TARGET, Files, as_csv, rows
from tests.e2e.conftest import Running
from tests.e2e.support import await_line, drop, put_artifact, read_artifact

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

# Margins that 240 rows of a holdout can tell; the demo's row `any-form` has the two lines alone.
PIPELINE = """\
name: {model}
target: {target}
training: {{hyperparameters: {{num_round: 30, max_depth: 3, seed: 1}}}}
evaluation: {{metrics: {{accuracy: {{margin: 0.06}}, log_loss: {{margin: 0.1}}}}}}
"""


def begun(stack: Stack, form: str, folder: Path) -> str:
    """A model of its own gets the table in this form; answers the key by which its line is found."""
    model = f"form-{form}"
    put_artifact(stack, f"{model}/pipeline.yaml", PIPELINE.format(model=model, target=TARGET).encode())
    return dropped(stack, model, "first", FORMS[form](rows(), folder))


def dropped(stack: Stack, model: str, version: str, files: Files) -> str:
    place = f"{model}/train/{version}/"
    for name, body in files.items():
        drop(stack, place + name, body)
    drop(stack, f"{place}_SUCCESS", b"")
    return place


def digest_of_values(kinds: tuple[Kind, ...], body: bytes, header_lines: int) -> tuple[int, str]:
    """How many rows there are, and a digest of their values in no order."""
    reader = RowReader(kinds)
    found = sorted(identities(reader, islice(csv.reader(body.decode().splitlines()), header_lines, None)))
    return len(found), hashlib.sha256(b"".join(found)).hexdigest()


def identities(reader: RowReader, table: Iterable[list[str]]) -> Iterable[bytes]:
    for fields in table:
        values = reader.values(fields)
        assert isinstance(values, list), fields
        yield row_identity(values)


def parts(stack: Stack, line: Line) -> dict[str, tuple[int, str]]:
    """What the run trained on, and what judges it."""
    run = f"{line.model}/prepared/{line.run_id}"
    kinds = read_contract(read_artifact(stack, f"{line.model}/contract.json")).kinds
    return {
        "train": digest_of_values((Kind.NUMBER, *kinds), read_artifact(stack, f"{run}/train/part-0.csv"), 0),
        "validation": digest_of_values(
            (Kind.NUMBER, *kinds), read_artifact(stack, f"{run}/validation/part-0.csv"), 0
        ),
        "holdout": digest_of_values(
            (Kind.CATEGORY, *kinds), read_artifact(stack, f"{line.model}/holdout/holdout.csv"), 1
        ),
    }


def verdict(stack: Stack, line: Line) -> dict[str, Any]:
    record = json.loads(read_artifact(stack, f"{line.model}/decisions/{line.run_id}.json"))
    return {"state": line.state, "reason": line.reason, "gate": record["evaluation"]["gate"]}


@pytest.fixture(scope="module")
def ended(bare: Running, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Line]:
    """How each form's first dataset ended; they run side by side."""
    keys = {form: begun(bare.stack, form, tmp_path_factory.mktemp(form)) for form in FORMS}
    return {form: await_line(bare.stack, f"form-{form}", key) for form, key in keys.items()}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_the_same_values_in_every_part(
    bare: Running, ended: dict[str, Line], form: str
) -> None:
    assert ended[form].state == "PROMOTED", ended[form].reason
    found, plain = parts(bare.stack, ended[form]), parts(bare.stack, ended["plain"])
    assert found == plain
    assert sum(count for count, _ in found.values()) == ROWS


@pytest.mark.parametrize("form", FORMS)
def test_each_form_has_the_same_contract_and_the_same_verdict(
    bare: Running, ended: dict[str, Line], form: str
) -> None:
    contracts = [read_artifact(bare.stack, f"form-{each}/contract.json") for each in (form, "plain")]
    assert contracts[0] == contracts[1]
    assert verdict(bare.stack, ended[form]) == verdict(bare.stack, ended["plain"])


THROUGH_A_ROLLOUT = ("gz", "jsonl")  # the demo's row `any-form` has a spreadsheet's CSV and Parquet
REQUESTS_PER_SECOND = 80.0


@pytest.fixture(scope="module")
def second(
    bare: Running, ended: dict[str, Line], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Line]:
    """How the second dataset of some ended, the first and as much again, under live requests; side by side."""
    table = rows() + rows(seed=12)
    asked = [line.rpartition(",")[0] for line in as_csv(table).splitlines()[1:]]
    with ExitStack() as live:
        for form in THROUGH_A_ROLLOUT:
            load = Load(
                bare.stack.plane_url,
                f"switchyard-form-{form}",
                asked,
                REQUESTS_PER_SECOND,
                keys=bare.stack.keys,
            )
            live.enter_context(in_background(LiveClients(load)))
        files = {form: FORMS[form](table, tmp_path_factory.mktemp(form)) for form in THROUGH_A_ROLLOUT}
        keys = {form: dropped(bare.stack, f"form-{form}", "second", files[form]) for form in files}
        return {form: await_line(bare.stack, f"form-{form}", key) for form, key in keys.items()}


@pytest.mark.parametrize("form", THROUGH_A_ROLLOUT)
def test_the_second_dataset_goes_live_through_a_rollout(
    bare: Running, second: dict[str, Line], form: str
) -> None:
    line = second[form]
    assert line.state == "PROMOTED", line.reason
    record = json.loads(read_artifact(bare.stack, f"form-{form}/decisions/{line.run_id}.json"))
    assert record["evaluation"]["champion"]
    schema = json.loads(read_artifact(bare.stack, f"form-{form}/prepared/{line.run_id}/schema.json"))
    assert (
        schema["rows"]["held_out"]
        == len(read_artifact(bare.stack, f"form-{form}/holdout/holdout.csv").splitlines()) - 1
    )


def test_the_second_dataset_has_the_same_verdict_in_every_form(
    bare: Running, second: dict[str, Line]
) -> None:
    first, other = (verdict(bare.stack, second[form]) for form in THROUGH_A_ROLLOUT)
    assert first["gate"] == other["gate"]
