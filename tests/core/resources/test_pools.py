"""Pools of instances: never more than the limit, first come first served, and the same again changes nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from switchyard.core.errors import InvalidInputError
from switchyard.core.resources.pools import (
    Claim,
    Place,
    Pool,
    endpoint_claim,
    limits_of,
    processing_claim,
    training_claim,
    transform_claim,
    waits_text,
)
from tests.fakes.pipelines import pipeline


def place(name: str, since: float = 0.0, instances: int = 1, **more: bool) -> Place:
    return Place(f"training-job/{name}", "StartTraining", "m", f"RUN#{name}", instances, since, **more)


def names(places: tuple[Place, ...]) -> list[str]:
    return [each.resource.removeprefix("training-job/") for each in places]


SIZES = st.lists(st.integers(1, 4), min_size=1, max_size=8)
ACTS = st.lists(st.tuples(st.sampled_from(["enter", "leave", "refuse"]), st.integers(0, 7)), max_size=40)


@given(sizes=SIZES, acts=ACTS, limit=st.integers(4, 9))
def test_there_are_never_more_instances_than_the_limit(
    sizes: list[int], acts: list[tuple[str, int]], limit: int
) -> None:
    pool = Pool()
    for moment, (act, number) in enumerate(acts):
        who = place(str(number % len(sizes)), float(moment), sizes[number % len(sizes)])
        if act == "enter":
            pool = pool.enter(who, limit)
        elif act == "refuse" and pool.holds(who):
            pool = pool.refuse(who)
        elif act == "leave":
            pool = pool.leave(who)
        assert pool.used <= limit
        assert not set(names(pool.holders)) & set(names(pool.waiters))


@given(sizes=SIZES, limit=st.integers(4, 9))
def test_everyone_is_served_in_the_order_in_which_they_came(sizes: list[int], limit: int) -> None:
    everyone = [place(str(n), float(n), size) for n, size in enumerate(sizes)]
    pool, served = Pool(), []
    for who in everyone:
        pool = pool.enter(who, limit)
    served += names(pool.holders)
    while pool.holders:
        pool = pool.leave(pool.holders[0])
        for who in pool.next_up(limit):
            pool = pool.enter(replace(who, since=99.0), limit)
            served.append(names((who,))[0])
            assert pool.holds(who)
    assert served == [str(n) for n in range(len(sizes))]
    assert pool == Pool()


@given(sizes=SIZES, limit=st.one_of(st.none(), st.integers(4, 9)), seed=st.integers(0, 7))
def test_who_comes_again_changes_nothing(sizes: list[int], limit: int | None, seed: int) -> None:
    pool = Pool()
    for n, size in enumerate(sizes):
        pool = pool.enter(place(str(n), float(n), size), limit)
    again = place(str(seed % len(sizes)), 50.0, sizes[seed % len(sizes)])
    assert pool.enter(again, limit) == pool
    once = pool.leave(again)
    assert once.leave(again) == once


def test_a_newcomer_does_not_pass_one_who_needs_more_than_there_is() -> None:
    pool = Pool().enter(place("a"), 3).enter(place("big", 1, 3), 3).enter(place("small", 2), 3)
    assert (names(pool.holders), names(pool.waiters)) == (["a"], ["big", "small"])
    assert pool.next_up(3) == ()
    assert names(pool.leave(place("a")).next_up(3)) == ["big"]


def test_without_a_limit_nobody_is_recorded_until_somebody_was_refused() -> None:
    pool = Pool().enter(place("a"), None)
    assert pool == Pool()
    pool = pool.refuse(place("a", 1)).enter(place("b", 2), None)
    assert names(pool.waiters) == ["a", "b"]
    assert names(pool.next_up(None)) == ["a"]
    pool = pool.enter(place("a", 9), None)
    assert (names(pool.holders), names(pool.next_up(None))) == (["a"], ["b"])


def test_who_is_refused_again_keeps_its_old_place() -> None:
    pool = Pool().refuse(place("a", 1)).enter(place("b", 2), None)
    pool = pool.enter(place("a", 50), None).refuse(place("a", 60))
    assert names(pool.waiters) == ["a", "b"]
    assert pool.waiters[0].since == 1


def test_behind_one_that_sagemaker_refused_nobody_is_let_in_though_the_limit_had_room() -> None:
    pool = Pool().refuse(place("a", 1)).enter(place("b", 2), 10)
    assert names(pool.waiters) == ["a", "b"]
    assert names(pool.next_up(10)) == ["a"]


def test_who_goes_on_with_what_it_holds_waits_for_nobody() -> None:
    """A promotion frees a canary's instances: it must not stand behind one who waits for just these."""
    canary = place("canary", 1, 2, of_run=True)
    pool = Pool().enter(canary, 2).enter(place("other", 2), 2)
    later = replace(canary, ahead=True, key="PromoteChallenger")
    assert pool.enter(later, 2) == pool
    refused = pool.refuse(later)
    assert (refused.used, names(refused.waiters)) == (2, ["canary", "other"])
    assert names(refused.next_up(2)) == ["canary"]


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("", {}),
        (
            "training/ml.m5.xlarge=4, endpoint/ml.g5.xlarge=1",
            {"training/ml.m5.xlarge": 4, "endpoint/ml.g5.xlarge": 1},
        ),
        (
            "processing/ml.c5.large=0,transform/ml.c5.large=2",
            {"processing/ml.c5.large": 0, "transform/ml.c5.large": 2},
        ),
    ],
)
def test_limits_are_read(text: str, limits: dict[str, int]) -> None:
    assert limits_of(text) == limits


@pytest.mark.parametrize(
    "text", ["ml.m5.xlarge=4", "spot/ml.m5.xlarge=4", "training/ml.m5.xlarge", "training/=1"]
)
def test_a_limit_that_is_none_is_named(text: str) -> None:
    with pytest.raises(InvalidInputError, match=f"'{text}' is no limit; write <usage>/<instance type>"):
        limits_of(text)


def test_what_is_asked_for_is_counted_in_instances() -> None:
    parts = {"instance_type": "ml.c5.xlarge", "instance_count": 3, "image": "own:1"}
    depth = {"max_parallel_jobs": 2, "parameters": {"max_depth": {"min": 2, "max": 6}}}
    tuned = pipeline(training=parts, tuning=depth)
    assert training_claim("m", "r", pipeline(training=parts)).text == "3 ml.c5.xlarge for training"
    assert training_claim("m", "r", tuned).text == "6 ml.c5.xlarge for training"
    assert processing_claim("m", "r", tuned) is None
    deployment = pipeline(deployment={"instance_type": "ml.g5.xlarge", "instance_count": 2}).deployment
    assert transform_claim("m", "r", deployment).text == "2 ml.g5.xlarge for transform"
    assert endpoint_claim("m", "r", deployment, 2).text == "4 ml.g5.xlarge for endpoint"
    serverless = pipeline(deployment={"mode": "serverless"}).deployment
    assert endpoint_claim("m", "r", serverless).pool == "endpoint/serverless"


@pytest.mark.parametrize(("before", "said"), [(0, "0 runs"), (1, "1 run"), (2, "2 runs")])
def test_a_wait_says_what_for_and_behind_how_many(before: int, said: str) -> None:
    claim = Claim("m", "RUN#r", "training", "ml.m5.xlarge", 1)
    assert waits_text(claim, before) == f"waits for capacity: 1 ml.m5.xlarge for training, {said} before it"
