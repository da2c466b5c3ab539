"""The decisions of tuning: spaces, proposals, early stopping, Hyperband, and what comes next."""

from __future__ import annotations

import math
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagemaker_local.tuning.strategy.early_stopping import is_behind
from sagemaker_local.tuning.strategy.hyperband import Resources, is_out
from sagemaker_local.tuning.strategy.plan import End, Launch, Limits, Wait, next_step
from sagemaker_local.tuning.strategy.search import Search, propose
from sagemaker_local.tuning.strategy.space import RangeError, Space, read_space
from sagemaker_local.tuning.strategy.trial import Trial, trials_not_improving


def numeric(low: str, high: str, scaling: str = "Auto", kind: str = "Continuous") -> Space:
    each = {"Name": "x", "MinValue": low, "MaxValue": high, "ScalingType": scaling}
    return read_space({f"{kind}ParameterRanges": [each]})


def search(space: Space, strategy: str = "Random", *, maximise: bool = False) -> Search:
    return Search(space, strategy, maximise, seed="seed")


def done(
    number: int, objective: float | None = None, *, status: str = "Completed", **parameters: str
) -> Trial:
    return Trial(f"t{number}", "", parameters, status, objective)


class TestASpace:
    @given(
        low=st.floats(1e-6, 0.4), width=st.floats(0, 0.5), scaling=st.sampled_from(["Linear", "Logarithmic"])
    )
    @settings(max_examples=30)
    def test_holds_everything_that_is_drawn_from_it(self, low: float, width: float, scaling: str) -> None:
        space = numeric(repr(low), repr(low + width), scaling)
        for number in range(3):
            drawn = propose(search(space), [done(each, x=repr(low)) for each in range(number)])
            assert space.contains(drawn)

    def test_walks_reverse_logarithmic_towards_one(self) -> None:
        space = numeric("0.5", "0.999", "ReverseLogarithmic")
        history: list[Trial] = []
        for number in range(30):
            history.append(done(number, **propose(search(space), history)))
        values = sorted(float(each.parameters["x"]) for each in history)
        assert 0.5 <= values[0] <= values[-1] <= 0.999
        assert values[15] > 0.9  # by powers of 1 - x, half of them are above 0.98

    @pytest.mark.parametrize(
        ("low", "high", "scaling", "expected"),
        [
            ("1", "10", "Auto", "Linear"),
            ("1", "1000", "Auto", "Logarithmic"),
            ("0", "1000", "Auto", "Linear"),
            ("1", "1000", "Linear", "Linear"),
        ],
    )
    def test_scales_by_powers_where_it_is_wide(
        self, low: str, high: str, scaling: str, expected: str
    ) -> None:
        (axis,) = numeric(low, high, scaling).axes
        assert getattr(axis, "scaling", None) == expected

    @pytest.mark.parametrize(
        ("low", "high", "scaling"),
        [
            ("2", "1", "Auto"),
            ("a", "1", "Auto"),
            ("nan", "1", "Auto"),
            ("0", "1", "Logarithmic"),
            ("0", "1", "ReverseLogarithmic"),
        ],
    )
    def test_refuses_what_nothing_can_be_drawn_from(self, low: str, high: str, scaling: str) -> None:
        with pytest.raises(RangeError, match="hyperparameter x"):
            numeric(low, high, scaling)

    def test_refuses_two_ranges_of_one_name(self) -> None:
        each = {"Name": "x", "MinValue": "1", "MaxValue": "2"}
        with pytest.raises(RangeError, match="more than one range"):
            read_space({"ContinuousParameterRanges": [each], "IntegerParameterRanges": [each]})

    def test_counts_its_combinations(self) -> None:
        ranges = {
            "IntegerParameterRanges": [{"Name": "n", "MinValue": "1", "MaxValue": "4"}],
            "CategoricalParameterRanges": [{"Name": "c", "Values": ["a", "b"]}],
        }
        assert read_space(ranges).size == 8
        assert numeric("0", "1").size == math.inf


class TestAProposal:
    @pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
    def test_is_new_as_long_as_there_is_something_new(self, strategy: str) -> None:
        space = numeric("1", "5", "Linear", "Integer")
        history: list[Trial] = []
        for number in range(5):
            history.append(done(number, float(number), **propose(search(space, strategy), history)))
        assert {each.parameters["x"] for each in history} == set("12345")

    @pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
    def test_is_the_same_for_the_same_history(self, strategy: str) -> None:
        history = [done(number, 1.0, x=f"0.{number}") for number in range(3)]
        looked = search(numeric("0", "1"), strategy)
        assert propose(looked, history) == propose(looked, list(history))

    @pytest.mark.parametrize("maximise", [True, False])
    def test_of_bayesian_search_closes_in_on_the_optimum(self, *, maximise: bool) -> None:
        def distances(strategy: str) -> list[float]:
            history: list[Trial] = []
            looked = search(numeric("0", "1"), strategy, maximise=maximise)
            for number in range(40):
                drawn = propose(looked, history)
                loss = (float(drawn["x"]) - 0.7) ** 2
                history.append(done(number, -loss if maximise else loss, **drawn))
            return [abs(float(each.parameters["x"]) - 0.7) for each in history[20:]]

        assert fmean(distances("Bayesian")) < 0.5 * fmean(distances("Random"))

    def test_leaves_room_for_what_still_runs(self) -> None:
        space = numeric("0", "1")
        history = [done(number, status="InProgress", x=f"0.{number}") for number in range(4)]
        assert space.contains(propose(search(space, "Bayesian"), history))


class TestEarlyStopping:
    def trial(self, *curve: float) -> Trial:
        return Trial("t", "", {}, "InProgress", curve=curve)

    def test_stops_what_is_worse_than_the_median_of_the_running_averages(self) -> None:
        others = [self.trial(4, 2), self.trial(6, 4), self.trial(8, 6)]  # averages 3, 5, 7
        assert is_behind(self.trial(9, 5.5), others, maximise=False)
        assert not is_behind(self.trial(9, 4.5), others, maximise=False)
        assert is_behind(self.trial(9, 4.5), others, maximise=True)

    def test_compares_with_those_that_came_as_far(self) -> None:
        others = [self.trial(1), self.trial(1), self.trial(1), self.trial(1, 1)]
        assert not is_behind(self.trial(9, 9), others, maximise=False)


class TestHyperband:
    def test_stops_at_the_end_of_its_resources(self) -> None:
        assert is_out(Resources(1, 3), 0, [(1, 1, 1)], maximise=False)

    def test_keeps_the_best_third_of_a_bracket(self) -> None:
        resources = Resources(3, 8)  # one bracket, one rung at 3
        curves = [(float(each),) * 3 for each in (5, 1, 4, 2, 6, 3)]
        out = [is_out(resources, number, curves, maximise=False) for number in range(6)]
        assert out == [True, False, True, False, True, True]

    def test_does_not_stop_before_the_least(self) -> None:
        curves = [(1.0,) * 2, (9.0,) * 2, (9.0,) * 2]
        assert not is_out(Resources(3, 8), 1, curves, maximise=False)

    def test_has_brackets_that_begin_later(self) -> None:
        resources = Resources(1, 9)
        assert resources.brackets == 3
        assert [resources.rungs(each) for each in range(3)] == [[1, 3], [3], []]


class TestImprovement:
    @pytest.mark.parametrize(
        ("values", "count"),
        [
            ([], 0),
            ([None, 1.0], 0),
            ([1.0, 0.99], 0),
            ([1.0, 0.995], 1),
            ([1.0, 0.995, 0.99, 0.985], 3),
            ([1.0, 2.0, 0.5, 0.6], 1),
            ([-1.0, -1.001, -1.02], 0),
            ([0.0, 0.0, -0.1], 0),
        ],
    )
    def test_is_of_1_percent_or_more(self, values: list[float | None], count: int) -> None:
        """ "failed to improve model performance by 1% or greater over prior training jobs"."""
        trials = [done(number, value) for number, value in enumerate(values)]
        assert trials_not_improving(trials, maximise=False) == count
        mirrored = [done(number, None if value is None else -value) for number, value in enumerate(values)]
        assert trials_not_improving(mirrored, maximise=True) == count


class TestTheNextStep:
    limits = Limits(jobs=3, parallel=2, maximise=False)

    def step(self, *trials: Trial, is_stopping: bool = False, is_late: bool = False) -> object:
        return next_step(self.limits, trials, is_stopping=is_stopping, is_late=is_late)

    def live(self, number: int) -> Trial:
        return done(number, status="InProgress")

    def test_fills_the_free_places(self) -> None:
        assert self.step() == Launch(2)
        assert self.step(self.live(1)) == Launch(1)
        assert self.step(self.live(1), self.live(2)) == Wait()
        assert self.step(done(1, 1.0), done(2, 1.0)) == Launch(1)
        assert self.step(done(1, 1.0), done(2, 1.0), self.live(3)) == Wait()
        assert self.step(done(1, 1.0), done(2, 1.0), done(3, 1.0)) == End("Completed")

    def test_gives_a_place_again_that_an_internal_error_took_but_not_for_ever(self) -> None:
        lost = Trial("t", "", {}, "Failed", is_retryable=True)
        assert self.step(lost, lost) == Launch(2)
        assert self.step(done(1, 1.0), *[lost] * 5) == End("Completed")

    def test_stops_first_and_ends_then(self) -> None:
        for step in (
            lambda *trials: self.step(*trials, is_stopping=True),
            lambda *trials: self.step(*trials, is_late=True),
        ):
            assert step(self.live(1)) == Wait(stop=True)
        assert self.step(done(1, 1.0), is_stopping=True) == End("Stopped")
        assert self.step(done(1, 1.0), is_late=True) == End("Completed")
