"""What the door knows of a dataset once it is found sound."""

from dataclasses import dataclass

from switchyard.core.data.dialect import AS_IT_SHOWS, Dialect
from switchyard.core.data.seen import Seen
from switchyard.core.ports import StoredObject
from switchyard.intake.rules.dataset import DataFile


@dataclass(frozen=True)
class Checked:
    """A dataset that was read to the end and found sound; seen: None when its table is yet to be made.

    rewritten: of each file, whether it came in another form than it is trained from; `files` tells of that form, and
    `kept` says where it lies, as far as it does. partitions: columns that the names of folders say. records: objects of
    the drop, each with the name it is kept by.
    packed: where the packed rows lie, and the name of their layout; nothing where they are not kept.
    """

    files: tuple[DataFile, ...]
    objects: tuple[StoredObject, ...]
    columns: tuple[str, ...]
    seen: Seen | None
    rewritten: tuple[bool, ...]
    kept: tuple[str, ...]
    dialect: Dialect = AS_IT_SHOWS
    partitions: frozenset[str] = frozenset()
    records: tuple[tuple[StoredObject, str], ...] = ()
    packed: tuple[str, str] = ("", "")
