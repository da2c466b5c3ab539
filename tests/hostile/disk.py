"""A bucket in a folder, read in pieces as S3 is: what a door holds in memory is then its own."""

import hashlib
import io
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from switchyard.core.errors import InvalidDatasetError, MissingError
from switchyard.core.ports import Storage, StoredObject
from tests.fakes.store import MemoryStorage, refuse_long_key

CHUNK_BYTES = 1024 * 1024


class DiskStorage(MemoryStorage):
    """Objects are files called after the hash of their key."""

    def __init__(self, bucket: str, clock: Callable[[], float], folder: Path) -> None:
        super().__init__(bucket, clock)
        self.folder = folder
        self.stored: dict[str, StoredObject] = {}
        folder.mkdir(parents=True)

    def take(self, other: MemoryStorage) -> "DiskStorage":
        """What lies in the other bucket, with the same times."""
        for key, (body, at) in other.objects.items():
            self._file(key).write_bytes(body)
            self._keep(key, at)
        return self

    def list(self, prefix: str) -> list[StoredObject]:
        return [self.stored[key] for key in sorted(self.stored) if key.startswith(prefix)]

    def folders(self) -> Sequence[str]:
        return sorted({key.split("/")[0] for key in self.stored if "/" in key})

    def chunks(self, key: str, etag: str = "") -> Iterator[bytes]:
        if key not in self.stored:
            raise MissingError(f"{self.uri(key)} does not exist")
        if etag and etag != self.stored[key].etag:
            raise InvalidDatasetError(f"{self.uri(key)} changed while it was read; the newer upload is taken")
        with self._file(key).open("rb") as file:
            while piece := file.read(CHUNK_BYTES):
                yield piece

    def lines(self, key: str, start: int = 0) -> Iterator[str]:
        with self._file(key).open("rb") as file:
            file.seek(start)
            yield from io.TextIOWrapper(file, encoding="utf-8-sig", newline="\n")

    def write(self, key: str, body: bytes, *, absent: bool = False) -> bool:
        refuse_long_key(key)
        if absent and key in self.stored:
            return False
        self._file(key).write_bytes(body)
        self._keep(key, self.clock())
        return True

    def upload(self, key: str, path: str) -> None:
        refuse_long_key(key)
        shutil.copy(path, self._file(key))
        self._keep(key, self.clock())

    def copy_from(self, source: Storage, item: StoredObject, key: str) -> None:
        assert isinstance(source, DiskStorage)
        self.upload(key, str(source._file(item.key)))

    def exists(self, key: str) -> bool:
        return key in self.stored

    def _file(self, key: str) -> Path:
        return self.folder / hashlib.sha256(key.encode()).hexdigest()

    def _keep(self, key: str, at: float) -> None:
        file = self._file(key)
        with file.open("rb") as body:
            etag = hashlib.file_digest(body, "md5").hexdigest()
        self.stored[key] = StoredObject(key, file.stat().st_size, f'"{etag}"', at)
