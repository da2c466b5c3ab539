"""A champion first, then a second dataset that is judged against it."""

import json

from cli.records.ledger import Line
from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending


def compare(player: Player) -> tuple[Line, Ending]:
    """The second dataset's record, and what the gate said of both models; the rollout is the caller's."""
    line = player.train_on("second.csv")
    evaluation = json.loads(player.artifact(f"evaluations/{line.run_id}/evaluation.json"))
    if not evaluation["champion"]:
        return line, Ending("NOT COMPARED", "the gate saw no champion")
    gate = evaluation["gate"]
    return line, Ending(line.state, f"{gate['rows']} rows through both models: {gate['reason']}")


def play(player: Player) -> Ending:
    """Both drops, the second one through a rollout under live requests."""
    first_model(player)
    with player.traffic():
        _, ending = compare(player)
    return ending
