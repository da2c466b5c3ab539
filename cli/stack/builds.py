"""What `sam build` made, kept by what it was made of: every stack of one source, a fresh one too, deploys the same.

It lies in the source's `.aws-sam/`, SAM's own folder, and not in a stack's: a stack that is purged needs no new one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

KEPT = 3  # builds, the last ones that were deployed or made
_LOCK, _TEMPLATE = "lock", "template.yaml"


def folder_of(source: Path, digest: str) -> Path:
    """All builds lie equally deep: their templates name files of the source by relative paths."""
    return source / ".aws-sam/local" / digest[:16]


def is_built(source: Path, digest: str) -> bool:
    return (folder_of(source, digest) / _TEMPLATE).exists()


def build_once(source: Path, digest: str, build: Callable[[Path], None]) -> Path:
    """Calls `build` with a folder of its own where there is no build yet; it counts when it is whole. One at a time:
    two builds of one source at once share `.aws-sam/deps` and spoil each other's dependencies.
    """
    place = folder_of(source, digest)
    place.parent.mkdir(parents=True, exist_ok=True)
    with _alone(place.parent):
        if not is_built(source, digest):
            _build(place, build)
        os.utime(place)
        _forget_old(place.parent)
    return place


def _build(place: Path, build: Callable[[Path], None]) -> None:
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=place.parent))
    try:
        build(draft)
        shutil.rmtree(place, ignore_errors=True)  # what has no template
        draft.rename(place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _forget_old(folder: Path) -> None:
    """Also drafts of builds that were killed: nobody else is at work here."""
    builds = sorted(
        (each for each in folder.iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime
    )
    whole = [each for each in builds if (each / _TEMPLATE).exists()]
    for each in {*builds} - {*whole[-KEPT:]}:
        shutil.rmtree(each, ignore_errors=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
