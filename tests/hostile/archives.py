"""model.tar.gz of strangers: unpacked within its folder and within bounds, or refused in words."""

import gzip
import io
import random
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sagemaker_local.archive import ArchiveError, unpack
from tests.hostile.case import Book
from tests.hostile.stage import Stage
from tests.hostile.uploads import OF_PYTHON

MIB = 1024**2


@dataclass(frozen=True)
class Packed:
    """An archive, and whether it must be refused (True), taken (False), or may be either (None)."""

    body: bytes
    refused: bool | None = True

    def play(self, stage: Stage) -> Iterator[str]:
        with tempfile.TemporaryDirectory() as place:
            archive, folder = Path(place, "model.tar.gz"), Path(place, "house", "model")
            archive.write_bytes(self.body)
            folder.parent.mkdir()
            said = self._unpacked(stage, archive, folder)
            if self.refused is not None and bool(said) is not self.refused:
                yield f"it was {'refused: ' + said if said else 'taken'}"
            if OF_PYTHON.search(said):
                yield f"what people read: {said[:200]}"
            outside = sorted(
                str(each) for each in Path(place).iterdir() if each.name not in ("model.tar.gz", "house")
            )
            if outside or list(folder.parent.iterdir()) not in ([], [folder]):
                yield f"something lies outside of its folder: {outside}"
            if any(each.is_symlink() or not (each.is_file() or each.is_dir()) for each in folder.rglob("*")):
                yield "there is a link or a device in it"

    def _unpacked(self, stage: Stage, archive: Path, folder: Path) -> str:
        with stage.measured():
            try:
                unpack(archive, folder)
            except ArchiveError as error:
                return str(error)
        return ""


def of(*members: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz", format=form, compresslevel=1) as archive:
        for member, body in members:
            member.size = len(body) if member.isreg() else 0
            archive.addfile(member, io.BytesIO(body))
    return file.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


def named(name: str) -> bytes:
    return of((member(name), b"x"))


def zeros(mebibytes: int) -> bytes:
    """One member that says that it is so large, and is."""
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1, mtime=0) as packed:
        head = member("zeros")
        head.size = mebibytes * MIB
        packed.write(head.tobuf(tarfile.PAX_FORMAT))
        for _ in range(mebibytes):
            packed.write(b"\0" * MIB)
        packed.write(b"\0" * 1024)
    return file.getvalue()


def claimed(size: int) -> bytes:
    """One member that says that it is so large, and is not there."""
    head = member("claimed")
    head.size = size
    return gzip.compress(head.tobuf(tarfile.GNU_FORMAT), mtime=0)


def sparse() -> bytes:
    """About 150 bytes that say 8 GB: a file of holes (GNU.sparse of pax)."""
    head = member("holes")
    head.pax_headers = {
        "GNU.sparse.map": f"{8 * 1024**3},0",
        "GNU.sparse.size": str(8 * 1024**3),
        "GNU.sparse.numblocks": "1",
    }
    return of((head, b""))


def many(count: int) -> bytes:
    return of(*((member(f"f{n}"), b"") for n in range(count)), form=tarfile.USTAR_FORMAT)


def long_header() -> bytes:
    head = member("x")
    head.pax_headers = {"comment": "x" * (64 * MIB)}
    return of((head, b"x"))


def flipped(draw: random.Random) -> bytes:
    whole = bytearray(gzip.decompress(of(*((member(f"f{n}"), b"y" * 700) for n in range(20)))))
    for _ in range(6):
        whole[draw.randrange(len(whole))] = draw.randrange(256)
    return gzip.compress(bytes(whole), mtime=0)


ARCHIVES: dict[str, tuple[Callable[[random.Random], bytes], bool | None]] = {
    "sound": (lambda _: named("model.bin"), False),
    "climbs": (lambda _: named("../../x"), True),
    "climbs within": (lambda _: named("a/../../x"), True),
    "absolute": (lambda _: named("/var/x"), True),
    "a link": (lambda _: of((member("x", tarfile.SYMTYPE, "/etc/passwd"), b"")), True),
    "through a link": (lambda _: of((member("x", tarfile.SYMTYPE, ".."), b""), (member("x/y"), b"z")), True),
    "a hard link": (lambda _: of((member("x", tarfile.LNKTYPE, "/etc/passwd"), b"")), True),
    "a device": (lambda _: of((member("x", tarfile.CHRTYPE), b"")), True),
    "a pipe": (lambda _: of((member("x", tarfile.FIFOTYPE), b"")), True),
    "a file, then a folder of its name": (lambda _: of((member("x"), b"1"), (member("x/y"), b"2")), True),
    "a folder, then a file of its name": (
        lambda _: of((member("x", tarfile.DIRTYPE), b""), (member("x"), b"2")),
        True,
    ),
    "no name": (lambda _: named(""), True),
    "a dot": (lambda _: named("."), True),
    "a name with a NUL": (lambda _: named("a\0b"), None),
    "a name of 5,000 characters": (lambda _: named("x" * 5000), True),
    "a path of 3,000 folders": (lambda _: named("x/" * 3000 + "y"), True),
    "a name that is half a pair": (lambda _: named("a\udcffb"), None),
    "a name with a line feed": (lambda _: named("a\nb"), None),
    "a name with a backslash": (lambda _: named("..\\..\\x"), None),
    "no gzip": (lambda draw: draw.randbytes(3000), True),
    "nothing": (lambda _: b"", True),
    "gzip of nothing": (lambda _: gzip.compress(b"", mtime=0), None),
    "gzip of noise": (lambda draw: gzip.compress(draw.randbytes(3000), mtime=0), True),
    "cut": (lambda draw: of((member("x"), draw.randbytes(9000)))[:-4000], True),
    "a size of 8 GB that is not there": (lambda _: claimed(8 * 1024**3), True),
    "a size below zero": (lambda _: claimed(-512), True),
    "512 MB of zeros": (lambda _: zeros(512), None),
    "8 GB of holes": (lambda _: sparse(), True),
    "20,000 members": (lambda _: many(20_000), None),
    "a header of 64 MB": (lambda _: long_header(), None),
    "damaged": (flipped, None),
}


def fill(book: Book) -> None:
    for name, (body, refused) in ARCHIVES.items():
        book.add(f"archive: {name}", packed(body, refused))


def packed(body: Callable[[random.Random], bytes], refused: bool | None) -> Callable[[random.Random], Packed]:
    return lambda draw: Packed(body(draw), refused)
