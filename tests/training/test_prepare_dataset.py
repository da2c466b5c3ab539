"""From a snapshot to channels: label first, no header, and never a row of the holdout in training."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from switchyard.core.champion import Champion
from switchyard.core.data.contract import Contract, Feature
from switchyard.core.data.numbers import read_numbers
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.policy import Problem
from switchyard.core.run import Run
from switchyard.training.rules.split import MAX_CHUNKS, holdout_chunks
from tests.fakes.stations import Stations, csv_of

HOLDOUT = "digits/holdout/holdout.csv"
ENOUGH = [(f"7{n}", "8", str(n % 2)) for n in range(30)]  # of both labels, so that there can be a holdout
Row = tuple[str, ...]


def admitted(stations: Stations, body: str, name: str = "v1") -> Run:
    stations.drop(f"digits/train/{name}.csv", body)
    [run_id] = [str(u["run_id"]) for u in stations.uploads() if str(u["source"]).endswith(f"{name}.csv")]
    return stations.ledger.run("digits", run_id)


def rows(stations: Stations, key: str) -> list[Row]:
    if not stations.artifacts.exists(key):
        return []
    return [tuple(row) for row in csv.reader(io.StringIO(stations.artifacts.read(key).decode()))]


def own(run: Run) -> str:
    """Where the holdout lies that a run took."""
    return f"digits/prepared/{run.run_id}/holdout.csv"


def channels(stations: Stations, run: Run) -> dict[str, list[Row]]:
    prefix = f"digits/prepared/{run.run_id}/"
    return {name: rows(stations, f"{prefix}{name}/part-0.csv") for name in ("train", "validation")}


def by_name(header: Row, row: Row) -> frozenset[tuple[str, float]]:
    """A row by its values."""
    values = read_numbers(row)
    assert not isinstance(values, int)
    return frozenset(zip(header, values, strict=True))


def test_channels_have_the_label_first_and_no_header(stations: Stations) -> None:
    stations.has_pipeline()
    run = admitted(stations, csv_of(1, 400))
    answer = stations.prepare_dataset.prepare(run)
    made = channels(stations, run)
    assert answer["channels"] == ["train", "validation", "contract"]
    assert all(label in ("0", "1") and a.startswith("1.") for label, a, _ in made["train"])
    counts = {name: len(found) for name, found in made.items()} | {
        "held_out": len(rows(stations, own(run))) - 1
    }
    contract = Contract("y", (Feature("a"), Feature("b")), Problem.BINARY, ("0", "1"))
    assert (
        stations.artifacts.read(f"digits/prepared/{run.run_id}/contract/contract.json") == contract.to_json()
    )
    schema = contract.to_dict() | {"left_out": {}}
    schema |= {"rows": counts, "first_left_out": "v1.csv: row 10", "holdout": own(run)}
    assert json.loads(stations.artifacts.read(answer["schema"])) == schema


def test_every_row_is_in_exactly_one_place(stations: Stations) -> None:
    stations.has_pipeline()
    run = admitted(stations, csv_of(1, 500))
    stations.prepare_dataset.prepare(run)
    made = channels(stations, run)
    held = rows(stations, own(run))[1:]
    assert len(made["train"]) + len(made["validation"]) + len(held) == 500
    assert len(held) == 100
    assert 20 <= len(made["validation"]) <= 70


def test_preparing_twice_gives_the_same_bytes(stations: Stations) -> None:
    stations.has_pipeline()
    run = admitted(stations, csv_of(1, 300))
    first = stations.prepare_dataset.prepare(run)
    before = {key: body for key, (body, _) in stations.artifacts.objects.items()}
    assert stations.prepare_dataset.prepare(run) == first
    assert {key: body for key, (body, _) in stations.artifacts.objects.items()} == before


def test_the_holdout_of_the_first_run_that_goes_live_is_the_model_s_and_never_changes(
    stations: Stations,
) -> None:
    stations.has_pipeline()
    first = admitted(stations, csv_of(1, 300))
    stations.prepare_dataset.prepare(first)
    assert not stations.artifacts.exists(HOLDOUT)
    stations.promote(first)
    assert stations.artifacts.read(HOLDOUT) == stations.artifacts.read(own(first))
    second = admitted(stations, csv_of(2, 300), "v2")
    stations.prepare_dataset.prepare(second)
    stations.promote(second)
    assert stations.artifacts.read(HOLDOUT) == stations.artifacts.read(own(first))
    assert not stations.artifacts.exists(own(second))


def test_the_owner_s_holdout_is_used(stations: Stations) -> None:
    stations.has_pipeline()
    stations.artifacts.write(HOLDOUT, b"y,a,b\n0,1.0,0\n1,1.1,3\n")
    run = admitted(stations, csv_of(1, 50))
    answer = stations.prepare_dataset.prepare(run)
    assert answer["chunks"]["items"] == [{"first": 0, "last": 2, "offset": len("a,b,y\n")}]
    kept = [row for part in channels(stations, run).values() for row in part]
    assert ("0", "1.0", "0") not in kept
    assert len(kept) == 48


def test_a_dataset_that_lacks_a_column_of_the_holdout_is_fine_the_other_way_round_it_is_refused(
    stations: Stations,
) -> None:
    stations.has_pipeline()
    stations.artifacts.write(HOLDOUT, b"a,y\n1.0,0\n")
    with pytest.raises(InvalidDatasetError, match="lacks 1 columns of this dataset, the first is 'b'"):
        stations.prepare_dataset.prepare(admitted(stations, csv_of(1)))


def test_a_dataset_that_is_all_holdout_is_refused(stations: Stations) -> None:
    stations.has_pipeline()
    stations.artifacts.write(HOLDOUT, csv_of(1).encode())
    with pytest.raises(InvalidDatasetError, match="every row is in the holdout"):
        stations.prepare_dataset.prepare(admitted(stations, csv_of(1)))


@pytest.mark.parametrize("size", [0, 1, 249, 250, 499, 500, 2000, 20_000, 10_000_000])
def test_chunks_cover_the_holdout_once_and_are_few(size: int) -> None:
    chunks = holdout_chunks(size, range(size // 250 + 1))
    assert 1 <= len(chunks) <= MAX_CHUNKS
    assert [chunk["first"] for chunk in chunks] == [0] + [chunk["last"] for chunk in chunks[:-1]]
    assert chunks[-1]["last"] == size


number = st.integers(-3, 3).map(str)
spellings = st.sampled_from(["{}", "{}.0", "{}.", "{}e0", " {}", "{}.00 ", "{}E+0"])
table = st.lists(st.tuples(number, number, st.sampled_from("01")), min_size=12, max_size=60)


@given(first=table, second=table, order=st.permutations(["a", "b", "y"]), data=st.data())
@settings(max_examples=60)
def test_no_row_of_the_holdout_is_ever_trained_on(
    first: list[Row], second: list[Row], order: list[str], data: st.DataObject
) -> None:
    """Also not in a later dataset that holds it again, in another spelling, with its columns in another order."""

    def spell(value: str) -> str:
        return data.draw(spellings).format(value)

    stations = Stations()
    stations.has_pipeline(validation_percent=20)
    usual = ["a", "b", "y"]
    for name, body, header in (("v1", first, usual), ("v2", [*first, *second], order)):
        varied = [*body, *ENOUGH]
        spelled = [[spell(value) for value in row] for row in varied] if name == "v2" else varied
        lines = [",".join(row[usual.index(column)] for column in header) for row in spelled]
        run = admitted(stations, "\n".join([",".join(header), *lines]) + "\n", name)
        stations.prepare_dataset.prepare(run)
        if name == "v1":
            stations.promote(run)
        head, *held = rows(stations, HOLDOUT)
        forbidden = {by_name(head, row) for row in held}
        assert forbidden
        features = stations.snapshots.contract(f"digits/prepared/{run.run_id}/schema.json").names
        for part in channels(stations, run).values():
            assert forbidden.isdisjoint(by_name(("y", *features), row) for row in part)


def test_a_dataset_is_held_against_the_champion_s_and_the_record_tells_what_changed(
    stations: Stations,
) -> None:
    stations.has_pipeline()
    first = admitted(stations, csv_of(1, 300))
    stations.prepare_dataset.prepare(first)
    stations.promote(first)
    later = csv_of(3, 400).splitlines()
    second = admitted(stations, "\n".join([later[0], *(f"9{row}" for row in later[1:])]), "v2")
    stations.prepare_dataset.prepare(second)
    stations.settle_run.ended(second, stations.executions.succeeds(second.run_id, "REJECTED"))
    records = [stations.artifacts.read(f"digits/decisions/{run.run_id}.json") for run in (first, second)]
    before, after = (json.loads(record)["data"]["diff"] for record in records)
    assert before is None
    assert (after["against"], after["rows"], after["columns"][0]["name"]) == (first.run_id, [300, 400], "a")
    assert after["says"].startswith(f"Against the data of {first.run_id}, 'a' is distributed otherwise")


def test_the_same_rows_once_more_differ_in_nothing(stations: Stations) -> None:
    stations.has_pipeline()
    first = admitted(stations, csv_of(1, 300))
    stations.prepare_dataset.prepare(first)
    stations.ledger.set_champion(
        "digits", Champion(first.run_id, "config", "model", "schema.json", "ab" * 32)
    )
    stations.prepare_dataset.prepare(first)
    diff = json.loads(stations.artifacts.read(f"digits/prepared/{first.run_id}/diff.json"))
    assert diff["columns"] == []
