"""Which datasets are more than a Lambda should do, and the machine that checks and prepares each of them.

The size that S3 lists decides, so that nothing has to be read first. A packed file counts for more than it is listed
with: what it unfolds to is what has to be read.
"""

from collections.abc import Iterable

from switchyard.core.errors import InvalidDatasetError
from switchyard.core.pipeline import DatasetJob
from switchyard.core.ports import StoredObject
from switchyard.intake.rules.dataset import Drop

PACKED = (".gz", ".gzip", ".zst", ".parquet")
# Times: tables shrink to a third or a fifth; where one shrinks more, the limit is what it unfolds to.
UNFOLDS = 4
GIBI = 1024**3
# Bytes (as weighed) up to each type: for the time that it takes, and what a column of long texts needs of memory.
MACHINES = ((8 * GIBI, "ml.m5.xlarge"), (32 * GIBI, "ml.m5.2xlarge"), (128 * GIBI, "ml.m5.4xlarge"))
MOST_BYTES = MACHINES[-1][0]  # a day's work: above that the table is made smaller first, by Spark
DISK_TIMES = 4  # the rows as they are kept, packed, spooled and in channels
LEAST_DISK_GB = 30
SECONDS_TO_START = 300
BYTES_A_SECOND = 5 * 1024**2  # checked and prepared, one after the other
MAX_SECONDS = 86_400


def weigh(files: Iterable[StoredObject]) -> int:
    """Bytes to read, about."""
    return sum(item.size * (UNFOLDS if item.key.lower().endswith(PACKED) else 1) for item in files)


def machine_for(weight: int) -> DatasetJob:
    kind = next((name for most, name in MACHINES if weight <= most), MACHINES[-1][1])
    disk = LEAST_DISK_GB + DISK_TIMES * -(-weight // GIBI)
    seconds = SECONDS_TO_START + weight // BYTES_A_SECOND
    return DatasetJob(kind, disk, min(seconds, MAX_SECONDS), MAX_SECONDS)


def refuse_oversize(drop: Drop, weight: int) -> None:
    """InvalidDatasetError for more than one machine should do."""
    if weight > MOST_BYTES:
        raise InvalidDatasetError(
            f"{drop.source}: about {weight} bytes to read; at most {MOST_BYTES} are checked and prepared by one "
            f"machine; make the table smaller with Spark before it is dropped, or drop a list of where the data lie, "
            f"with a `prepare` step whose script reads them there"
        )
