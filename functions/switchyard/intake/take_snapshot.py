"""The immutable copy of a dataset that was found sound: what is trained from."""

import json
import tempfile
from dataclasses import dataclass

from switchyard.config.snapshot import packed_key
from switchyard.core.ports import Storage, StoredObject
from switchyard.intake.check_dataset import DatasetCheck
from switchyard.intake.checked import Checked
from switchyard.intake.copy_records import copy_records
from switchyard.intake.rules.dataset import Drop, digest_of


@dataclass(frozen=True)
class TakeSnapshot:
    """Copies from the uploaders' bucket to the pipeline's."""

    data: Storage
    artifacts: Storage
    dataset_check: DatasetCheck

    def take(self, drop: Drop, checked: Checked, digest: str) -> str:
        """Named by the dataset's identity, so writing it twice is writing it once. Answers the folder."""
        prefix = f"{drop.model}/snapshots/{digest}/"
        each = zip(checked.files, checked.objects, checked.rewritten, checked.kept, strict=True)
        for file, item, rewritten, kept in each:
            key = f"{prefix}data/{file.name}"
            if kept:
                self.artifacts.upload(key, kept)
            elif rewritten:
                self._rewrite(drop, item, checked, key)
            else:
                self.artifacts.copy_from(self.data, item, key)
        copy_records(self.data, self.artifacts, drop.model, checked.records)
        packed, layout = checked.packed
        if packed:
            self.artifacts.upload(packed_key(prefix, layout), packed)
        manifest = {
            "digest": digest,
            "content": digest_of(checked.files),
            "source": self.data.uri(drop.source),
            "columns": checked.columns,
            "files": [vars(file) for file in checked.files],
            **(checked.seen.to_dict() if checked.seen else {"labels": None}),
        }
        self.artifacts.write(f"{prefix}manifest.json", json.dumps(manifest).encode(), absent=True)
        return prefix

    def _rewrite(self, drop: Drop, item: StoredObject, checked: Checked, key: str) -> None:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="") as file:
            file.writelines(
                self.dataset_check.reading(
                    drop, item, checked.columns, checked.dialect, checked.partitions
                ).lines()
            )
            file.flush()
            self.artifacts.upload(key, file.name)
