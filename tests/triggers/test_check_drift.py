"""Live input is held against the champion's training rows; what has drifted starts one run, and then there is peace."""

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from switchyard.core.champion import Champion
from switchyard.core.data.contract import Contract, Feature, Kind
from switchyard.core.data.packed.packed_rows import DIGEST, PackedRow, packed_rows
from switchyard.core.policy import Problem
from switchyard.training.rules.distribution import InputDistribution, Sample
from switchyard.triggers.check_drift import CheckDrift
from switchyard.triggers.rules.drift import drift_of
from switchyard.triggers.rules.request import Cause, Request
from tests.fakes.stations import PREFIX, Stations, csv_of

HOUR = 3600.0
POLICY = {"minimum_rows": 200, "cooldown_hours": 6}


@dataclass
class Desk:
    """A champion that was trained on rows (a, b), and its captured requests."""

    stations: Stations = field(default_factory=Stations)
    sent: list[Request] = field(default_factory=list)
    broken: bool = False

    def __post_init__(self) -> None:
        stations = self.stations
        stations.has_pipeline(drift=POLICY)
        self.run = stations.a_run()
        stations.prepare_dataset.prepare(self.run)
        champion = Champion(self.run.run_id, "config", "model", "schema.json", "ab" * 32)
        stations.settle_run.ended(self.run, stations.executions.succeeds(self.run.run_id, "REJECTED"))
        stations.ledger.set_champion("digits", champion)
        self.check_drift = CheckDrift(PREFIX, stations.ledger, stations.artifacts, self, stations.clock)

    def send(self, body: dict[str, Any]) -> None:
        if self.broken:
            raise ConnectionError("no answer")
        self.sent.append(Request.from_dict(body))
        self.stations.retraining.retrain(self.sent[-1])

    def asked(self, count: int, shift: float = 0.0, variant: str = "") -> None:
        chance, now = random.Random(count), datetime.fromtimestamp(self.stations.clock(), UTC)  # noqa: S311
        rows = [(1 + chance.randrange(40) / 100 + shift, chance.randrange(40) * 3) for _ in range(count)]
        lines = [_record(f"{a},{b}") for a, b in rows]
        folder = f"_capture/{PREFIX}-digits/{variant or self.run.run_id}"
        self.stations.artifacts.write(
            f"{folder}/{now:%Y/%m/%d/%H/%M-%S}-000-{count}.jsonl", "".join(lines).encode()
        )

    def tick(self, seconds: float = 60.0) -> str:
        self.stations.clock.pass_(seconds)
        [said] = self.check_drift.tick() or [""]
        return said


def contract_of(*names: str, kinds: tuple[Kind, ...] = (Kind.NUMBER, Kind.NUMBER)) -> Contract:
    features = tuple(Feature(name, kind) for name, kind in zip(names, kinds, strict=True))
    return Contract("y", features, Problem.BINARY, ("0", "1"))


def _record(data: str) -> str:
    given = {"observedContentType": "text/csv", "mode": "INPUT", "data": data, "encoding": "CSV"}
    return json.dumps({"captureData": {"endpointInput": given}, "eventMetadata": {}}) + "\n"


def test_input_like_the_training_rows_is_no_drift() -> None:
    desk = Desk()
    desk.asked(400, shift=-0.2)
    desk.stations.artifacts.write(
        f"digits/prepared/{desk.run.run_id}/distribution.json", _baseline(400, -0.2)
    )
    assert desk.tick().startswith("digits: no drift in 400 live rows")
    assert desk.sent == []


def _baseline(count: int, shift: float) -> bytes:
    chance, sample = random.Random(count), Sample(contract_of("a", "b"))  # noqa: S311
    for at in range(count):
        row = [str(1 + chance.randrange(40) / 100 + shift), str(chance.randrange(40) * 3)]
        sample.add(at.to_bytes(4), ["0", *row])
    return json.dumps(sample.distribution().to_dict()).encode()


def test_drift_starts_a_run_and_says_which_feature_by_how_much() -> None:
    desk = Desk()
    desk.asked(400, shift=5.0)
    said = desk.tick()
    assert said.startswith("digits: drift in 400 live rows: PSI of a ")
    assert said.endswith("; 0.2 is the limit")
    item = desk.stations.ledger.run_item("digits", desk.sent[0].run_id)
    assert item is not None
    assert (item["source"], item["why"]) == ("drift", said.removeprefix("digits: "))


def test_a_request_with_a_field_beyond_any_reader_stops_nobody() -> None:
    desk = Desk()
    now = datetime.fromtimestamp(desk.stations.clock(), UTC)
    key = f"_capture/{PREFIX}-digits/{desk.run.run_id}/{now:%Y/%m/%d/%H/%M-%S}-000-x.jsonl"
    desk.stations.artifacts.write(key, _record("x" * 200_000 + ",1").encode())
    desk.asked(400, shift=5.0)
    assert desk.tick().startswith("digits: drift in 400 live rows")


def test_too_few_rows_say_nothing() -> None:
    desk = Desk()
    desk.asked(199, shift=5.0)
    assert desk.tick() == "digits: 199 live rows, 200 are needed to tell"


def test_after_a_run_there_is_peace_for_the_cool_down() -> None:
    desk = Desk()
    desk.asked(400, shift=5.0)
    desk.tick()
    assert desk.tick(5 * HOUR) == ""
    assert "drift in" in desk.tick(2 * HOUR)
    first, second = desk.sent
    assert first.run_id != second.run_id


def test_a_check_that_died_before_its_note_asks_for_the_same_run() -> None:
    desk = Desk()
    desk.asked(400, shift=5.0)
    desk.tick()
    desk.stations.ledger.forget_trigger("digits", Cause.DRIFT)
    desk.tick()
    first, second = desk.sent
    assert first.run_id == second.run_id


def test_a_request_that_did_not_go_out_goes_out_at_the_next_tick() -> None:
    desk = Desk()
    desk.asked(400, shift=5.0)
    desk.broken = True
    assert "ConnectionError" in desk.tick()
    desk.broken = False
    desk.tick()
    assert len(desk.sent) == 1


@pytest.mark.parametrize("variant", ["digits-challenger000", "other"])
def test_only_what_the_champion_was_asked_counts(variant: str) -> None:
    desk = Desk()
    desk.asked(400, shift=5.0, variant=variant)
    assert desk.tick().startswith("digits: 0 live rows")


def test_a_model_without_drift_or_champion_is_left_alone() -> None:
    desk = Desk()
    desk.asked(400, shift=5.0)
    desk.stations.has_pipeline()
    assert desk.tick() == ""
    stations = Stations()
    stations.has_pipeline(drift=POLICY)
    assert CheckDrift(PREFIX, stations.ledger, stations.artifacts, desk, stations.clock).tick() == []


def test_one_models_trouble_does_not_hide_the_others_drift() -> None:
    desk = Desk()
    desk.asked(400, shift=5.0)
    desk.stations.artifacts.write(
        "broken/pipeline.yaml", b"name: broken\ntarget: y\ndrift: {threshold: -1}\n"
    )
    desk.stations.clock.pass_(60)
    broken, said = desk.check_drift.tick()
    assert "InvalidPipelineError" in broken
    assert "drift in 400 live rows" in said


def test_drift_without_captured_input_is_refused() -> None:
    stations = Stations()
    stations.has_pipeline(drift=POLICY, deployment={"capture_percent": 0})
    assert "drift: there are no captured inputs" in stations.drop("digits/train/v1.csv", csv_of(1))


def test_a_sample_is_the_same_in_any_order_and_bounded() -> None:
    rows = [((i << 240).to_bytes(DIGEST), ["0", str(i), str(i % 3)]) for i in range(500)]
    forward, backward, at_once = (Sample(contract_of("a", "b"), 100) for _ in range(3))
    for digest, row in rows:
        forward.add(digest, row)
    for digest, row in reversed(rows):
        backward.add(digest, row)
    for at in range(0, 500, 250):
        some = packed_rows(PackedRow(digest, 0, b"") for digest, _ in rows[at : at + 250])
        at_once.add_all(some, bytes([1]) * 250, lambda place, at=at: rows[at + place][1])
    assert forward.distribution() == backward.distribution() == at_once.distribution()
    assert sum(forward.distribution().features[0].shares) == pytest.approx(1.0)


def test_categories_drift_by_their_shares_and_texts_and_dates_are_not_watched() -> None:
    sample = Sample(contract_of("job", "note", "since", kinds=(Kind.CATEGORY, Kind.TEXT, Kind.DATE)))
    for row in range(100):
        sample.add(row.to_bytes(32), ("0", ("a", "b", "")[row % 3], f"text {row}", "2026-11-29"))
    baseline = InputDistribution.from_dict(json.loads(json.dumps(sample.distribution().to_dict())))
    same = [[("a", " b", "NA")[row % 3], "other", "2027-01-01"] for row in range(100)]
    [(name, least)] = drift_of(baseline, same)
    assert (name, least) == ("job", pytest.approx(0.0))
    [(_, strangers)] = drift_of(baseline, [["c", "text", "2026-11-29"]] * 100)
    assert strangers > 1
