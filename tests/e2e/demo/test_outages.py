"""Breaking the local stack in the middle of a rollout: `switchyard up` leaves an endpoint that serves the champion."""

import signal

import pytest

from cli.demo.clients import LiveClients, Load, in_background
from cli.demo.stage import PIPELINE
from cli.records.ledger import read_lines
from tests import patience
from tests.e2e.conftest import Demo
from tests.e2e.support import (
    LIVE_ENDPOINT,
    MODEL,
    RUN_SECONDS,
    await_line,
    drop,
    fresh_rows,
    kill,
    line_of,
    live_endpoint,
    put_artifact,
    switchyard,
    until,
)

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]


def champion(demo: Demo) -> str:
    return live_endpoint(demo.stack).weights[0][0]


def start_rollout(demo: Demo, seed: int) -> tuple[str, str]:
    """Drops a new dataset and returns once its model is beside the champion: (key, champion)."""
    stack, live, key = demo.stack, champion(demo), f"{MODEL}/train/outage-{seed}.csv"
    put_artifact(stack, f"{MODEL}/pipeline.yaml", PIPELINE.read_bytes())
    drop(stack, key, fresh_rows(seed))
    until(lambda: len(live_endpoint(stack).weights) == 2, patience.SECONDS, "the canary")
    return key, live


def predict(demo: Demo) -> int:
    row = ",".join("0" for _ in range(64))
    answer = demo.stack.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=LIVE_ENDPOINT, ContentType="text/csv", Body=row.encode()
    )
    return int(answer["ResponseMetadata"]["HTTPStatusCode"])


def expect_champion_back(demo: Demo, live: str) -> None:
    assert live_endpoint(demo.stack).weights == ((live, 1.0),)
    assert live_endpoint(demo.stack).status == "InService"
    assert predict(demo) == 200


def broken(demo: Demo, service: str, sign: signal.Signals) -> str:
    """Ends a service, and answers what `up` said of it."""
    kill(demo.home, service, sign)
    up = switchyard(demo.home, "up")
    assert up.returncode == 0, up.stdout + up.stderr
    return up.stdout


def test_the_plane_is_killed_in_a_rollout(demo: Demo) -> None:
    key, live = start_rollout(demo, 1)
    assert "The local SageMaker was down" in broken(demo, "plane", signal.SIGKILL)
    expect_champion_back(demo, live)
    line = line_of(demo.stack, MODEL, key)
    assert line is not None
    assert (line.state, line.reason) == (
        "ABORTED",
        "Outage: the local SageMaker died while this run was under way",
    )


def test_a_dataset_whose_run_was_aborted_runs_again_when_it_is_dropped_again(demo: Demo) -> None:
    key = f"{MODEL}/train/outage-1.csv"
    rows = [",".join("1" for _ in range(64))]
    with in_background(
        LiveClients(
            Load(
                demo.stack.plane_url,
                LIVE_ENDPOINT,
                rows,
                200.0,
                max_seconds=RUN_SECONDS,
                keys=demo.stack.keys,
            )
        )
    ):
        drop(demo.stack, key, fresh_rows(1))
        until(
            lambda: (line := line_of(demo.stack, MODEL, key)) and line.run_id.endswith("-r2"),
            patience.SECONDS,
            "the second try",
        )
        line = await_line(demo.stack, MODEL, key)
    assert (line.state, line.run_id[-3:]) == ("PROMOTED", "-r2")
    assert champion(demo) == line.run_id


def test_ministack_is_stopped_in_a_rollout(demo: Demo) -> None:
    key, live = start_rollout(demo, 2)
    assert "MiniStack was stopped" in broken(demo, "ministack", signal.SIGTERM)
    expect_champion_back(demo, live)
    line = line_of(demo.stack, MODEL, key)
    assert line is not None
    assert (line.state, "ServiceRestart" in line.reason) == ("FAILED", True)


def test_ministack_is_killed_in_a_rollout(demo: Demo) -> None:
    before = {line.run_id: line.state for line in read_lines(demo.stack, MODEL) if line.run_id}
    key, live = start_rollout(demo, 3)
    assert "MiniStack was killed: the objects in S3 are kept" in broken(demo, "ministack", signal.SIGKILL)
    expect_champion_back(demo, live)
    after = {line.run_id: line.state for line in read_lines(demo.stack, MODEL)}
    assert before.items() <= after.items()
    line = line_of(demo.stack, MODEL, key)
    assert line is not None
    assert (line.state, "the ledger was lost" in line.reason) == ("ABORTED", True)


def test_down_stops_everything_and_purge_leaves_nothing(demo: Demo) -> None:
    down = switchyard(demo.home, "down", "--purge")
    assert down.returncode == 0, down.stdout + down.stderr
    assert not demo.home.state_file.exists()
    assert not demo.home.ministack.exists()
    assert "not started" in switchyard(demo.home, "runs").stderr
