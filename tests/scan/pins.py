"""Every requirement is one version with its digests, and every wish has been pinned."""

import re
from pathlib import Path

from tests.scan.figure import Figure
from tests.scan.tools import ROOT

REQUIREMENT = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?(?P<version>==[^ ;\\]+)?")
FOLDER = ROOT / "requirements"


def files(ending: str) -> list[Path]:
    return sorted(FOLDER.rglob(f"*{ending}"))


def entries(file: Path) -> list[str]:
    """Requirements with their continued lines; no comments, options or other files."""
    joined = re.sub(r"\\\n", " ", file.read_text())
    lines = (line.partition(" #")[0].strip() for line in joined.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def name_of(entry: str) -> str:
    found = REQUIREMENT.match(entry)
    assert found, entry
    return re.sub(r"[-_.]+", "-", found["name"]).lower()


def loose(file: Path) -> list[str]:
    """What is not one version with a digest."""
    where = file.relative_to(FOLDER)
    return [
        f"{where}: {entry.split()[0]}"
        for entry in entries(file)
        if "==" not in entry.split(";")[0].split("--hash")[0] or "--hash=sha256:" not in entry
    ]


def forgotten(wishes: Path) -> list[str]:
    """What a file of wishes asks for and none of its name pins: PyTorch has one for each kind of machine."""
    pinned = wishes.parent.glob(f"{wishes.stem}*.txt")
    names = {name_of(entry) for file in pinned for entry in entries(file)}
    where = wishes.relative_to(FOLDER).with_suffix(".txt")
    return [f"{where} lacks {entry}" for entry in entries(wishes) if name_of(entry) not in names]


def scan() -> Figure:
    pinned, wished = files(".txt"), files(".in")
    missed = [each for file in pinned for each in loose(file)] + [
        each for file in wished for each in forgotten(file)
    ]
    total = sum(len(entries(file)) for file in pinned)
    return Figure("pins", f"{total} in {len(pinned)} files", "each one version, with digests", missed)
