"""Manual approval: the run waits until a person approves its model package."""

import time

from cli.records.follow import follow
from cli.rows.player import RUN_SECONDS, Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError


def play(player: Player) -> Ending:
    player.upload()
    key = player.drop("train/first.csv", player.data["first.csv"])
    approve(player, waiting_package(player))
    *_, line = follow(player.stack, player.model, key, RUN_SECONDS)
    return Ending(line.state, line.reason) if line else Ending("LOST", "no record in the ledger")


def waiting_package(player: Player) -> str:
    """The ARN of the model package that waits for a person."""
    client, deadline = player.stack.client("sagemaker"), time.monotonic() + RUN_SECONDS
    group = f"switchyard-{player.model}"
    while time.monotonic() < deadline:
        groups = client.list_model_package_groups(NameContains=group)["ModelPackageGroupSummaryList"]
        if any(each["ModelPackageGroupName"] == group for each in groups):
            found = client.list_model_packages(
                ModelPackageGroupName=group, ModelApprovalStatus="PendingManualApproval"
            )["ModelPackageSummaryList"]
            if found:
                return str(found[0]["ModelPackageArn"])
        time.sleep(0.5)
    raise StackError(f"{group}: no model package waits for approval.", "Look at `switchyard runs`.")


def approve(player: Player, arn: str) -> None:
    player.stack.client("sagemaker").update_model_package(
        ModelPackageArn=arn, ModelApprovalStatus="Approved", ApprovalDescription="seen by the demo"
    )


ROW = Row("approval", "operate", "a person approves the model in the registry", play)
