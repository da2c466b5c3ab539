"""Objects of one S3 bucket: listed, read, written and copied."""

import codecs
import hashlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlparse

from botocore.exceptions import ClientError

from switchyard.core.errors import InvalidDatasetError, MissingError
from switchyard.core.ports import Storage, StoredObject

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_BYTES = 1024 * 1024
MISSING = ("NoSuchKey", "404", "NotFound")
CHANGED = ("PreconditionFailed", "412")


class S3Storage:
    """Fulfils ports.Storage. key: of KMS, for what is written; "" for the bucket's own encryption."""

    def __init__(self, client: "S3Client", bucket: str, key: str = "") -> None:
        self._client = client
        self.bucket = bucket
        by_key = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        self._encryption: dict[str, Any] = by_key if key else {}

    def list(self, prefix: str) -> list[StoredObject]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [
            StoredObject(item["Key"], item["Size"], item["ETag"], item["LastModified"].timestamp())
            for page in pages
            for item in page.get("Contents", [])
        ]

    def folders(self) -> Sequence[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Delimiter="/")
        return sorted(
            prefix["Prefix"].rstrip("/") for page in pages for prefix in page.get("CommonPrefixes", [])
        )

    def read(self, key: str) -> bytes:
        return b"".join(self.chunks(key))

    def chunks(self, key: str, etag: str = "", start: int = 0) -> Iterator[bytes]:
        """The object's bytes; with `etag`, only if it is still the object that was listed."""
        condition: dict[str, Any] = {"IfMatch": etag} if etag else {}
        if start:
            condition["Range"] = f"bytes={start}-"
        try:
            body = self._client.get_object(Bucket=self.bucket, Key=key, **condition)["Body"]
        except ClientError as error:
            raise self._named(error, key) from error
        yield from body.iter_chunks(CHUNK_BYTES)

    def lines(self, key: str, start: int = 0) -> Iterator[str]:
        """Lines from byte `start` on, which must be where one begins."""
        decoder, rest = codecs.getincrementaldecoder("utf-8-sig")(), ""
        for chunk in self.chunks(key, start=start):
            *lines, rest = (rest + decoder.decode(chunk)).split("\n")
            yield from (line + "\n" for line in lines)
        if rest:
            yield rest

    def write(self, key: str, body: bytes, *, absent: bool = False) -> bool:
        """False when `absent` was asked and the key exists."""
        how: dict[str, Any] = self._encryption | ({"IfNoneMatch": "*"} if absent else {})
        try:
            self._client.put_object(Bucket=self.bucket, Key=key, Body=body, **how)
        except ClientError as error:
            if absent and error.response["Error"]["Code"] in CHANGED:
                return False
            raise
        return True

    def upload(self, key: str, path: str) -> None:
        """In parts where it is big. What a part met is raised as it is, not wrapped as boto3's upload_file does."""
        from s3transfer.manager import TransferManager  # heavy, and few functions upload

        with TransferManager(self._client) as transfers:
            transfers.upload(path, self.bucket, key, self._encryption).result()

    def copy_from(self, source: Storage, item: StoredObject, key: str) -> None:
        """A server-side copy of exactly the object that was listed, without its tags: to copy those takes
        s3:GetObjectTagging of the uploader's object, and nobody here reads them.
        """
        try:
            self._client.copy_object(
                Bucket=self.bucket,
                Key=key,
                CopySource={"Bucket": source.bucket, "Key": item.key},
                CopySourceIfMatch=item.etag,
                TaggingDirective="REPLACE",
                **self._encryption,
            )
        except ClientError as error:
            raise self._named(error, item.key) from error

    def exists(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in MISSING:
                return False
            raise
        return True

    def sha256(self, key: str) -> str:
        digest = hashlib.sha256()
        for chunk in self.chunks(key):
            digest.update(chunk)
        return digest.hexdigest()

    def uri(self, key: str) -> str:
        return f"s3://{self.bucket}/{key}"

    def key_of(self, uri: str) -> str:
        parts = urlparse(uri)
        if parts.scheme != "s3" or parts.netloc != self.bucket:
            raise MissingError(f"{uri} is not in bucket {self.bucket}; copy it there")
        return parts.path.lstrip("/")

    def _named(self, error: ClientError, key: str) -> Exception:
        code = error.response["Error"]["Code"]
        if code in MISSING:
            return MissingError(f"{self.uri(key)} does not exist")
        if code in CHANGED:
            return InvalidDatasetError(
                f"{self.uri(key)} changed while it was read; the newer upload is taken"
            )
        kept = _unreadable(code, error.response["Error"].get("Message", ""))
        return InvalidDatasetError(f"{self.uri(key)}: {kept}, then drop it again") if kept else error


def _unreadable(code: str, message: str) -> str:
    """Why S3 does not give an object that is there, and what to do; "" where it is not the object's own doing."""
    if code == "InvalidObjectState":
        return "it is archived; restore it, or upload it with a storage class that is read at once"
    if code == "InvalidRequest" and "encryption" in message.lower():
        return "it is encrypted with a key of the uploader's own (SSE-C); upload it without"
    if code.startswith("KMS.") or (code == "AccessDenied" and "kms" in message.lower()):
        return "its KMS key is not one that the pipeline may use; upload it with the bucket's own encryption"
    return ""
