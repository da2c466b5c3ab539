"""Three models at once, and instances for one training: the others wait in line, and none fails."""

from __future__ import annotations

import itertools
import time
from dataclasses import replace

from cli.records.ledger import Line, read_lines
from cli.records.run_state import is_terminal
from cli.rows.player import RUN_SECONDS, Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError
from cli.stack.faults import faults, put_faults
from cli.stack.stack import Stack

WAITS = "waits for capacity: "
MINE = "switchyard-capacity*"
FULL = {"fault": "quota", "operation": "CreateTrainingJob", "limit": 1, "name": MINE}
HELD = {"fault": "stuck", "job": MINE}  # the first training, until the others have found it there


def play(player: Player) -> Ending:
    """All three end as the first does, one training after the other, and the ledger has shown that two waited."""
    players = [player, *(replace(player, called=f"{player.model}-{number}") for number in (2, 3))]
    with faults(player.stack, [FULL, HELD]):
        keys = [dropped(each) for each in players]
        waited = until_two_wait(player.stack, [each.model for each in players])
        put_faults(player.stack, [FULL])
        lines = [each.wait_for_upload(key) for each, key in zip(players, keys, strict=True)]
    if at_once(player.stack, lines):
        return Ending("CROWDED", "two trainings were under way at the same time")
    ending = next((line for line in lines if line.state != ROW.expected), lines[0])
    return Ending(ending.state, f"{waited}; then: {ending.reason}")


def dropped(player: Player) -> str:
    player.upload()
    return player.drop("train/first.csv", player.data["first.csv"])


def until_two_wait(stack: Stack, models: list[str]) -> str:
    """What the run says that waits behind another one."""
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        lines = [line for model in models for line in read_lines(stack, model)]
        said = [line.reason for line in lines]
        if ended := [line.reason for line in lines if is_terminal(line.state)]:
            raise StackError(
                f"A run ended instead of waiting in line: {ended[0]}", "Look at `switchyard runs`."
            )
        behind = [reason for reason in said if reason.startswith(WAITS) and "1 run before it" in reason]
        if behind:
            return behind[0].partition(";")[0]
        time.sleep(0.2)
    raise StackError("No two runs have waited in line.", "Look at `switchyard runs`.")


def at_once(stack: Stack, lines: list[Line]) -> bool:
    """Whether two of the runs' training jobs were under way at the same time."""
    client = stack.client("sagemaker")
    jobs = [client.describe_training_job(TrainingJobName=f"switchyard-{line.run_id}") for line in lines]
    times = sorted((job["CreationTime"], job["TrainingEndTime"]) for job in jobs)
    return any(later[0] < earlier[1] for earlier, later in itertools.pairwise(times))


ROW = Row("capacity", "operate", "three models, and instances for one training at a time", play)
