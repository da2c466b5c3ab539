"""The way back: from whatever is found, step by step, to the champion alone on the endpoint."""

# ruff: noqa: E501  one case a line reads best

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.champion import Champion
from switchyard.core.names import Names
from switchyard.core.run import Run, RunState
from switchyard.rollout.rules.restore_step import (
    Done,
    GiveWeights,
    Later,
    Recreate,
    Remove,
    Step,
    UseConfig,
    next_step,
)
from tests.fakes.stations import PREFIX, Stations

CHAMPION = Champion("digits-old", "switchyard-digits-old-full", "switchyard-digits-old", "s.json", "ab")
CANARY, OWN = "switchyard-digits-new-canary", "switchyard-digits-new-full"
BUSY = ["Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"]
ENDPOINT = "switchyard-digits"


def described(status: str, config: str, weights: Mapping[str, float]) -> dict[str, Any]:
    variants = [{"VariantName": name, "CurrentWeight": weight} for name, weight in weights.items()]
    return {"EndpointStatus": status, "EndpointConfigName": config, "ProductionVariants": variants}


BOTH = {"digits-old": 75.0, "digits-new": 25.0}
TABLE: list[tuple[str, dict[str, Any] | None, Champion | None, Step]] = [
    ("nothing is there", None, CHAMPION, Recreate(CHAMPION.config)),
    ("it has failed", described("Failed", CANARY, {}), CHAMPION, Remove()),
    ("the champion's own config failed", described("Failed", CHAMPION.config, {}), CHAMPION, Remove()),
    ("the champion is alone", described("InService", CHAMPION.config, {"digits-old": 100.0}), CHAMPION, Done("digits-old serves alone")),
    ("both serve", described("InService", CANARY, BOTH), CHAMPION, GiveWeights({"digits-old": 100.0, "digits-new": 0.0})),
    (
        "all weight is the challenger's",
        described("InService", CANARY, {"digits-old": 0.0, "digits-new": 100.0}),
        CHAMPION,
        GiveWeights({"digits-old": 100.0, "digits-new": 0.0}),
    ),
    ("weights are given back", described("InService", CANARY, {"digits-old": 100.0, "digits-new": 0.0}), CHAMPION, UseConfig(CHAMPION.config)),
    ("the challenger is alone", described("InService", OWN, {"digits-new": 100.0}), CHAMPION, UseConfig(CHAMPION.config)),
    ("no champion, no endpoint", None, None, Done("there is no champion, and no endpoint")),
    ("no champion, a failed endpoint", described("Failed", OWN, {}), None, Remove()),
    ("no champion, the run's own config", described("InService", OWN, {"digits-new": 100.0}), None, Remove()),
    ("no champion, somebody else's config", described("InService", "other", {}), None, Done("there is no champion to return to")),
    *((f"{status} with a champion", described(status, CANARY, BOTH), CHAMPION, Later(status)) for status in BUSY),
    *((f"{status} without a champion", described(status, OWN, {}), None, Later(status)) for status in BUSY),
]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "champion", "step"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_the_one_next_step(found: dict[str, Any] | None, champion: Champion | None, step: Step) -> None:
    assert next_step(found, champion, abandoned=OWN) == step


def restore_until_done(stations: Stations, run: Run, steps: int = 8) -> int:
    """Plays the restore machine: enters the state, lets the endpoint settle, until it is done. Answers how often."""
    for number in range(1, steps + 1):
        answered = len(stations.tokens.answers)
        stations.restore_champion.restore(run, f"t{number}")
        stations.control.settle()
        stations.waiting.resource_changed(f"endpoint/{ENDPOINT}")
        assert len(stations.tokens.answers) == answered + 1, f"step {number} was never answered"
        answer = stations.tokens.answers[-1]
        assert answer[0] == f"t{number}"
        if answer[1].get("done"):
            return number
    raise AssertionError(f"not done after {steps} steps: {stations.control.describe_endpoint(ENDPOINT)}")


@pytest.fixture
def run(stations: Stations) -> Run:
    stations.champion()
    return stations.a_run()


def put(
    stations: Stations, run: Run, kind: str, weights: Mapping[str, float], status: str = "InService"
) -> None:
    names = Names(PREFIX, run.model, run.run_id)
    config = {"canary": names.canary_config, "full": names.full_config}[kind]
    stations.control.configs[config] = {
        name: (f"switchyard-{name}", weight) for name, weight in weights.items()
    }
    stations.control.put_endpoint(ENDPOINT, config, weights, status)


def is_whole(stations: Stations) -> bool:
    found = stations.control.endpoints[ENDPOINT]
    champion = stations.ledger.champion("digits")
    assert champion is not None
    return (found["EndpointStatus"], stations.control.live(ENDPOINT)) == (
        "InService",
        {champion.run_id: 100.0},
    )


def test_a_canary_is_taken_back_by_weights_first_and_then_by_config(stations: Stations, run: Run) -> None:
    put(stations, run, "canary", {"digits-champion0000": 75.0, run.run_id: 25.0})
    assert restore_until_done(stations, run) == 3
    assert [answer[1]["step"] for answer in stations.tokens.answers[:2]] == ["GiveWeights", "UseConfig"]
    assert is_whole(stations)


def test_no_request_of_the_champion_is_lost_on_the_way_back(stations: Stations, run: Run) -> None:
    """The endpoint is never deleted while it serves."""
    put(stations, run, "canary", {"digits-champion0000": 90.0, run.run_id: 10.0})
    stations.control.delete_endpoint = None  # type: ignore[method-assign,assignment]
    restore_until_done(stations, run)


def test_a_failed_endpoint_is_made_anew(stations: Stations, run: Run) -> None:
    stations.control.fail(ENDPOINT)
    assert restore_until_done(stations, run) == 3
    assert is_whole(stations)


def test_a_deleted_endpoint_is_made_anew(stations: Stations, run: Run) -> None:
    del stations.control.endpoints[ENDPOINT]
    assert restore_until_done(stations, run) == 2
    assert is_whole(stations)


def test_a_changing_endpoint_is_waited_for(stations: Stations, run: Run) -> None:
    put(stations, run, "canary", {"digits-champion0000": 90.0, run.run_id: 10.0}, "Updating")
    stations.restore_champion.restore(run, "t")
    assert stations.tokens.answers == []
    stations.control.settle()
    stations.waiting.resource_changed(f"endpoint/{ENDPOINT}")
    assert stations.tokens.answers == [("t", {"done": False, "step": "Later"})]


def test_a_given_up_first_deployment_leaves_no_endpoint() -> None:
    stations = Stations()
    run = stations.a_run()
    put(stations, run, "full", {run.run_id: 100.0})
    assert restore_until_done(stations, run) == 2
    assert ENDPOINT not in stations.control.endpoints


@pytest.mark.parametrize("state", [None, RunState.PROMOTED])
def test_without_a_champion_record_what_serves_is_not_taken_down_by_hand(state: RunState | None) -> None:
    """Somebody starts the restore machine while the ledger is lost, or for a run that was promoted."""
    stations = Stations()
    run = stations.a_run()
    if state is None:
        stations.items.rows.clear()
    else:
        stations.ledger.set_state("digits", run.run_id, state)
    put(stations, run, "full", {run.run_id: 100.0})
    assert restore_until_done(stations, run) == 1
    assert stations.control.live(ENDPOINT) == {run.run_id: 100.0}


STATUSES = ["InService", "Failed", "Creating", "Updating", "RollingBack", "Deleting", "absent"]


@given(
    status=st.sampled_from(STATUSES),
    kind=st.sampled_from(["canary", "full", "champion"]),
    share=st.sampled_from([0.0, 10.0, 25.0, 50.0, 100.0]),
    broken_again=st.booleans(),
)
@settings(max_examples=150)
def test_from_anywhere_the_way_back_ends(status: str, kind: str, share: float, broken_again: bool) -> None:
    stations = Stations()
    champion = stations.champion()
    run = stations.a_run()
    if kind == "champion":
        stations.control.put_endpoint(ENDPOINT, champion.config, {champion.run_id: 100.0}, status)
    else:
        put(stations, run, kind, {champion.run_id: 100.0 - share, run.run_id: share}, status)
    if status == "absent":
        del stations.control.endpoints[ENDPOINT]
    restore_until_done(stations, run)
    if broken_again:
        stations.control.fail(ENDPOINT)
        restore_until_done(stations, run)
    assert is_whole(stations)
