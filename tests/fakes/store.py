"""In-memory fulfilments of ports.Items and ports.Storage; test_contract.py holds them against DynamoDB and S3."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO, TextIOWrapper
from pathlib import Path

from botocore.exceptions import ClientError

from switchyard.core.errors import InvalidDatasetError, MissingError
from switchyard.core.ports import Change, Delete, Item, Put, Storage, StoredObject, Update


@dataclass
class Clock:
    """Seconds since the epoch, moved by hand."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@dataclass
class MemoryItems:
    """A table in a dict."""

    rows: dict[tuple[str, str], Item] = field(default_factory=dict)

    def get(self, pk: str, sk: str) -> Item | None:
        found = self.rows.get((pk, sk))
        return dict(found) if found else None

    def put(self, item: Item, *, absent: bool = False) -> bool:
        key = (str(item["pk"]), str(item["sk"]))
        _refuse_long_sort_key(key[1])
        if absent and key in self.rows:
            return False
        self.rows[key] = dict(item)
        return True

    def update(self, pk: str, sk: str, changes: Item, *, expected: Item | None = None) -> bool:
        if not self._is_expected(pk, sk, expected):
            return False
        _refuse_long_sort_key(sk)
        self.rows[(pk, sk)] = {"pk": pk, "sk": sk, **self.rows.get((pk, sk), {}), **changes}
        return True

    def delete(self, pk: str, sk: str, *, expected: Item | None = None) -> bool:
        if not self._is_expected(pk, sk, expected):
            return False
        self.rows.pop((pk, sk), None)
        return True

    def query(self, pk: str, prefix: str = "") -> list[Item]:
        keys = sorted(key for key in self.rows if key[0] == pk and key[1].startswith(prefix))
        return [dict(self.rows[key]) for key in keys]

    def get_all(self, keys: Sequence[tuple[str, str]]) -> list[Item | None]:
        return [self.get(pk, sk) for pk, sk in keys]

    def write(self, changes: Sequence[Change]) -> bool:
        if not all(map(self._may, changes)):
            return False
        for change in changes:
            self._do(change)
        return True

    def _may(self, change: Change) -> bool:
        if isinstance(change, Put):
            return not (change.absent and (change.item["pk"], change.item["sk"]) in self.rows)
        return self._is_expected(change.pk, change.sk, change.expected)

    def _do(self, change: Change) -> None:
        match change:
            case Put(item):
                self.put(item)
            case Update(pk, sk, changes):
                self.update(pk, sk, changes)
            case Delete(pk, sk):
                self.delete(pk, sk)

    def _is_expected(self, pk: str, sk: str, expected: Item | None) -> bool:
        found = self.rows.get((pk, sk), {})
        return all(found.get(name) == value for name, value in (expected or {}).items())


@dataclass
class MemoryStorage:
    """A bucket in a dict: key -> (body, modified at)."""

    bucket: str
    clock: Callable[[], float] = field(default_factory=Clock)
    objects: dict[str, tuple[bytes, float]] = field(default_factory=dict)

    def list(self, prefix: str) -> list[StoredObject]:
        keys = sorted(key for key in self.objects if key.startswith(prefix))
        return [self._stored(key) for key in keys]

    def _stored(self, key: str) -> StoredObject:
        body, modified_at = self.objects[key]
        return StoredObject(key, len(body), _etag(body), modified_at)

    def folders(self) -> Sequence[str]:
        return sorted({key.split("/")[0] for key in self.objects if "/" in key})

    def read(self, key: str) -> bytes:
        return b"".join(self.chunks(key))

    def chunks(self, key: str, etag: str = "") -> Iterator[bytes]:
        body = self._body(key, etag)
        yield from (body[at : at + 4096] for at in range(0, len(body), 4096))

    def _body(self, key: str, etag: str = "") -> bytes:
        if key not in self.objects:
            raise MissingError(f"{self.uri(key)} does not exist")
        body = self.objects[key][0]
        if etag and etag != _etag(body):
            raise InvalidDatasetError(f"{self.uri(key)} changed while it was read; the newer upload is taken")
        return body

    def lines(self, key: str, start: int = 0) -> Iterator[str]:
        yield from TextIOWrapper(BytesIO(self._body(key)[start:]), encoding="utf-8-sig", newline="\n")

    def write(self, key: str, body: bytes, *, absent: bool = False) -> bool:
        refuse_long_key(key)
        if absent and key in self.objects:
            return False
        self.objects[key] = (body, self.clock())
        return True

    def upload(self, key: str, path: str) -> None:
        self.write(key, Path(path).read_bytes())

    def copy_from(self, source: Storage, item: StoredObject, key: str) -> None:
        self.write(key, b"".join(source.chunks(item.key, item.etag)))

    def exists(self, key: str) -> bool:
        return key in self.objects

    def sha256(self, key: str) -> str:
        return hashlib.sha256(self.read(key)).hexdigest()

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def key_of(self, uri: str) -> str:
        head = f"s3://{self.bucket}/"
        if not uri.startswith(head):
            raise MissingError(f"{uri} is not in bucket {self.bucket}")
        return uri.removeprefix(head)


def refuse_long_key(key: str) -> None:
    """As S3 does: "a sequence of Unicode characters with UTF-8 encoding of up to 1,024 bytes long" (Object keys)."""
    if len(key.encode()) > 1024:
        raise _refused("KeyTooLongError", "Your key is too long", "PutObject")


def _refuse_long_sort_key(sk: str) -> None:
    """As DynamoDB does: "The maximum length of a sort key is 1024 bytes"."""
    if len(sk.encode()) > 1024:
        raise _refused("ValidationException", "Size of rangekey has exceeded 1024 bytes", "PutItem")


def _refused(code: str, message: str, operation: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
