"""Files of every kind that people bring go live by `init` and a drop; a refusal says what to do, and that works."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from cli.records.ledger import Line
from cli.stack.stack import Stack
from tests.e2e.support import await_line, switchyard
from tests.walk.advice import followed
from tests.walk.files import KINDS, Kind

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1800), pytest.mark.xdist_group("walk")]

UNDECIDED = ("few-rows", "one-hot")  # so few rows, or so weak a signal, that the gate says what is missing


def init(stack: Stack, file: Path, kind: Kind) -> CompletedProcess[str]:
    """What a newcomer types, with nobody there to answer questions."""
    output = str(file.parent / "pipeline.yaml")
    return switchyard(stack.home, "init", str(file), "--target", kind.target, "--output", output, "--upload")


def begun(stack: Stack, kind: Kind, folder: Path) -> str:
    """The key of the drop; a file that is refused is mended as it was told."""
    answer = init(stack, kind.write(folder), kind)
    if kind.mend is not None:
        said = " ".join((answer.stdout + answer.stderr).split())
        assert (answer.returncode, kind.says in said) == (2, True), said
        answer = init(stack, kind.mend(folder), kind)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    [key] = re.findall(r"Dropped: (\S+)\. ", answer.stdout)
    return str(key)


@pytest.fixture(scope="module")
def ended(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Line]:
    """How each ended; the runs go side by side."""
    keys = {name: begun(stack, kind, tmp_path_factory.mktemp(name)) for name, kind in KINDS.items()}
    return {name: await_line(stack, key.partition("/")[0], key, 900) for name, key in keys.items()}


@pytest.mark.parametrize("name", KINDS)
def test_it_becomes_a_live_model_or_why_says_how(stack: Stack, ended: Mapping[str, Line], name: str) -> None:
    line = ended[name]
    if name in UNDECIDED:
        assert line.state == "INCONCLUSIVE", line.reason
        line = followed(stack, line)
    assert line.state == "PROMOTED", line.reason


def test_there_are_as_many_kinds_as_were_asked_for() -> None:
    assert len(KINDS) == 18
