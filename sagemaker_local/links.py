"""Symbolic links as the container saw them: its /opt/ml lies elsewhere on this machine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MOST_LINKS = 40  # of one path, as Linux has it
_OPT_ML = PurePosixPath("/opt/ml")


@dataclass(frozen=True)
class Entry:
    """One name below a folder, with what it stands for; `real` is None for a link that leads out, nowhere or round."""

    name: str
    real: Path | None
    target: str = ""


def resolved(opt_ml: Path, path: Path) -> Path | None:
    """Where `path`, somewhere below a container's /opt/ml, leads in it; None where it leads out or nowhere."""
    at, rest, links = opt_ml, list(reversed(path.relative_to(opt_ml).parts)), 0
    while rest:
        part = rest.pop()
        if part == "..":
            if at == opt_ml:
                return None
            at = at.parent
            continue
        if not (at / part).is_symlink():
            at = at / part
            continue
        links += 1
        target = _inside(opt_ml, (at / part).readlink())
        if target is None or links > _MOST_LINKS:
            return None
        at = opt_ml if target.is_absolute() else at
        rest.extend(reversed(target.parts[1:] if target.is_absolute() else target.parts))
    return at if at.exists() else None


def _inside(opt_ml: Path, target: Path) -> PurePosixPath | None:
    """A link's target, an absolute one with /opt/ml as its root; None where it is not below that."""
    if not target.is_absolute():
        return PurePosixPath(target)
    for home in (_OPT_ML, PurePosixPath(opt_ml)):  # the second: a container without a private /opt/ml
        if target.is_relative_to(home):
            return PurePosixPath("/") / target.relative_to(home)
    return None


def entries(opt_ml: Path, folder: Path) -> Iterator[Entry]:
    """All that is below `folder`, by name; a link is what it leads to. Nothing where `folder` itself leads out."""
    real = resolved(opt_ml, folder)
    if real is not None and real.is_dir():
        yield from _below(opt_ml, real, "", (real,))


def _below(opt_ml: Path, folder: Path, prefix: str, within: tuple[Path, ...]) -> Iterator[Entry]:
    """within: the folders that we are in; a link to one of them goes round."""
    for path in sorted(folder.iterdir()):
        name = prefix + path.name
        real = resolved(opt_ml, path) if path.is_symlink() else path
        if real is None or real in within:
            yield Entry(name, None, str(path.readlink()))
            continue
        yield Entry(name, real)
        if real.is_dir():
            yield from _below(opt_ml, real, f"{name}/", (*within, real))
