"""Offline evaluation by batch transform: no alpha endpoint is ever made."""

from cli.rows.player import Player
from cli.rows.row import Ending, Row


def play(player: Player) -> Ending:
    player.upload()
    line = player.train_on("first.csv")
    jobs = player.stack.client("sagemaker").list_transform_jobs(
        NameContains=f"switchyard-{line.run_id}", StatusEquals="Completed"
    )["TransformJobSummaries"]
    return Ending(line.state if jobs else "NO TRANSFORM JOB", line.reason)


ROW = Row("evaluate-transform", "evaluate offline", "batch transform for large holdouts", play)
