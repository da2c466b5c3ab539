"""A row is its values: whatever a later dataset spells otherwise, what judges the model is never trained on."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable

import pytest

from cli.records.ledger import Line
from cli.stack.stack import Stack
from switchyard.core.data.identity import row_identity
from switchyard.core.data.numbers import read_numbers
from tests.e2e.conftest import Running
from tests.e2e.support import await_line, drop, exists, put_artifact, read_artifact

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

MODEL, ROWS = "respelled", 1_200
# A batch model goes live by the gate alone: what is looked at here is what was trained on.
PIPELINE = (
    "name: {model}\ntarget: y\ndeployment: {{mode: batch}}\n"
    "training: {{hyperparameters: {{num_round: 30, max_depth: 3, seed: 1}}}}\n"
)
Spelling = Callable[[str], str]
SPELLINGS: dict[str, Spelling] = {
    "a whole number as pandas writes it beside a gap": lambda text: f"{text}.0" if text.isdigit() else text,
    "zeros behind": lambda text: f"{text}0" if "." in text else text,
    "no zero in front": lambda text: text.removeprefix("0") if text.startswith("0.") else text,
    "an exponent": lambda text: f"{text}e0" if text else text,
    "a word for what is missing": lambda text: text or "nan",
    "a sign": lambda text: {"": "", "0": "-0"}.get(text, f"+{text}"),
    "blanks": lambda text: f" {text}\t" if text else text,
}


def table(rows: int, seed: int) -> list[list[str]]:
    """Whole numbers, fractions and gaps, of which the first says something of the label."""
    lots = random.Random(seed)  # noqa: S311 - rows, no secret
    found = []
    for _ in range(rows):
        whole, share = lots.randrange(100), f"{lots.random():.4f}"
        label = int(lots.random() < (0.9 if whole > 50 else 0.1))
        found.append([str(label), str(whole), share, lots.choice(["", "0", "7"])])
    return found


def as_csv(rows: list[list[str]], spelling: Spelling = str) -> bytes:
    lines = [",".join([row[0], *map(spelling, row[1:])]) for row in rows]
    return "\n".join(["y,whole,share,gap", *lines, ""]).encode()


def identities(body: bytes, header_lines: int) -> list[bytes]:
    rows = list(csv.reader(body.decode().splitlines()))[header_lines:]
    found = [read_numbers(row) for row in rows]
    assert not any(isinstance(row, int) for row in found)
    return [row_identity([*row[1:], row[0]]) for row in found if not isinstance(row, int)]


@pytest.fixture(scope="module")
def stack(bare: Running) -> Stack:
    return bare.stack


@pytest.fixture(scope="module")
def runs(stack: Stack) -> list[Line]:
    """A champion; then the same rows in one dataset, once a spelling and beside new ones."""
    put_artifact(stack, f"{MODEL}/pipeline.yaml", PIPELINE.format(model=MODEL).encode())
    rows = table(ROWS, 1)
    drop(stack, f"{MODEL}/train/first.csv", as_csv(rows))
    first = await_line(stack, MODEL, f"{MODEL}/train/first.csv")
    for number, spelling in enumerate(SPELLINGS.values()):
        drop(stack, f"{MODEL}/train/again/part-{number}.csv", as_csv(rows, spelling))
    drop(stack, f"{MODEL}/train/again/part-new.csv", as_csv(table(ROWS, 2)))
    drop(stack, f"{MODEL}/train/again/_SUCCESS", b"")
    return [first, await_line(stack, MODEL, f"{MODEL}/train/again/")]


def test_no_spelling_of_a_row_that_judges_the_model_is_trained_on(stack: Stack, runs: list[Line]) -> None:
    assert runs[0].state == "PROMOTED", runs[0].reason
    judging = identities(read_artifact(stack, f"{MODEL}/holdout/holdout.csv"), 1)
    run = f"{MODEL}/prepared/{runs[1].run_id}"
    for channel in ("train", "validation"):
        trained_on = identities(read_artifact(stack, f"{run}/{channel}/part-0.csv"), 0)
        assert trained_on
        assert not set(judging) & set(trained_on)
    held_out = json.loads(read_artifact(stack, f"{run}/schema.json"))["rows"]["held_out"]
    assert held_out >= len(judging) * len(SPELLINGS)


ONE_SIDED = [["1" if number == 7 else "0", *row[1:]] for number, row in enumerate(table(1_500, 3))]
BAD = {
    "underscore": as_csv([["0", "1_234", "0.5", "0"], *table(ROWS, 4)]),
    "one-sided": as_csv(ONE_SIDED),
    "noise": as_csv([[str(number % 2), *row[1:]] for number, row in enumerate(table(ROWS, 5))]),
    "two-rows": as_csv([["0", "1", "0.5", ""], ["1", "2", "0.1", "7"]]),
    "other-columns": b"y,unlike\n" + b"".join(b"%d,%d\n" % (n % 2, n * 37 % 101) for n in range(ROWS)),
    "no-header": as_csv(table(ROWS, 6)).partition(b"\n")[2],
}


@pytest.fixture(scope="module")
def failed(stack: Stack) -> dict[str, Line]:
    """Each way of a bad first dataset has a model of its own; they run side by side."""
    for way, body in BAD.items():
        put_artifact(stack, f"bad-{way}/pipeline.yaml", PIPELINE.format(model=f"bad-{way}").encode())
        drop(stack, f"bad-{way}/train/first.csv", body)
    return {way: await_line(stack, f"bad-{way}", f"bad-{way}/train/first.csv") for way in BAD}


@pytest.mark.parametrize("way", BAD)
def test_a_first_dataset_that_fails_leaves_the_model_as_new(
    stack: Stack, failed: dict[str, Line], way: str
) -> None:
    assert failed[way].state not in ("PROMOTED", "RUNNING"), failed[way].reason
    assert failed[way].reason
    assert not exists(stack, f"bad-{way}/contract.json")
    assert not exists(stack, f"bad-{way}/holdout/holdout.csv")


def test_a_sound_dataset_behind_it_goes_live(stack: Stack, failed: dict[str, Line]) -> None:
    """With other columns than those of the first: nothing of it is kept."""
    key = "bad-other-columns/train/second.csv"
    drop(stack, key, as_csv(table(ROWS, 1)))
    line = await_line(stack, "bad-other-columns", key)
    assert line.state == "PROMOTED", line.reason
    assert failed["other-columns"].run_id != line.run_id
