"""A search over hyperparameters in front of the training: the best job's model goes on, and the record says which."""

import json
from typing import Any

from cli.rows.player import Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError


def play(player: Player) -> Ending:
    player.upload()
    line = player.train_on("first.csv")
    won = winner(player, line.run_id)
    tuned = ", ".join(f"{name}={value}" for name, value in sorted(won["hyperparameters"].items()))
    return Ending(line.state, f"{tuned}; {line.reason}")


def winner(player: Player, run_id: str) -> dict[str, Any]:
    """What the decision record says of the tuning job."""
    bucket, key = player.stack.output("ArtifactBucketName"), f"{player.model}/decisions/{run_id}.json"
    body = player.stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    found: dict[str, Any] = json.loads(body)["tuning"]
    if not found:
        raise StackError(f"{key} names no winning hyperparameters.", "Look at the tuning job in SageMaker.")
    return found


ROW = Row("tuning", "train", "hyperparameter tuning in front of the training", play)
