"""The demo's rows: real, repeatable, and never shared between judging, asking and training."""

import pytest
import sklearn.datasets

from cli.demo.data import (
    HOLDOUT_ROWS,
    LIVE_ROWS,
    V1_ROWS,
    V2_ROWS,
    Digit,
    load_digits,
    make_demo_data,
    to_row,
)


@pytest.fixture(scope="module")
def digits() -> list[Digit]:
    return load_digits()


def lines(csv: bytes) -> list[str]:
    return csv.decode().splitlines()[1:]


def pixels(csv: bytes) -> set[str]:
    return {line.partition(",")[2] for line in lines(csv)}


def test_the_installed_data_set_is_the_one_we_describe(digits: list[Digit]) -> None:
    assert len(digits) == 1797
    assert {digit.label for digit in digits} == set(range(10))
    assert all(
        len(digit.pixels) == 64 and 0 <= min(digit.pixels) <= max(digit.pixels) <= 16 for digit in digits
    )


def test_its_file_is_read_as_scikit_learn_reads_it(digits: list[Digit]) -> None:
    bunch = sklearn.datasets.load_digits()
    assert [digit.label for digit in digits] == bunch.target.tolist()
    assert [list(digit.pixels) for digit in digits] == bunch.data.tolist()


def test_the_same_rows_give_the_same_bytes(digits: list[Digit]) -> None:
    assert make_demo_data(digits) == make_demo_data(digits)


def test_a_drop_has_a_header_and_its_rows(digits: list[Digit]) -> None:
    data = make_demo_data(digits)
    header = data.drops["v1"].decode().splitlines()[0].split(",")
    assert header[0] == "label"
    assert header[1:] == [f"pixel_{index}" for index in range(64)]
    assert {version: len(lines(csv)) for version, csv in data.drops.items()} == {
        "v1": V1_ROWS,
        "v2": V2_ROWS,
        "v3": V2_ROWS,
        "v4": 1797 - HOLDOUT_ROWS - LIVE_ROWS,
    }


def test_no_row_is_used_twice_for_different_ends(digits: list[Digit]) -> None:
    data = make_demo_data(digits)
    holdout, live = pixels(data.holdout), {to_row(digit) for digit in data.live}
    training = set().union(*(pixels(csv) for csv in data.drops.values()))
    assert len(holdout) == HOLDOUT_ROWS
    assert len(live) == LIVE_ROWS
    assert not holdout & live
    assert not (holdout | live) & training


def test_only_the_labels_of_v3_are_wrong(digits: list[Digit]) -> None:
    drops = make_demo_data(digits).drops
    for right, wrong in zip(lines(drops["v2"]), lines(drops["v3"]), strict=True):
        label, _, image = right.partition(",")
        assert wrong == f"{(int(label) + 1) % 10},{image}"


def test_v4_contains_all_of_v2(digits: list[Digit]) -> None:
    drops = make_demo_data(digits).drops
    assert set(lines(drops["v2"])) < set(lines(drops["v4"]))
