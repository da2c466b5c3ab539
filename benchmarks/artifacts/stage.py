"""One step of one way, in a process of its own: `python -m benchmarks.artifacts.stage WAY STEP FOLDER ARCHIVE`.

WAY: `plane`, as the local SageMaker does it, or `tarfile`, Python's own at gzip's level 6. STEP: `pack`, `unpack`, or
`inflate`, which writes nothing. Prints CPU seconds, the most memory and the archive's size.
"""

import gzip
import json
import sys
import tarfile
import time
from pathlib import Path
from typing import IO

from isal import igzip

from benchmarks.memory import peak_megabytes
from sagemaker_local.archive import PIECE, pack, unpack


def main(way: str, step: str, folder: Path, archive: Path) -> dict[str, float]:
    began = time.process_time()
    WAYS[way, step](folder, archive)
    taken = time.process_time() - began
    return {"cpu_s": taken, "peak_mb": peak_megabytes(), "archive_mb": archive.stat().st_size / 2**20}


def _tarfile_pack(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "w:gz", compresslevel=6) as tar:
        tar.add(folder, arcname=".")


def _tarfile_unpack(folder: Path, archive: Path) -> None:
    with tarfile.open(archive, "r:gz") as tar:
        tar.extractall(folder, filter="data")


def _plane_inflate(_folder: Path, archive: Path) -> None:
    with igzip.open(archive) as source:
        _read(source)


def _tarfile_inflate(_folder: Path, archive: Path) -> None:
    with gzip.open(archive) as source:
        _read(source)


def _read(source: IO[bytes]) -> None:
    while source.read(PIECE):
        pass


WAYS = {
    ("plane", "pack"): pack,
    ("plane", "unpack"): lambda folder, archive: unpack(archive, folder),
    ("plane", "inflate"): _plane_inflate,
    ("tarfile", "pack"): _tarfile_pack,
    ("tarfile", "unpack"): _tarfile_unpack,
    ("tarfile", "inflate"): _tarfile_inflate,
}

if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))))
