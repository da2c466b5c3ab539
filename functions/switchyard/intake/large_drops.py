"""Datasets that are more than a Lambda should do: admitted by what S3 lists of them, and read by a job of their run.

Nothing of them is read at the door. Their identity is the listing: sizes, ETags, and the folders within the drop. So
the same rows in another spelling, uploaded in other parts or under another KMS key are another dataset, which costs a
run; that no row of the holdout is trained on does not depend on it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from switchyard.config.snapshot import listing_key
from switchyard.core.pipeline import Network
from switchyard.core.ports import Storage, StoredObject
from switchyard.core.run import Run
from switchyard.intake.drops import name_of
from switchyard.intake.rules.dataset import CLOSING_MARKERS, Drop
from switchyard.intake.rules.large import weigh

if TYPE_CHECKING:
    from switchyard.config.parts.pipeline_spec import PipelineSpec


@dataclass(frozen=True)
class Listing:
    """One drop as it was listed, markers and all: what the job reads, and nothing that came later."""

    digest: str
    source: str  # an S3 URI
    drop: Drop
    objects: tuple[StoredObject, ...]

    def to_json(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Listing":
        objects = tuple(StoredObject(**item) for item in data["objects"])
        return cls(str(data["digest"]), str(data["source"]), Drop(**data["drop"]), objects)


@dataclass(frozen=True)
class LargeDrops:
    """least_bytes: as weighed, from which on a job reads a table; 0: never, for want of an image."""

    artifacts: Storage
    least_bytes: int = 0

    def takes(self, spec: "PipelineSpec", network: Network, objects: Iterable[StoredObject]) -> bool:
        """Tables alone: records, and files that a preparation reads, are hashed and copied, not parsed. The job speaks
        to S3, which isolation forbids. network: the stack's.
        """
        is_table = spec.prepare is None and not spec.data.is_records
        is_isolated = network.isolation or spec.network.to_domain().isolation
        return is_table and not is_isolated and 0 < self.least_bytes <= weigh(objects)

    def keep(self, run: Run, listing: Listing, pipeline_text: str) -> None:
        """What the run's job reads. The same dataset may come again under other names: the last ones are there."""
        self.artifacts.write(listing_key(run.snapshot), listing.to_json())
        self.artifacts.write(run.pipeline_text_key, pipeline_text.encode(), absent=True)

    def listing(self, snapshot: str) -> Listing:
        return Listing.from_dict(json.loads(self.artifacts.read(listing_key(snapshot))))


def listing_digest(drop: Drop, objects: Iterable[StoredObject]) -> str:
    """Whatever the files are called, as with a dataset that was read; folders within a drop can be columns."""
    lines = sorted(
        f"{name_of(drop, item).rpartition('/')[0]}\0{item.size}\0{item.etag}"
        for item in objects
        if item.key.removeprefix(drop.source) not in CLOSING_MARKERS
    )
    return hashlib.sha256("\n".join(["listing", *lines]).encode()).hexdigest()
