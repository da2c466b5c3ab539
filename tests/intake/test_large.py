"""Which datasets a job reads, on which machine, and what their listing says of who they are."""

import pytest

from switchyard.config import door
from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import Network
from switchyard.core.ports import StoredObject
from switchyard.intake.large_drops import LargeDrops, listing_digest
from switchyard.intake.rules.dataset import Drop
from switchyard.intake.rules.large import GIBI, MOST_BYTES, machine_for, refuse_oversize, weigh
from tests.fakes.pipelines import text
from tests.fakes.store import MemoryStorage

FOLDER = Drop("digits", "digits/train/v1/", is_folder=True)
SPEC = door.read("digits", text())
OPEN = Network()


def item(name: str, size: int = 100, etag: str = "e", source: str = FOLDER.source) -> StoredObject:
    return StoredObject(f"{source}{name}", size, etag, 0.0)


def drops(least: int = 1000) -> LargeDrops:
    return LargeDrops(MemoryStorage("artifacts", lambda: 0.0), least)


@pytest.mark.parametrize(
    ("files", "is_large"),
    [
        ([item("a.csv", 999)], False),
        ([item("a.csv", 1000)], True),
        ([item("a.csv", 500), item("b.csv", 500)], True),
        ([item("a.csv.gz", 249)], False),
        ([item("a.csv.gz", 250)], True),
        ([item("A.PARQUET", 250)], True),
        ([item("a.jsonl.zst", 250)], True),
    ],
)
def test_the_listed_size_decides_and_packed_files_count_four_times(
    files: list[StoredObject], is_large: bool
) -> None:
    assert drops().takes(SPEC, OPEN, files) is is_large


def test_without_an_image_nothing_is_large() -> None:
    assert not drops(0).takes(SPEC, OPEN, [item("a.csv", 10**12)])


def test_what_is_hashed_and_copied_is_left_to_the_door() -> None:
    for parts in (
        {"problem": "binary", "prepare": {"kind": "spark", "entry_point": "p.py"}},
        {"data": {"kind": "records"}},
    ):
        assert not drops().takes(door.read("digits", text(**parts)), OPEN, [item("a.csv", 5000)])


def test_what_must_reach_s3_is_not_isolated() -> None:
    assert not drops().takes(SPEC, Network(isolation=True), [item("a.csv", 5000)])
    isolated = door.read("digits", text(network={"isolation": True}))
    assert not drops().takes(isolated, OPEN, [item("a.csv", 5000)])


@pytest.mark.parametrize(
    ("weight", "kind", "volume"),
    [
        (1, "ml.m5.xlarge", 34),
        (8 * GIBI, "ml.m5.xlarge", 62),
        (8 * GIBI + 1, "ml.m5.2xlarge", 66),
        (MOST_BYTES, "ml.m5.4xlarge", 542),
    ],
)
def test_the_machine_grows_with_the_dataset(weight: int, kind: str, volume: int) -> None:
    job = machine_for(weight)
    assert (job.instance_type, job.volume_gb) == (kind, volume)
    assert job.expected_seconds <= job.max_runtime_seconds == 86_400


def test_above_one_machine_it_is_said_what_to_do() -> None:
    refuse_oversize(FOLDER, MOST_BYTES)
    with pytest.raises(
        InvalidDatasetError, match=r"at most 137438953472 .* by one machine; .* Spark .*`prepare`"
    ):
        refuse_oversize(FOLDER, MOST_BYTES + 1)


def test_packed_files_weigh_what_they_unfold_to() -> None:
    assert weigh([item("a.csv", 10), item("b.csv.gz", 10), item("c.parquet", 10)]) == 90


def digest(*files: StoredObject, drop: Drop = FOLDER) -> str:
    return listing_digest(drop, files)


def test_a_listing_is_the_same_under_other_names_in_another_order_and_with_its_markers() -> None:
    first = digest(item("a.csv", 1, "x"), item("b.csv", 2, "y"))
    assert first == digest(item("9.csv", 2, "y"), item("_SUCCESS", 0, "z"), item("8.csv", 1, "x"))
    other = Drop("digits", "digits/train/v2/", is_folder=True)
    moved = [item("a.csv", 1, "x", other.source), item("b.csv", 2, "y", other.source)]
    assert digest(*moved, drop=other) == first


@pytest.mark.parametrize(
    "files",
    [
        [item("a.csv", 1, "x")],
        [item("a.csv", 1, "x"), item("b.csv", 2, "other")],
        [item("a.csv", 1, "x"), item("b.csv", 3, "y")],
        [item("a.csv", 1, "x"), item("month=2/b.csv", 2, "y")],  # a folder's name can be a column
    ],
)
def test_another_etag_size_or_folder_is_another_dataset(files: list[StoredObject]) -> None:
    assert digest(*files) != digest(item("a.csv", 1, "x"), item("b.csv", 2, "y"))
