"""model.tar.gz: packed so that the same files give the same bytes, unpacked as hostile input.

Names and sizes inside an archive are somebody else's words. Only regular files and folders below the target
are accepted; links, devices, absolute and climbing names, and archives beyond the caps are refused.

gzip is ISA-L's, whose fastest level is as small as zlib's default on models and takes a seventh of the CPU. Both ways
stream: what is held is a piece of one file.
"""

from __future__ import annotations

import gzip
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from isal import igzip
from isal.igzip_lib import IsalError

from sagemaker_local.links import Entry, entries
from sagemaker_local.wording import in_words

MAX_MEMBERS = 100_000
MAX_BYTES = 20 * 1024**3
PIECE = 256 * 1024  # bytes read and written at once: they stay in a core's cache


class ArchiveError(Exception):
    """The archive or the folder cannot be packed or unpacked; the text names the member and the reason."""


def pack(folder: Path, archive: Path, opt_ml: Path | None = None) -> int:
    """Write the contents of `folder` at the top level of `archive` (gzip tar); returns the number of files.

    Reproducible: sorted names, no times, no owners. A link is packed as the file or folder it leads to in the
    container whose /opt/ml is `opt_ml` (the folder itself, when left out); one that leads elsewhere stays a link.
    """
    count = 0
    with (
        archive.open("wb") as raw,
        _gzip(raw, "wb") as packed,
        tarfile.TarFile(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, copybufsize=PIECE) as tar,
    ):
        for number, entry in enumerate(entries(opt_ml or folder, folder), 1):
            if number > MAX_MEMBERS:
                raise ArchiveError(f"the folder has more than {MAX_MEMBERS} files, links followed")
            count += _add(tar, entry)
    return count


def _gzip(raw: IO[bytes], mode: str) -> IO[bytes]:
    """Without a name and a time, so that the same contents are the same bytes."""
    options = {"filename": "", "fileobj": raw, "compresslevel": 1, "mtime": 0}
    return cast(IO[bytes], igzip.GzipFile(mode=mode, **options))  # type: ignore[no-untyped-call]


def _add(tar: tarfile.TarFile, entry: Entry) -> int:
    member, source = tarfile.TarInfo(entry.name), entry.real
    if source is None:
        member.type, member.linkname = tarfile.SYMTYPE, entry.target
        tar.addfile(member)
        return 1
    if source.is_dir():
        member.type, member.mode = tarfile.DIRTYPE, 0o755
        tar.addfile(member)
        return 0
    if not source.is_file():
        return 0  # sockets and pipes are no artifacts
    member.mode = 0o755 if source.stat().st_mode & 0o100 else 0o644
    member.size = source.stat().st_size
    with source.open("rb") as content:
        tar.addfile(member, content)
    return 1


def unpack(
    archive: Path, folder: Path, *, max_members: int = MAX_MEMBERS, max_bytes: int = MAX_BYTES
) -> None:
    """Extract a gzip tar into `folder`; raises ArchiveError and leaves nothing outside of it in any case."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with (
            archive.open("rb") as raw,
            _gzip(raw, "rb") as packed,
            tarfile.open(fileobj=packed, mode="r:") as tar,
        ):
            for member in _checked(tar, max_members, max_bytes):
                _write(tar, member, folder)
    except gzip.BadGzipFile as error:
        raise ArchiveError(f"{archive.name} is not a gzip file") from error
    except OSError as error:
        raise ArchiveError(f"{archive.name} cannot be unpacked: {in_words(error)}") from error
    except (tarfile.TarError, IsalError, EOFError, ValueError) as error:  # type: ignore[misc]  # no stub says that it is one
        raise ArchiveError(f"{archive.name} cannot be unpacked: {error}") from error


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    """Content and the right to execute, nothing else of what the archive says. (Python before 3.11.4 has no
    extraction filters.)
    """
    target = folder / member.name
    if member.isdir():
        target.mkdir(parents=True, exist_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        for piece in _contents(tar, member):
            file.write(piece)
    target.chmod(0o755 if member.mode & 0o100 else 0o644)


def _contents(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    """Of a regular file; without the two copies that tarfile's own reader makes of each piece."""
    source, left = tar.fileobj, member.size
    assert source is not None  # noqa: S101 - it was opened
    source.seek(member.offset_data)
    while left:
        piece = source.read(min(left, PIECE))
        if not piece:
            raise tarfile.ReadError(f"'{member.name}' ends too soon")
        left -= len(piece)
        yield piece


def _checked(tar: tarfile.TarFile, max_members: int, max_bytes: int) -> Iterator[tarfile.TarInfo]:
    total = 0
    for count, member in enumerate(tar, 1):
        if member.size < 0:  # it would make room for others
            raise ArchiveError(f"'{member.name}' says that it has {member.size} bytes")
        total += member.size
        if count > max_members:
            raise ArchiveError(f"the archive has more than {max_members} members")
        if total > max_bytes:
            raise ArchiveError(f"the archive unpacks to more than {max_bytes} bytes")
        if member.issparse():  # 150 bytes may say 8 GB
            raise ArchiveError(f"'{member.name}' has holes; pack it without --sparse")
        if not (member.isreg() or member.isdir()):
            raise ArchiveError(
                f"'{member.name}' is neither a file nor a folder: links and devices are refused"
            )
        name = PurePosixPath(member.name)
        if name.is_absolute() or ".." in name.parts:
            raise ArchiveError(f"'{member.name}' leaves the folder of the model")
        yield member


def clear(folder: Path) -> None:
    """Remove a folder and all in it; missing is fine."""
    shutil.rmtree(folder, ignore_errors=True)
