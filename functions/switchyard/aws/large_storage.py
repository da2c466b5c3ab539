"""One S3 bucket for a machine that reads for hours, and copies objects of any size."""

from collections.abc import Iterator

from botocore.exceptions import ClientError, HTTPClientError, IncompleteReadError

from switchyard.aws.storage import S3Storage
from switchyard.core.ports import Storage, StoredObject

BROKEN_OFF = (HTTPClientError, IncompleteReadError)
TRIES = 5  # in a row, without a byte in between
LARGEST_COPY = 5 * 1024**3  # "You can copy an object up to 5 GB in a single atomic action" (CopyObject)


class LargeStorage(S3Storage):
    """As S3Storage, for objects that no Lambda would read."""

    def chunks(self, key: str, etag: str = "", start: int = 0) -> Iterator[bytes]:
        """A read that breaks off goes on where it was; with `etag`, on the same object or not at all."""
        position, left = start, TRIES
        while True:
            try:
                for chunk in super().chunks(key, etag, position):
                    position, left = position + len(chunk), TRIES
                    yield chunk
                return
            except BROKEN_OFF:
                left -= 1
                if not left:
                    raise

    def copy_from(self, source: Storage, item: StoredObject, key: str) -> None:
        """In parts where it is too large for one copy; each part is of the object that was listed."""
        if item.size <= LARGEST_COPY:
            super().copy_from(source, item, key)
            return
        from s3transfer.manager import TransferManager

        place = {"Bucket": source.bucket, "Key": item.key}
        how = {"CopySourceIfMatch": item.etag, **self._encryption}
        try:
            with TransferManager(self._client) as transfers:
                transfers.copy(place, self.bucket, key, how).result()
        except ClientError as error:
            raise self._named(error, item.key) from error
