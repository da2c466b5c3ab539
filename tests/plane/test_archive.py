"""model.tar.gz: the same files make the same bytes, and an archive from anywhere does no harm."""

from __future__ import annotations

import gzip
import io
import os
import stat
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagemaker_local.archive import ArchiveError, pack, unpack

names = st.text("abcdefgh-_.é ", min_size=1, max_size=12).filter(lambda name: name.strip(". ") == name)


def make(archive: Path, *members: tarfile.TarInfo, content: bytes = b"evil") -> Path:
    with tarfile.open(archive, "w:gz") as tar:
        for member in members:
            member.size = len(content) if member.isreg() else 0
            tar.addfile(member, io.BytesIO(content))
    return archive


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


@given(files=st.dictionaries(st.tuples(names, names), st.binary(max_size=200), max_size=6))
def test_what_is_packed_is_what_is_unpacked(
    files: dict[tuple[str, str], bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pack")
    for (parent, name), content in files.items():
        (folder / "in" / parent).mkdir(parents=True, exist_ok=True)
        (folder / "in" / parent / name).write_bytes(content)
    (folder / "in").mkdir(exist_ok=True)
    assert pack(folder / "in", folder / "archive") == len(files)
    unpack(folder / "archive", folder / "out")
    found = {
        path.relative_to(folder / "out"): path.read_bytes()
        for path in (folder / "out").rglob("*")
        if path.is_file()
    }
    assert found == {Path(*key): content for key, content in files.items()}


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    for name, order in (("a", "xyz"), ("b", "zyx")):
        for file in order:
            (tmp_path / name / "sub").mkdir(parents=True, exist_ok=True)
            (tmp_path / name / "sub" / file).write_text(file)
        os.utime(tmp_path / name / "sub" / "x", (len(name), 1_000_000))
        pack(tmp_path / name, tmp_path / f"{name}.tar.gz")
    assert (tmp_path / "a.tar.gz").read_bytes() == (tmp_path / "b.tar.gz").read_bytes()


def test_a_link_inside_is_packed_as_its_file_and_one_outside_stays_a_link(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "real").write_text("weights")
    (folder / "alias").symlink_to("real")
    pack(folder, tmp_path / "archive")
    unpack(tmp_path / "archive", tmp_path / "out")
    assert (tmp_path / "out" / "alias").read_text() == "weights"
    assert not (tmp_path / "out" / "alias").is_symlink()
    (tmp_path / "secret").write_text("host")
    (folder / "leak").symlink_to(tmp_path / "secret")
    pack(folder, tmp_path / "archive")
    with tarfile.open(tmp_path / "archive") as tar:
        assert (tar.getmember("leak").issym(), tar.getmember("leak").size) == (True, 0)
    with pytest.raises(ArchiveError, match="'leak' is neither a file nor a folder"):
        unpack(tmp_path / "archive", tmp_path / "elsewhere")


@pytest.mark.parametrize(
    "member",
    [
        tarfile.TarInfo("../escaped"),
        tarfile.TarInfo("a/../../escaped"),
        tarfile.TarInfo("/var/escaped"),
        link("escaped", "/etc/passwd"),
        link("escaped", "../../etc/passwd"),
        link("escaped", "other", tarfile.LNKTYPE),
        link("escaped", "", tarfile.CHRTYPE),
        link("escaped", "", tarfile.FIFOTYPE),
    ],
    ids=[
        "parent",
        "hidden parent",
        "absolute",
        "absolute link",
        "climbing link",
        "hard link",
        "device",
        "pipe",
    ],
)
def test_a_hostile_member_is_refused(tmp_path: Path, member: tarfile.TarInfo) -> None:
    target = tmp_path / "deep" / "model"
    with pytest.raises(ArchiveError):
        unpack(make(tmp_path / "archive", member), target)
    assert not list(tmp_path.rglob("escaped"))
    assert not Path("/var/escaped").exists()


def test_a_file_written_through_a_link_of_the_archive_is_refused(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    archive = make(tmp_path / "archive", link("door", str(outside)), tarfile.TarInfo("door/escaped"))
    with pytest.raises(ArchiveError):
        unpack(archive, tmp_path / "model")
    assert not list(outside.iterdir())


def test_only_content_and_the_right_to_execute_are_taken(tmp_path: Path) -> None:
    program, settings = tarfile.TarInfo("bin/serve"), tarfile.TarInfo("settings")
    program.mode, settings.mode = 0o6755, 0o666
    program.uid = settings.uid = 4242
    unpack(make(tmp_path / "archive", program, settings), tmp_path / "model")
    found = [(tmp_path / "model" / name).stat() for name in ("bin/serve", "settings")]
    assert [stat.S_IMODE(each.st_mode) for each in found] == [0o755, 0o644]
    assert {each.st_uid for each in found} == {os.getuid()}


def test_a_member_that_says_less_than_nothing_is_refused(tmp_path: Path) -> None:
    head = tarfile.TarInfo("x")
    head.size = -512
    (tmp_path / "archive").write_bytes(gzip.compress(head.tobuf(tarfile.GNU_FORMAT)))
    with pytest.raises(ArchiveError, match="says that it has -512 bytes"):
        unpack(tmp_path / "archive", tmp_path / "model")


def test_a_member_of_holes_is_refused_before_they_are_written(tmp_path: Path) -> None:
    size = 8 * 1024**3
    head = tarfile.TarInfo("holes")
    head.pax_headers = {
        "GNU.sparse.map": f"{size},0",
        "GNU.sparse.size": str(size),
        "GNU.sparse.numblocks": "1",
    }
    with pytest.raises(ArchiveError, match="has holes; pack it without --sparse"):
        unpack(make(tmp_path / "archive", head, content=b""), tmp_path / "model")


def test_too_many_members_and_too_many_bytes_are_refused(tmp_path: Path) -> None:
    archive = make(
        tmp_path / "archive", *(tarfile.TarInfo(f"file-{n}") for n in range(5)), content=b"x" * 100
    )
    with pytest.raises(ArchiveError, match="more than 4 members"):
        unpack(archive, tmp_path / "many", max_members=4)
    with pytest.raises(ArchiveError, match="unpacks to more than 499 bytes"):
        unpack(archive, tmp_path / "big", max_bytes=499)
    unpack(archive, tmp_path / "fits", max_members=5, max_bytes=500)
    assert len(list((tmp_path / "fits").iterdir())) == 5


@pytest.mark.parametrize("content", [b"", b"not gzip", b"\x1f\x8b\x08\x00broken"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "archive").write_bytes(content)
    with pytest.raises(ArchiveError, match="archive cannot be unpacked"):
        unpack(tmp_path / "archive", tmp_path / "model")


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    whole = make(tmp_path / "archive", tarfile.TarInfo("file"), content=os.urandom(10_000)).read_bytes()
    (tmp_path / "archive").write_bytes(whole[:-3000])
    with pytest.raises(ArchiveError):
        unpack(tmp_path / "archive", tmp_path / "model")
