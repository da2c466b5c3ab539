"""Records from the uploaders' bucket to where they are trained from: each once, whatever datasets have it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from switchyard.core.ports import Storage, StoredObject
from switchyard.core.resources.media import FOLDER, record_key

COPIERS = 8


def copy_records(
    data: Storage, artifacts: Storage, model: str, records: Sequence[tuple[StoredObject, str]]
) -> None:
    """records: objects with the names that they are kept by, which are names of content."""
    if not records:
        return
    there = {item.key for item in artifacts.list(f"{model}/{FOLDER}")}
    missing = [
        (item, record_key(model, name)) for item, name in records if record_key(model, name) not in there
    ]
    with ThreadPoolExecutor(COPIERS) as pool:
        for _ in pool.map(lambda each: artifacts.copy_from(data, *each), missing):
            pass
