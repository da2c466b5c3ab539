"""Rows are read from what people dropped once, at the door; channels and holdout are what the files themselves give."""

from dataclasses import replace
from functools import partial

import pytest

from switchyard.config.snapshot import Snapshots
from switchyard.core.data.csv_text import BLOCK, CsvText
from switchyard.core.run import Run
from switchyard.intake.kept_forms import KeptForms
from tests.fakes.stations import Stations
from tests.training.test_typed_rows import BANK, GATE, HEADER, body, dropped, respelled, table

ODD = {1: " 37", 2: "self  employed", 3: "Gro\u0308\u00dfe", 4: "2025-01-02 06:00:00", 5: "on"}


@pytest.fixture
def stations(monkeypatch: pytest.MonkeyPatch) -> Stations:
    """Every table is packed, however small."""
    monkeypatch.setattr("switchyard.intake.check_dataset.LEAST_PACKED", 0)
    found = Stations()
    found.has_pipeline(**GATE)
    return found


def admitted(stations: Stations, text: str, name: str = "v1.csv") -> Run:
    return stations.ledger.run("digits", str(dropped(stations, text, name)["run_id"]))


def packed(stations: Stations, run: Run) -> list[str]:
    return [key for key in stations.artifacts.objects if key.startswith(f"_packed/{run.snapshot}")]


def written(stations: Stations, run: Run) -> dict[str, bytes]:
    """All that the preparation of a run writes."""
    stations.prepare_dataset.prepare(run)
    keys = [key for key in stations.artifacts.objects if key.startswith(f"digits/prepared/{run.run_id}/")]
    return {key: stations.artifacts.read(key) for key in keys}


def files_alone(stations: Stations, run: Run) -> dict[str, bytes]:
    for key in packed(stations, run):
        del stations.artifacts.objects[key]
    return written(stations, run)


def read_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Files of snapshots that are read from here on."""
    read: list[str] = []
    text = Snapshots.text

    def noted(self: Snapshots, key: str, block: int = BLOCK) -> CsvText:
        read.append(key)
        return text(self, key, block)

    monkeypatch.setattr(Snapshots, "text", noted)
    return read


def with_odd_fields(rows: list[list[str]]) -> list[list[str]]:
    return [
        [ODD.get(at, text) if row % 7 == at else text for at, text in enumerate(each)]
        for row, each in enumerate(rows)
    ]


def test_the_first_channels_and_the_holdout_are_what_the_files_give(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = admitted(stations, body(with_odd_fields(table())))
    assert len(packed(stations, run)) == 1
    read = read_again(monkeypatch)
    found = written(stations, run)
    assert read == []
    assert files_alone(stations, run) == found
    assert read != []


def test_a_later_drop_is_packed_by_the_model_s_contract_whatever_its_order(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = admitted(stations, body(table()))
    stations.prepare_dataset.prepare(first)
    stations.promote(first)
    header = ",".join(reversed(HEADER.split(",")))
    rows = [row[::-1] for row in [*map(respelled, table()), *table(90, seed=2)]]
    second = admitted(stations, body(rows, header), "v2.csv")
    read = read_again(monkeypatch)
    found = written(stations, second)
    assert read == []
    assert files_alone(stations, second) == found


def test_files_are_read_where_the_contract_has_become_another(stations: Stations) -> None:
    run = admitted(stations, body(table()))
    stations.artifacts.write("digits/contract.json", replace(BANK, features=BANK.features[::-1]).to_json())
    assert packed(stations, run)
    assert written(stations, run) == files_alone(stations, run)


def test_what_finds_no_room_is_read_from_the_files(
    stations: Stations, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("switchyard.intake.admission.KeptForms", partial(KeptForms, room=0, packed_room=100))
    run = admitted(stations, body(table()))
    assert packed(stations, run) == []
    assert written(stations, run)


@pytest.mark.parametrize("late", ["maybe", "Yes"])
def test_a_class_that_the_first_rows_do_not_show_leaves_the_files(
    stations: Stations, monkeypatch: pytest.MonkeyPatch, late: str
) -> None:
    """Another one, or a spelling by which a class would be called otherwise."""
    monkeypatch.setattr("switchyard.intake.rules.inspection.rows_to_look_at", lambda _: 100)
    rows = table()
    for row in rows[150::2]:
        row[-1] = late
    run = admitted(stations, body(rows))
    read = read_again(monkeypatch)
    found = written(stations, run)
    assert read != []
    assert files_alone(stations, run) == found


def test_a_regression_is_packed_by_its_numbers(stations: Stations, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[*row[:-1], f"{at % 97}.50"] for at, row in enumerate(table())]
    run = admitted(stations, body(rows))
    read = read_again(monkeypatch)
    found = written(stations, run)
    assert read == []
    assert files_alone(stations, run) == found
    assert b"\n7.50," in found[f"digits/prepared/{run.run_id}/train/part-0.csv"]
