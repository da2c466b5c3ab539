"""Endpoints as an account has them, on the running stack: serverless, asynchronous, one that scales, one that is slow.

All are played side by side, each with clients of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import yaml

from cli.rows.deploy import asynchronous, serverless
from cli.rows.player import Player
from cli.rows.row import Ending
from cli.stack.faults import faults
from cli.stack.stack import Stack
from tests.e2e.conftest import Running
from tests.e2e.support import RUN_SECONDS, switchyard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

REQUESTS_PER_SECOND = 30.0
SILENCE_SECONDS = 60
SCALED, SLOW = "digits-scaled", "digits-slow"
SLOWER = {"fault": "slow", "endpoint": f"switchyard-{SLOW}", "seconds": SILENCE_SECONDS + 15, "times": 1}


def declared(player: Player, **deployment: object) -> bytes:
    """The example's pipeline.yaml with a rollout that few requests decide."""
    document: dict[str, Any] = yaml.safe_load(player.pipeline)
    document["training"]["hyperparameters"]["num_round"] = 30
    document["deployment"] = deployment
    document["rollout"] = {
        "steps": [25],
        "metrics": {"errors": {"margin": 0.05, "baseline": 0.002}},
        "silence_seconds": SILENCE_SECONDS,
        "deadline_seconds": 900,
    }
    return yaml.safe_dump(document, sort_keys=False).encode()


def first_model(player: Player, **deployment: object) -> None:
    player.put_artifact("holdout/holdout.csv", player.data["holdout.csv"])
    player.put_artifact("pipeline.yaml", declared(player, **deployment))
    line = player.train_on("first.csv", RUN_SECONDS)
    assert line.state == "PROMOTED", line.reason


def scaled(stack: Stack) -> Ending:
    player = Player(stack, "digits", called=SCALED)
    first_model(player, scaling={"min": 1, "max": 2, "target": 600})
    with player.traffic(requests_per_second=REQUESTS_PER_SECOND):
        line = player.train_on("second.csv", RUN_SECONDS)
    return Ending(line.state, line.run_id)


def slow(stack: Stack) -> Ending:
    player = Player(stack, "digits", called=SLOW)
    first_model(player)
    with faults(stack, [SLOWER]), player.traffic(requests_per_second=REQUESTS_PER_SECOND):
        line = player.train_on("second.csv", RUN_SECONDS)
    return Ending(line.state, line.reason)


SCENES: Mapping[str, Callable[[Stack], Ending]] = {
    "serverless": lambda stack: serverless.play(Player(stack, "serverless")),
    "async": lambda stack: asynchronous.play(Player(stack, "async")),
    "scaled": scaled,
    "slow": slow,
}


@pytest.fixture(scope="module")
def endings(bare: Running) -> Mapping[str, Ending]:
    with ThreadPoolExecutor(len(SCENES)) as pool:
        played = {name: pool.submit(scene, Stack.load(bare.home)) for name, scene in SCENES.items()}
        return {name: scene.result() for name, scene in played.items()}


def test_a_serverless_release_that_fails_every_request_is_taken_back(endings: Mapping[str, Ending]) -> None:
    """Its endpoint publishes no InvocationModelErrors."""
    assert endings["serverless"].state == "ROLLED_BACK", endings["serverless"].reason
    assert "the challenger is worse" in endings["serverless"].reason


def test_an_asynchronous_model_is_promoted(endings: Mapping[str, Ending]) -> None:
    """Its requests are counted as InvocationsProcessed."""
    assert endings["async"].state == "PROMOTED", endings["async"].reason


def test_an_endpoint_that_scales_is_promoted_on_and_goes_on_scaling(
    bare: Running, endings: Mapping[str, Ending]
) -> None:
    """SageMaker refuses to remove a variant that is a scalable target; the champion is the only one afterwards."""
    assert endings["scaled"].state == "PROMOTED", endings["scaled"].reason
    asked = bare.stack.client("application-autoscaling").describe_scalable_targets(
        ServiceNamespace="sagemaker"
    )
    targets = {each["ResourceId"] for each in asked["ScalableTargets"] if SCALED in each["ResourceId"]}
    assert targets == {f"endpoint/switchyard-{SCALED}/variant/{endings['scaled'].reason}"}


def test_a_change_that_takes_longer_than_silence_may_last_is_no_silence(
    endings: Mapping[str, Ending],
) -> None:
    assert endings["slow"].state == "PROMOTED", endings["slow"].reason


def test_the_doctor_finds_nothing_amiss(bare: Running, endings: Mapping[str, Ending]) -> None:
    found = switchyard(bare.home, "doctor")
    assert found.returncode == 0, found.stdout + found.stderr
