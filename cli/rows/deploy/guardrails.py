"""Guardrails: SageMaker shifts to the second model by itself; the third is a release with a bug, and an alarm trips."""

from cli.demo.data import BAD_RELEASE_IMAGE, IMAGE
from cli.rows.first_drop import first_model
from cli.rows.player import Player
from cli.rows.row import Ending, Row

REQUESTS_PER_SECOND = 100.0


def play(player: Player) -> Ending:
    first_model(player)
    with player.traffic(requests_per_second=REQUESTS_PER_SECOND):
        second = player.train_on("second.csv")
        if second.state != "PROMOTED":
            return Ending(second.state, f"the second model was not promoted: {second.reason}")
        bad_release = (player.folder / "pipeline.yaml").read_text().replace(IMAGE, BAD_RELEASE_IMAGE)
        player.put_artifact("pipeline.yaml", bad_release.encode())
        third = player.train_on("third.csv")
    left = alarms(player)
    return Ending("ALARMS_LEFT", ", ".join(left)) if left else Ending(third.state, third.reason)


def alarms(player: Player) -> list[str]:
    """The model's alarms, which live and die with runs."""
    found = player.stack.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"switchyard-{player.model}-")
    return [alarm["AlarmName"] for alarm in found["MetricAlarms"]]


ROW = Row(
    "guardrails",
    "deploy",
    "SageMaker's own blue/green: by parts of the instances, and back when an alarm trips",
    play,
    expected="ROLLED_BACK",
)
