"""A source is built once, however many stacks deploy it, and a build that breaks off is none."""

import os
import threading
from pathlib import Path

import pytest

from cli.stack.builds import KEPT, build_once, folder_of, is_built
from tests import patience

DIGEST = "ab" * 32


class Builder:
    """Writes what SAM writes, and counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, place: Path) -> None:
        self.count += 1
        (place / "template.yaml").write_text("Resources: {}")


def test_the_same_source_is_built_once(tmp_path: Path) -> None:
    builder = Builder()
    places = {build_once(tmp_path, DIGEST, builder) for _ in range(2)}
    assert (builder.count, places) == (1, {folder_of(tmp_path, DIGEST)})
    assert is_built(tmp_path, DIGEST)
    assert build_once(tmp_path, "cd" * 32, builder) not in places


def test_two_stacks_at_once_build_once(tmp_path: Path) -> None:
    builder = Builder()
    threads = [threading.Thread(target=build_once, args=[tmp_path, DIGEST, builder]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(patience.SECONDS)
    assert builder.count == 1


def test_what_breaks_off_is_no_build_and_leaves_nothing(tmp_path: Path) -> None:
    def broken(place: Path) -> None:
        (place / "template.yaml").write_text("half of it")
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        build_once(tmp_path, DIGEST, broken)
    assert not is_built(tmp_path, DIGEST)
    assert [each for each in folder_of(tmp_path, DIGEST).parent.iterdir() if each.is_dir()] == []


def test_the_last_builds_are_kept_and_a_killed_one_is_removed(tmp_path: Path) -> None:
    digests = [f"{number:064d}"[::-1] for number in range(1, KEPT + 3)]
    (tmp_path / ".aws-sam/local/draft-of-a-killed-one").mkdir(parents=True)
    for age, digest in enumerate(digests):
        place = build_once(tmp_path, digest, Builder())
        os.utime(place, (age, age))  # one second after another
    build_once(tmp_path, digests[-1], Builder())
    assert [is_built(tmp_path, digest) for digest in digests] == [False] * 2 + [True] * KEPT
    assert not (tmp_path / ".aws-sam/local/draft-of-a-killed-one").exists()
