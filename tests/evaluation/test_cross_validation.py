"""Small data: from a drop to a verdict by repeated cross-validation, with a training job that is made up."""

import json
from typing import Any

import pytest

from switchyard.core.champion import Champion
from switchyard.core.errors import InvalidDatasetError, JobFailedError
from switchyard.core.run import Run
from switchyard.evaluation.chunks import all_chunks
from switchyard.evaluation.judge_holdout import JudgeHoldout
from switchyard.evaluation.out_of_fold import OutOfFold
from switchyard.evaluation.score_chunk import ScoreChunk
from switchyard.evaluation.transform_holdout import TransformHoldout
from tests.fakes.flow import FakeScorer
from tests.fakes.job_outputs import out_of_fold
from tests.fakes.stations import PREFIX, Stations

SMALL = {
    "evaluation": {"minimum_rows": 200, "folds": 5, "repeats": 2, "metrics": {"accuracy": {"margin": 0.1}}}
}
ROWS = 150
ARTIFACT = "digits/models/job/output/model.tar.gz"


def table(rows: range) -> str:
    return "a,b,y\n" + "".join(f"{n},{n % 7},{n % 2}\n" for n in rows)


class Case:
    """One dataset, prepared; a job that says what the test wants; and the verdict."""

    def __init__(self, stations: Stations, rows: range = range(ROWS), **parts: Any) -> None:
        self.stations = stations
        stations.has_pipeline(**SMALL | parts)
        stations.drop(f"digits/train/{rows.stop}.csv", table(rows))
        newest = max(stations.ledger.runs("digits"), key=lambda item: str(item["started_at"]))
        self.run: Run = stations.ledger.run("digits", str(newest["run_id"]))
        self.prepared = stations.prepare_dataset.prepare(self.run)

    def read(self, name: str) -> str:
        return self.stations.artifacts.read(f"digits/prepared/{self.run.run_id}/{name}").decode()

    @property
    def labels(self) -> list[int]:
        return [int(line.split(",")[0]) for line in self.read("rows.csv").splitlines()[1:]]

    def answers(self, wrong: int) -> list[float]:
        """Sure of every row, and wrong on the first so many."""
        return [0.9 if (label == 1) != (at < wrong) else 0.1 for at, label in enumerate(self.labels)]

    def left(self, content: Any, name: str = "out-of-fold.json") -> None:
        artifacts = self.stations.artifacts
        artifacts.write(ARTIFACT, b"model")
        artifacts.write(ARTIFACT.replace("model.tar.gz", "output.tar.gz"), out_of_fold(content, name))

    def says(self, *wrong: int, champion: tuple[int, ...] = ()) -> None:
        new, old = [self.answers(each) for each in wrong], [self.answers(each) for each in champion]
        self.left({"rows": len(self.labels), "challenger": new, "champion": old or None})

    def alpha(self) -> dict[str, Any]:
        s = self.stations
        use = TransformHoldout(
            PREFIX, s.ledger, s.artifacts, s.control, s.snapshots, s.waiting, OutOfFold(s.artifacts)
        )
        return use.prepare(self.run, self.prepared, s.artifacts.uri(ARTIFACT))

    def verdict(self) -> dict[str, str]:
        alpha, s = self.alpha(), self.stations
        assert alpha["jobs"] == []
        scoring = ScoreChunk(s.artifacts, s.snapshots, FakeScorer(lambda *_: pytest.fail("nobody is asked")))
        for chunk in all_chunks(s.artifacts, self.prepared["chunks"]):
            scoring.score(self.run, self.prepared["schema"], alpha, chunk)
        return JudgeHoldout(s.artifacts, s.snapshots).judge(self.run, alpha, self.prepared["chunks"])

    def evaluation(self, verdict: dict[str, str]) -> dict[str, Any]:
        return dict(json.loads(self.stations.artifacts.read(verdict["evaluation"])))

    def goes_live(self) -> None:
        self.stations.promote(self.run)


def test_rows_that_the_champion_knows_are_no_holdout_for_a_program_that_cannot_fold(
    stations: Stations,
) -> None:
    """As after `training.image` was set to one's own, and the same data is tried again."""
    Case(stations).goes_live()
    with pytest.raises(
        InvalidDatasetError,
        match=r"every row of this dataset.* bring 1000 rows .*small_data: cross_validation",
    ):
        Case(stations, range(ROWS - 10), training={"image": "mine:1"})


def test_few_rows_are_all_trained_on_and_the_job_is_asked_for_folds(stations: Stations) -> None:
    case = Case(stations)
    assert case.prepared["judged_by"] == "cross_validation"
    assert case.prepared["channels"] == ["train", "validation", "contract", "cross_validation"]
    trained = (case.read("train/part-0.csv") + case.read("validation/part-0.csv")).splitlines()
    assert trained == case.read("rows.csv").splitlines()[1:]
    assert len(trained) == ROWS
    assert json.loads(case.read("cross_validation/plan.json")) == {"folds": 5, "repeats": 2, "champion": None}


def test_the_models_owner_gets_no_holdout_of_rows_that_were_trained_on(stations: Stations) -> None:
    case = Case(stations)
    case.goes_live()
    assert stations.ledger.champion("digits")
    assert not stations.artifacts.exists("digits/holdout/holdout.csv")
    assert stations.artifacts.exists("digits/contract.json")


def test_a_first_model_is_judged_on_all_rows_and_the_record_says_how(stations: Stations) -> None:
    case = Case(stations)
    case.says(15, 15)
    verdict = case.verdict()
    assert verdict["verdict"] == "pass"
    assert "(5-fold cross-validation, 2 times over all 150 rows)" in verdict["reason"]
    found = case.evaluation(verdict)
    assert found["via"] == "cross_validation"
    how = found["cross_validation"]
    assert (how["folds"], how["repeats"], how["rows"]) == (5, 2, 150)
    assert how["variance_factor"] == pytest.approx(1 / 2 + 5 / 4)
    assert how["effective_rows"] == round(150 / 1.75)
    assert found["gate"]["rows"] == found["performance"]["rows"] == 150
    assert sum(map(sum, found["performance"]["challenger"]["confusion"])) == 150


def test_the_interval_is_that_of_as_many_independent_rows_as_are_said(stations: Stations) -> None:
    case = Case(stations)
    case.says(15, 15)
    low, high = case.evaluation(case.verdict())["gate"]["figures"][0]["interval"]
    half = 1.6449 * (0.9 * 0.1 / (150 / 1.75)) ** 0.5
    assert (high - low) / 2 == pytest.approx(half, rel=0.01)


def test_a_champion_is_compared_on_the_newest_rows_trained_on_its_own(stations: Stations) -> None:
    Case(stations).goes_live()
    case = Case(stations, range(20, ROWS + 40))
    plan = json.loads(case.read("cross_validation/plan.json"))
    assert plan["champion"]["objective"] == "binary:logistic"
    before = case.read("cross_validation/champion-train.csv") + case.read(
        "cross_validation/champion-validation.csv"
    )
    assert len(before.splitlines()) == ROWS
    case.says(10, 10, champion=(60, 60))
    verdict = case.verdict()
    assert verdict["verdict"] == "pass"
    assert case.evaluation(verdict)["gate"]["figures"][0]["champion"] == pytest.approx(1 - 60 / 170)


def test_one_that_is_worse_than_the_champion_is_rejected(stations: Stations) -> None:
    Case(stations).goes_live()
    case = Case(stations, range(20, ROWS + 40))
    case.says(60, 60, champion=(5, 5))
    assert case.verdict()["verdict"] == "fail"


def test_a_model_that_grows_gets_a_holdout_of_rows_that_its_champion_has_not_seen(stations: Stations) -> None:
    Case(stations).goes_live()
    case = Case(stations, range(1500))
    assert case.prepared["judged_by"] == "holdout"
    held = {int(line.split(",")[1]) for line in case.read("holdout.csv").splitlines()[1:]}
    assert len(held) >= 200
    assert min(held) >= ROWS


def test_a_few_new_rows_more_are_judged_with_the_old_ones(stations: Stations) -> None:
    Case(stations, range(900)).goes_live()
    assert Case(stations, range(1200)).prepared["judged_by"] == "cross_validation"


def test_owners_may_refuse_small_data(stations: Stations) -> None:
    with pytest.raises(InvalidDatasetError, match="bring 1000 rows"):
        Case(stations, evaluation={"small_data": "refuse"})


def test_too_few_rows_for_folds_are_told_how_many_would_do(stations: Stations) -> None:
    with pytest.raises(InvalidDatasetError, match=r"asks for 20: two for each fold; bring 8 more"):
        Case(stations, range(12), evaluation={"folds": 10})


def test_a_champion_of_a_holdout_that_is_gone_is_not_compared_on_rows_it_may_have_seen(
    stations: Stations,
) -> None:
    """The owner took the holdout away to renew it; this dataset is too small for another."""
    Case(stations, range(1500)).goes_live()
    stations.artifacts.objects.pop("digits/holdout/holdout.csv")
    with pytest.raises(InvalidDatasetError, match="bring 1000 rows"):
        Case(stations, range(150))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"challenger": [[0.5] * ROWS]}, "2 times 150 predictions were expected, and there are 1 times 150"),
        ({"challenger": [[0.5] * 3] * 2}, "there are 2 times 3"),
        ({}, "there are 0 times 0"),
    ],
)
def test_what_a_job_did_not_say_ends_the_run_with_what_to_do(
    stations: Stations, content: Any, said: str
) -> None:
    case = Case(stations)
    case.left(content)
    with pytest.raises(JobFailedError, match=said) as refused:
        case.alpha()
    assert "small_data: refuse" in str(refused.value)


def test_an_image_that_knows_nothing_of_it_is_told_apart_from_a_broken_one(stations: Stations) -> None:
    case = Case(stations)
    stations.artifacts.write(ARTIFACT, b"model")
    with pytest.raises(JobFailedError, match=r"left no output\.tar\.gz.*use the default image"):
        case.alpha()
    case.left({}, name="other.json")
    with pytest.raises(JobFailedError, match=r"has no out-of-fold\.json"):
        case.alpha()
    stations.artifacts.write(ARTIFACT.replace("model.tar.gz", "output.tar.gz"), b"no archive")
    with pytest.raises(JobFailedError, match="cannot be read"):
        case.alpha()


def test_a_champion_that_changed_meanwhile_is_not_compared_with_the_one_before(stations: Stations) -> None:
    case = Case(stations)
    case.says(15, 15)
    stations.ledger.set_champion(
        "digits", Champion("digits-other", "config", "model", "schema.json", "ab" * 32)
    )
    with pytest.raises(JobFailedError, match=f"switchyard retry {case.run.run_id}"):
        case.alpha()


def test_rows_that_were_trained_on_are_no_holdout_to_a_machine_of_before_an_upgrade(
    stations: Stations,
) -> None:
    case = Case(stations)
    alpha = {
        "via": "alpha",
        "endpoint": "alpha",
        "champion": "",
        "champion_schema": "",
        "artifact_sha256": "ab",
    }
    scoring = ScoreChunk(stations.artifacts, stations.snapshots, FakeScorer(lambda *_: (0.5,)))
    [chunk] = case.prepared["chunks"]["items"]
    with pytest.raises(JobFailedError, match="judges it anew"):
        scoring.score(case.run, case.prepared["schema"], alpha, chunk)


def test_slices_are_judged_by_the_same_predictions(stations: Stations) -> None:
    Case(stations).goes_live()
    case = Case(stations, range(20, ROWS + 40), evaluation=SMALL["evaluation"] | {"slices": ["b"]})
    case.says(10, 10, champion=(10, 10))
    figures = case.evaluation(case.verdict())["gate"]["figures"]
    assert sum(figure["rows"] for figure in figures if figure["slice"]) == 170
