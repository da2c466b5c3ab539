"""What a function keeps on disk at once fits on the disk that the template gives it."""

from switchyard.core.data.size_limits import MAX_UNPACKED
from switchyard.engine.bounded_connection import MEMORY
from switchyard.intake.check_dataset import MAX_DATASET_BYTES
from switchyard.intake.kept_forms import PACKED_ROOM, ROOM
from tests.contract.cloudformation import resources

FUNCTIONS = resources("AWS::Serverless::Function")
MEBI = 1024**2


def disk(function: str) -> int:
    return int(FUNCTIONS[function]["EphemeralStorage"]["Size"]) * MEBI


def test_the_door_has_room_for_what_it_unpacks_converts_and_packs() -> None:
    assert disk("AdmitDatasetFunction") >= MAX_UNPACKED + ROOM + PACKED_ROOM + 256 * MEBI


def test_preparation_has_room_for_its_channels_and_for_the_rows_that_it_goes_through_twice() -> None:
    assert disk("PrepareDatasetFunction") >= 2 * MAX_DATASET_BYTES + 1024 * MEBI


def test_the_engine_takes_half_of_a_function_s_memory_at_most() -> None:
    least = min(
        int(FUNCTIONS[name]["MemorySize"]) for name in ("AdmitDatasetFunction", "PrepareDatasetFunction")
    )
    assert int(MEMORY.removesuffix("MB")) <= least / 2
