"""An operator goes back to a champion of before; what is no way back any more is reaped."""

import json

import pytest

from switchyard.core.errors import MissingError, RunUnderWayError
from switchyard.core.ledger.champions import KEPT_CHAMPIONS
from switchyard.core.names import Names
from switchyard.core.run import RunState
from tests.fakes.stations import PREFIX, Stations

RUNS = [f"digits-{number:012d}" for number in range(1, 7)]


def promoted(stations: Stations, *runs: str) -> None:
    """One after the other, each with its record, model and configs."""
    for name in runs:
        run = stations.a_run(seed=RUNS.index(name) + 1)
        stations.champion(run.run_id)
        names = Names(PREFIX, "digits", run.run_id)
        stations.control.models[names.sagemaker_model] = "artifact"
        stations.control.configs[names.canary_config] = {}
        stations.ledger.set_state("digits", run.run_id, RunState.PROMOTED, "better")
        stations.ledger.release("digits", run.run_id)


@pytest.fixture
def house(stations: Stations) -> Stations:
    stations.has_pipeline()
    promoted(stations, *RUNS)
    return stations


def ids(stations: Stations) -> list[str]:
    return [each.run_id for each in stations.ledger.kept_champions("digits")]


def test_without_a_name_it_is_the_champion_before(house: Stations) -> None:
    before = ids(house)
    assert house.set_champion.go_back("digits", "", "complaints") == {"champion": before[1]}
    assert ids(house) == [before[1], before[0], *before[2:]]


def test_a_second_way_back_leads_to_where_one_came_from(house: Stations) -> None:
    before = ids(house)
    house.set_champion.go_back("digits", "", "complaints")
    house.set_champion.go_back("digits", "", "it was not the model")
    assert ids(house) == before


@pytest.mark.parametrize("is_named", [False, True])
def test_an_execution_whose_answer_was_lost_goes_back_once(house: Stations, is_named: bool) -> None:
    before = ids(house)
    to = before[1] if is_named else ""
    for _ in range(3):
        house.clock.pass_(1)
        assert house.set_champion.go_back("digits", to, "complaints", "by-hand-1") == {"champion": before[1]}
    assert ids(house) == [before[1], before[0], *before[2:]]
    house.set_champion.go_back("digits", "", "it was not the model", "by-hand-2")
    assert ids(house) == before


def test_an_execution_that_broke_off_behind_its_record_goes_on_to_the_same_champion(house: Stations) -> None:
    before = ids(house)
    house.set_champion.go_back("digits", "", "complaints", "by-hand-1")
    house.champion(before[0])
    assert house.set_champion.go_back("digits", "", "complaints", "by-hand-1") == {"champion": before[1]}


def test_each_kept_champion_can_be_named_and_asking_twice_changes_nothing(house: Stations) -> None:
    oldest = ids(house)[-1]
    house.set_champion.go_back("digits", oldest, "complaints")
    after = ids(house)
    house.set_champion.go_back("digits", oldest, "complaints")
    assert (ids(house), after[0], len(after)) == (after, oldest, KEPT_CHAMPIONS + 1)


def test_one_that_is_not_kept_any_more_is_refused_with_those_that_are(house: Stations) -> None:
    with pytest.raises(MissingError, match=rf"digits-gone is not kept any more; kept: {ids(house)[1]}, "):
        house.set_champion.go_back("digits", "digits-gone", "complaints")


def test_it_is_refused_while_a_run_could_promote_its_own_model(house: Stations) -> None:
    before, run = ids(house), house.a_run(seed=40)
    with pytest.raises(RunUnderWayError, match=run.run_id):
        house.set_champion.go_back("digits", "", "complaints")
    assert ids(house) == before


def test_a_lost_ledger_remembers_the_way_back(house: Stations) -> None:
    for item in house.ledger.runs("digits"):
        run = house.ledger.run("digits", str(item["run_id"]))
        house.settle_run.close(run, house_outcome())
    former = ids(house)[1]
    house.clock.pass_(60)
    house.set_champion.go_back("digits", "", "complaints")
    house.items.rows.clear()
    house.sweep.sweep()
    champion = house.ledger.champion("digits")
    assert champion is not None
    assert champion.run_id == former


def house_outcome() -> object:
    from switchyard.core.run import Outcome

    return Outcome(RunState.PROMOTED, "better")


def test_what_is_no_way_back_any_more_is_reaped_and_the_ways_back_are_kept(house: Stations) -> None:
    kept = {Names(PREFIX, "digits", run_id) for run_id in ids(house)}
    house.sweep.sweep()
    assert set(house.control.models) == {names.sagemaker_model for names in kept}
    assert set(house.control.configs) == {names.full_config for names in kept}


def test_a_dry_run_says_what_is_amiss_and_changes_nothing(house: Stations) -> None:
    before = (json.dumps(sorted(map(str, house.items.rows.items()))), dict(house.control.configs))
    found = house.sweep.sweep(dry_run=True)
    assert len(found) == len(RUNS)
    assert all("no way back any more" in line or "canary" in line for line in found)
    assert (json.dumps(sorted(map(str, house.items.rows.items()))), dict(house.control.configs)) == before


def test_nothing_is_reaped_while_a_run_is_under_way_nor_what_an_endpoint_uses(house: Stations) -> None:
    before = dict(house.control.configs)
    house.a_run(seed=40)
    assert list(house.sweep.cleanup.findings("digits")) == []
    assert house.control.configs == before
    active = str(house.ledger.active("digits"))
    house.ledger.set_state("digits", active, RunState.FAILED)
    house.ledger.release("digits", active)
    canary = Names(PREFIX, "digits", ids(house)[0]).canary_config
    house.control.put_endpoint("switchyard-digits", canary, {ids(house)[0]: 100.0})
    for finding in house.sweep.cleanup.findings("digits"):
        finding.mend()
    assert canary in house.control.configs


def test_the_registry_says_what_was_taken_back_and_what_is_live_again(house: Stations) -> None:
    now, before = ids(house)[:2]
    arns = {}
    for each in (now, before):
        run = house.ledger.run("digits", each)
        arns[each] = house.model_registry.register(run, "s3://a/model.tar.gz", "digits/e.json")["arn"]
    house.set_champion.go_back("digits", "", "complaints")
    assert house.control.approvals == {arns[now]: "Rejected", arns[before]: "Approved"}
    assert house.control.answers[arns[now]] == "ROLLED_BACK: by hand: complaints"
