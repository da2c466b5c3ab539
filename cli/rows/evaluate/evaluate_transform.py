"""Offline evaluation by batch transform, of a model that has no endpoint: none is ever made."""

from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.rows.second_drop import compare

BOTH = 2  # a job for the challenger and one for the champion


def play(player: Player) -> Ending:
    first_model(player)
    line, ending = compare(player)
    jobs = player.stack.client("sagemaker").list_transform_jobs(
        NameContains=f"switchyard-{line.run_id}", StatusEquals="Completed"
    )["TransformJobSummaries"]
    return ending if len(jobs) == BOTH else Ending(f"{len(jobs)} TRANSFORM JOBS", ending.reason)


ROW = Row("evaluate-transform", "evaluate offline", "batch transform for large holdouts", play)
