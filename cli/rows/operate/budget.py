"""What the month cannot pay does not start; what a larger budget pays does; and a model goes by its file alone."""

import json
import time

import yaml

from cli.records.ledger import read_lines
from cli.requests.sweep import run_sweep
from cli.rows.first_drop import first_model
from cli.rows.player import RUN_SECONDS, Player
from cli.rows.row import Ending, Row
from cli.stack.errors import StackError
from switchyard.core.ledger.retirement import RETIRED

LARGER_USD = 10


def play(player: Player) -> Ending:
    first_model(player)
    refused = player.train_on("second.csv")
    if refused.state != "ABORTED" or "budget.monthly_usd" not in refused.reason:
        return Ending(refused.state, f"the month could not pay for it: {refused.reason}")
    declare(player, budget={"monthly_usd": LARGER_USD})
    with player.traffic():
        again = player.wait_for_upload(player.drop("train/again.csv", player.data["second.csv"]))
    if again.state != "PROMOTED" or not again.cost_usd:
        return Ending(again.state, f"cost {again.cost}: {again.reason}")
    record = json.loads(player.artifact(f"decisions/{again.run_id}.json"))
    if record["cost"]["usd"] != again.cost_usd:
        return Ending(again.state, f"the ledger says {again.cost_usd}, the record {record['cost']}")
    declare(player, retire=True)
    return retired(player, f"{refused.reason.split(';')[0]}; then {again.run_id} for {again.cost}")


def declare(player: Player, **parts: object) -> None:
    """The owner writes the file anew."""
    declared = yaml.safe_load((player.folder / "pipeline.yaml").read_text())
    player.put_artifact("pipeline.yaml", yaml.safe_dump({**declared, **parts}).encode())


def retired(player: Player, before: str) -> Ending:
    """Sweeps, as the clock would, until nothing of the model is left in SageMaker."""
    named = run_sweep(player.stack, dry_run=True)
    if not any(line.startswith(f"{player.model}: pipeline.yaml says retire") for line in named):
        raise StackError(f"The dry run did not name it: {named}", "Look at the sweep's log.")
    deadline = time.monotonic() + RUN_SECONDS
    while time.monotonic() < deadline:
        run_sweep(player.stack)
        if not left(player):
            [line] = [each for each in read_lines(player.stack, player.model) if each.state == RETIRED]
            return Ending(line.state, f"{before}; {line.reason}")
        time.sleep(1)
    raise StackError(f"Still there: {', '.join(left(player))}", "Look at the sweep's log.")


def left(player: Player) -> list[str]:
    """The model's endpoint, configs and SageMaker models."""
    sagemaker, name = player.stack.client("sagemaker"), f"switchyard-{player.model}"
    endpoints = sagemaker.list_endpoints(NameContains=name)["Endpoints"]
    configs = sagemaker.list_endpoint_configs(NameContains=name)["EndpointConfigs"]
    models = sagemaker.list_models(NameContains=name)["Models"]
    return [
        *(each["EndpointName"] for each in endpoints),
        *(each["EndpointConfigName"] for each in configs),
        *(each["ModelName"] for each in models),
    ]


ROW = Row(
    "budget", "operate", "a budget a month, and a model that retires by its file", play, expected=RETIRED
)
