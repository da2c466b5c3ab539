"""Labels: looked through as they arrive, joined once they are due, each counted once, late ones and strangers never."""

import gzip
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.config.snapshot import schema_key
from switchyard.core.data.contract import Contract, Feature
from switchyard.core.policy import Problem
from switchyard.core.resources.captured import Captured
from switchyard.labels.join import Arrived, Join, Prediction
from switchyard.labels.rules.label_file import read_labels
from switchyard.labels.rules.label_line import LabelError, read_label
from switchyard.labels.score_labels import ScoreLabels
from switchyard.labels.windows import LabelWindows
from tests.fakes.stations import PREFIX, Stations
from tests.fakes.store import MemoryStorage

CHAMPION = "digits-champion0000"
AGE = 600.0
METRICS = {"errors": {"margin": 0.005}, "label_error": {"margin": 0.1, "maturity_seconds": AGE}}


@dataclass
class Desk:
    """A rollout of digits whose requests are captured, and somebody who labels."""

    stations: Stations = field(default_factory=Stations)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        stations = self.stations
        stations.has_pipeline(rollout={"metrics": METRICS})
        stations.champion()
        self.run = stations.a_run()
        stations.clock.now = 1_800_000_000.0
        self.start = stations.clock()
        trail = [{"at": self.start, "stage": 0, "weight": 10.0}]
        record = {"champion": CHAMPION, "started_at": str(self.start), "trail": json.dumps(trail)}
        stations.ledger.save_rollout(self.run.run_id, {**record, "stage": 0, "model": "digits"})
        self.score_labels = ScoreLabels(
            PREFIX,
            stations.ledger,
            stations.data,
            stations.artifacts,
            stations.snapshots,
            stations.clock,
            60.0,
        )
        send = type("Send", (), {"send": lambda _self, body: self.asked.append(body)})()
        self.windows = LabelWindows(stations.ledger, send, stations.clock, 300)

    def captured(self, name: str, answers: dict[str, float], variant: str = "", after: float = 10.0) -> None:
        at = datetime.fromtimestamp(self.start + after, UTC)
        key = f"_capture/{PREFIX}-digits/{variant or self.run.run_id}/{at:%Y/%m/%d/%H/%M-%S}-000-{name}.jsonl"
        self.stations.clock.now = max(self.stations.clock.now, self.start + after)
        self.stations.artifacts.write(
            key, "".join(_record(each, p, at) for each, p in answers.items()).encode()
        )

    def label(self, name: str, *lines: Any, after: float) -> str:
        self.stations.clock.now = self.start + after
        key = f"digits/labels/{name}.jsonl"
        text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
        self.stations.data.write(key, text.encode())
        return key

    def join(self) -> dict[str, tuple[int, float, int, float]]:
        self.score_labels.join("digits", self.run.run_id, self.start, self.start + 300)
        return {b.metric: (b.n0, b.s0, b.n1, b.s1) for b in self.stations.ledger.blocks(self.run.run_id)}


def _record(identity: str, probability: float, at: datetime) -> str:
    output = {
        "observedContentType": "text/csv",
        "mode": "OUTPUT",
        "data": str(probability),
        "encoding": "CSV",
    }
    about = {"eventId": f"e-{identity}", "inferenceId": identity, "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"}
    return json.dumps({"captureData": {"endpointOutput": output}, "eventMetadata": about}) + "\n"


def of(identity: str, label: object) -> dict[str, object]:
    return {"inferenceId": identity, "label": label}


def test_losses_and_coverage_of_both_arms() -> None:
    desk = Desk()
    desk.captured("a", {"n1": 0.9, "n2": 0.9, "n3": 0.2})
    desk.captured("b", {"o1": 0.9, "o2": 0.1}, CHAMPION)
    desk.label("1", of("n1", 1), of("n2", 0), of("o1", 1), after=100)
    assert desk.join() == {"label_error": (1, 0.0, 2, 1.0), "label_error_missing": (2, 1.0, 3, 1.0)}


def test_a_label_counts_once_and_the_last_one_in_time_is_it() -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9})
    desk.label("1", of("n", 1), of("n", 1), after=50)
    desk.label("2", of("n", 0), after=100)
    desk.label("3", of("n", 1), after=10 + AGE + 1)
    assert desk.join()["label_error"] == (0, 0.0, 1, 1.0)


def test_a_window_that_is_joined_twice_counts_once() -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9})
    desk.label("1", of("n", 0), after=50)
    assert desk.join() == desk.join()


def test_model_monitors_ground_truth_is_read_too() -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9})
    truth = {"groundTruthData": {"data": "0", "encoding": "CSV"}, "eventMetadata": {"eventId": "n"}}
    desk.label("1", truth, after=50)
    assert desk.join()["label_error"] == (0, 0.0, 1, 1.0)


@pytest.mark.parametrize("data", ['"yes, often"', " yes, often ", '"yes, often"\n'])
def test_ground_truth_is_a_field_of_csv(data: str) -> None:
    truth = {"groundTruthData": {"data": data}, "eventMetadata": {"eventId": "n"}}
    assert read_label(json.dumps(truth)).value == "yes, often"


def test_ground_truth_in_another_encoding_is_told() -> None:
    truth = {"groundTruthData": {"data": "MQ==", "encoding": "BASE64"}, "eventMetadata": {"eventId": "n"}}
    with pytest.raises(LabelError, match="groundTruthData is BASE64, and CSV is read"):
        read_label(json.dumps(truth))


def test_requests_of_another_window_are_left_to_it() -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9}, after=10)
    desk.captured("b", {"m": 0.9}, after=310)
    desk.label("1", of("n", 1), of("m", 1), after=320)
    assert desk.join()["label_error_missing"] == (0, 0.0, 1, 0.0)


def test_a_file_with_bad_lines_is_told_of_with_rows_and_its_good_labels_count() -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9})
    key = desk.label(
        "1", of("n", 0), "nonsense", of("n2", None), "", {"label": 1}, of("stranger", 1), after=50
    )
    said = desk.score_labels.arrived(key)
    assert "row 2: not JSON" in said
    assert "row 3: label is missing or not a finite number" in said
    assert "row 5: inferenceId is missing" in said
    assert (
        "row 6: no captured request of the last day and no row of a batch drop has this inferenceId" in said
    )
    assert said.endswith("The other label is used")
    [upload] = [u for u in desk.stations.uploads() if u["source"].endswith(key)]
    assert (upload["state"], upload["reason"]) == ("INVALID", f"{key}: {said}")
    assert desk.join()["label_error"] == (0, 0.0, 1, 1.0)


def test_a_sound_file_leaves_no_complaint() -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9})
    assert desk.score_labels.arrived(desk.label("1", of("n", 0), after=50)) == "1 labels"
    assert [u for u in desk.stations.uploads() if "labels" in str(u["source"])] == []


def test_files_that_were_joined_have_marks_of_byte_order_within() -> None:
    lines = [
        (row, label.identity)
        for row, label in read_labels([("\ufeff" + json.dumps(of("n", 1)) + "\n").encode() * 2])
    ]
    assert lines == [(1, "n"), (2, "n")]


BAD_FILES = {
    "utf16": '{"inferenceId":"n","label":1}'.encode("utf-16"),
    "latin1": b'{"inferenceId":"\xe9","label":1}',
    "deep": b"[" * 9_000,
    "deep in a label": b'{"inferenceId":"n","label":' + b"[" * 9_000,
    "401 digits": b'{"inferenceId":"n","label":' + b"9" * 401 + b"}",
    "5000 digits": b'{"inferenceId":"n","label":' + b"9" * 5_000 + b"}",
    "infinite": b'{"inferenceId":"n","label":1e400}',
    "nul": b"\x00\x00",
    "a label twice": b'{"inferenceId":"n","label":1,"label":0}',
    "an id twice": b'{"inferenceId":"o","inferenceId":"n","label":0}',
    "gzip": gzip.compress(b'{"inferenceId":"n","label":0}'),
    "carriage returns": b'{"inferenceId":"n","label":0}\r{"inferenceId":"o","label":0}\r',
    "half a surrogate": b'{"inferenceId":"\\ud800","label":1}',
}


@pytest.mark.parametrize("bad", BAD_FILES.values(), ids=BAD_FILES)
def test_a_bad_file_is_told_with_its_row_and_the_join_uses_the_good_ones(bad: bytes) -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9, "o": 0.9})
    desk.label("1", of("n", 1), after=50)
    key = "digits/labels/2.jsonl"
    desk.stations.data.write(key, bad)
    assert "row 1: " in desk.score_labels.arrived(key)
    [upload] = [u for u in desk.stations.uploads() if key in u["source"]]
    assert upload["state"] == "INVALID"
    desk.label("3", of("o", 1), after=60)
    assert desk.join()["label_error"] == (0, 0.0, 2, 0.0)


TOLD = {
    "utf16": "row 1: not UTF-8 text, but UTF-16 or UTF-32 as it looks; save it as UTF-8. No label",
    "a label twice": "row 1: 'label' stands twice in it",
    "an id twice": "row 1: 'inferenceId' stands twice in it",
    "gzip": "row 1: it is compressed with gzip; decompress it. No label",
    "carriage returns": "row 1: its lines end with CR alone; end each with a line feed",
    "latin1": "row 1: not UTF-8 text (invalid continuation byte); save it as UTF-8",
}


@pytest.mark.parametrize("what", TOLD)
def test_what_a_bad_file_is_is_told(what: str) -> None:
    desk = Desk()
    desk.stations.data.write("digits/labels/1.jsonl", BAD_FILES[what])
    assert desk.score_labels.arrived("digits/labels/1.jsonl").startswith(TOLD[what])


@pytest.mark.parametrize("size", [3, 1000])
def test_a_line_that_is_no_utf8_stops_none_of_its_file(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk()
    desk.captured("a", {"n": 0.9, "o": 0.9})
    body = b'{"inferenceId":"n","label":1}\n{"inferenceId":"\xe9","label":1}\n{"inferenceId":"o","label":1}'
    desk.stations.data.write("digits/labels/1.jsonl", body)
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    monkeypatch.setattr(desk.stations.data, "chunks", lambda _: iter(pieces))
    said = desk.score_labels.arrived("digits/labels/1.jsonl")
    assert said.startswith("row 2: not UTF-8 text")
    assert said.endswith("The other 2 labels are used")
    assert desk.join()["label_error"] == (0, 0.0, 2, 0.0)


lines = st.one_of(
    st.binary(max_size=80),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["inferenceId", "label", "x"]), inner)
        ),
    ).map(lambda value: json.dumps(value).encode()),
)


@given(st.lists(lines, max_size=6))
def test_whatever_is_in_a_file_its_reader_ends(contents: list[bytes]) -> None:
    store = MemoryStorage("data")
    store.write("f", b"\n".join(contents))
    rows = [row for row, _ in read_labels(store.chunks("f"))]
    assert rows == sorted(set(rows))


@pytest.mark.parametrize("name", ["1.json", "1.csv", "1.jsonl.gz", "1.JSONL", "sub/1.txt"])
def test_a_file_of_another_name_is_told_and_not_read(name: str) -> None:
    desk = Desk()
    desk.stations.data.write(f"digits/labels/{name}", b"{}")
    assert "end in .jsonl" in desk.score_labels.arrived(f"digits/labels/{name}")
    [upload] = [u for u in desk.stations.uploads() if f"labels/{name}" in u["source"]]
    assert upload["state"] == "INVALID"


@pytest.mark.parametrize(
    "key",
    [
        *("digits/labels/", "digits/labels/_SUCCESS", "digits/labels/.1.jsonl.crc", "digits/labels"),
        *("digits/train/1.jsonl", "gone/labels/1.jsonl"),
    ],
)
def test_what_is_no_label_file_is_ignored(key: str) -> None:
    desk = Desk()
    if not key.startswith("gone"):
        desk.stations.data.write(key, b"{}")
    assert desk.score_labels.arrived(key).startswith("ignored")


def test_a_window_is_asked_for_once_when_its_labels_can_no_longer_come() -> None:
    desk = Desk()
    policy = desk.stations.snapshots.pipeline(desk.run).rollout

    def asked(seconds: float) -> list[float]:
        desk.stations.clock.now = desk.start + seconds
        desk.windows.ask(desk.run, desk.stations.ledger.rollout(desk.run.run_id) or {}, policy)
        return [each["start"] - desk.start for each in desk.asked]

    assert asked(300 + AGE - 1) == []
    assert asked(300 + AGE) == [0]
    assert asked(300 + AGE + 1) == [0]
    assert asked(900 + AGE) == [0, 300, 600]


def test_labels_that_come_for_one_model_only_are_objected_to() -> None:
    desk = Desk()
    policy = desk.stations.snapshots.pipeline(desk.run).rollout
    assert policy.metrics["label_error_missing"].maturity_seconds == AGE
    desk.captured("a", {f"n{i}": 0.9 for i in range(200)})
    desk.captured("b", {f"o{i}": 0.9 for i in range(200)}, CHAMPION)
    desk.label("1", *[of(f"n{i}", 1) for i in range(200)], *[of(f"o{i}", 1) for i in range(100)], after=50)
    desk.join()
    said = desk.windows.objection(desk.stations.ledger.blocks(desk.run.run_id), policy)
    assert said.startswith("labels came for 50% of the champion's requests and for 100% of the challenger's")


times = st.integers(0, 20)


@given(
    requests=st.dictionaries(
        st.integers(0, 30).map(str), st.tuples(times, st.booleans(), st.booleans()), max_size=20
    ),
    labels=st.lists(st.tuples(st.integers(0, 40).map(str), times, st.booleans()), max_size=40),
    parts=st.integers(1, 7),
)
@settings(max_examples=80)
def test_the_join_is_what_it_says_however_it_is_partitioned(
    requests: dict[str, tuple[int, bool, bool]], labels: list[tuple[str, int, bool]], parts: int
) -> None:
    arrived = sorted(labels, key=lambda each: each[1])
    wanted = {}
    for name, (at, is_challenger, said) in requests.items():
        own = [(moment, value) for each, moment, value in arrived if each == name and moment <= at + 5]
        wanted[name] = (float(at), is_challenger, None if not own else float(own[-1][1] != said))
    predictions = [
        Prediction(Captured(name, float(at), (0.0,)), arm, 0, float(said))
        for name, (at, arm, said) in requests.items()
    ]
    given_labels = [Arrived(name, float(value), float(at)) for name, at, value in arrived]
    found = [(s.at, s.challenger, s.loss) for s in Join(5.0, parts=parts).served(predictions, given_labels)]
    assert sorted(map(str, found)) == sorted(map(str, wanted.values()))


def bank(desk: Desk) -> None:
    """The model in rollout tells no from yes."""
    contract = Contract("y", (Feature("a"),), Problem.BINARY, ("no", "yes")).to_json()
    desk.stations.artifacts.write("digits/contract.json", contract)
    desk.stations.artifacts.write(schema_key(desk.run), contract)


def test_labels_are_classes_by_the_names_that_people_gave_them() -> None:
    desk = Desk()
    bank(desk)
    desk.captured("a", {"n": 0.9, "m": 0.2})
    assert desk.score_labels.arrived(desk.label("1", of("n", "no"), of("m", " No"), after=50)) == "2 labels"
    assert desk.join()["label_error"] == (0, 0.0, 2, 1.0)


def test_a_label_that_is_no_class_is_told_and_does_not_count() -> None:
    desk = Desk()
    bank(desk)
    desk.captured("a", {"n": 0.9, "m": 0.2})
    said = desk.score_labels.arrived(desk.label("1", of("n", "maybe"), of("m", "no"), after=50))
    assert "row 1: the label is none that the model knows, classes no, yes; write one of these" in said
    assert desk.join()["label_error"] == (0, 0.0, 1, 0.0)
