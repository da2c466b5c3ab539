"""Which program stands for an image: `images.yaml` and the user's own files of the same form.

A file is a list of entries:

    - match: "my-image:*"          # fnmatch on repository:tag, the registry's host left out
      path: ../my_container        # a folder or a virtual environment; its bin/ leads the PATH, and it is the WORKDIR
      workdir: /opt/program        # WORKDIR, where that is another one
      search: [./venv/bin]         # leads the PATH, before path
      folders: {/opt/program: ./p} # what the container sees there; the host need not have it
      train: [./bin/train]         # argv; without it: a program `train` in path/bin or path
      serve: [./bin/serve]
      process: [./bin/process]     # the image's ENTRYPOINT, for processing jobs that name none
      environment: {NAME: value}
      architectures: [amd64]       # or arm64, or both: the instance types that it runs on
      build: make my-image         # what makes `path`: said when it is missing

A path, argv word or value that starts with `./` or `../` is relative to the file that says it. `path` and `folders` are
the image: where the host allows it each container sees them fresh, and what it writes there ends with it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml

from sagemaker_local.instance_types import architecture_of
from sagemaker_local.runtime.backend import BackendError, ProgramSpec, UnknownImageError

BUILT_IN = Path(__file__).parent.parent / "images.yaml"
_COMMANDS = ("train", "serve", "process")
_FIELDS = {
    "match",
    "path",
    "environment",
    "build",
    "workdir",
    "search",
    "folders",
    "architectures",
    *_COMMANDS,
}
AMD64 = ("amd64",)
_SYSTEM_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class ImageFileError(ValueError):
    """An images file cannot be understood; the message names the file and the entry."""


@dataclass(frozen=True)
class Image:
    """A runtime that stands for the images matching `match`. All paths are absolute; `build` makes `path`."""

    match: str
    path: Path | None
    commands: Mapping[str, tuple[str, ...]]
    environment: Mapping[str, str] = field(default_factory=dict)
    build: str = ""
    workdir: str = ""
    search: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    architectures: tuple[str, ...] = AMD64

    def runs_on(self, instance_type: str) -> bool:
        """ "": wherever it is."""
        return not instance_type or architecture_of(instance_type) in self.architectures

    def search_path(self) -> str:
        """The PATH of the image: its own programs first, then the system's."""
        own = [str(self.path / "bin"), str(self.path)] if self.path else []
        return os.pathsep.join([*self.search, *own, *_SYSTEM_PATH])

    def fresh_folders(self) -> dict[str, str]:
        """The image's folders on this machine, by where its containers see them."""
        own = {str(self.path): str(self.path)} if self.path and self.path.is_dir() else {}
        return own | dict(self.folders)

    def places(self) -> Iterator[Path]:
        """What must be there before anything can run: the folder, and the programs that are named by a path."""
        if self.path:
            yield self.path
        yield from map(Path, self.folders.values())
        yield from (Path(argv[0]) for argv in self.commands.values() if Path(argv[0]).is_absolute())

    def argv(self, spec: ProgramSpec) -> list[str]:
        """What to execute: the entrypoint, the declared command, or the program of that name on PATH."""
        words = spec.entrypoint or self.commands.get(spec.command) or (spec.command,)
        return [*words, *spec.arguments]


def repository_and_tag(uri: str) -> str:
    """`1234.dkr.ecr.us-east-1.amazonaws.com/team/name:1` -> `team/name:1`; no tag means `latest`.

    >>> repository_and_tag("localhost:5000/name@sha256:ab")
    'name:sha256:ab'
    """
    first, slash, rest = uri.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    name = rest if is_host else uri
    repository, at, digest = name.partition("@")
    if at:
        return f"{repository.partition(':')[0]}:{digest}"
    return name if ":" in name else f"{name}:latest"


class Images:
    """The registered runtimes; the user's files come before the built-in one."""

    def __init__(self, files: Sequence[Path] = (), built_in: Path | None = BUILT_IN) -> None:
        self._files = [*files, *([built_in] if built_in else [])]
        self._images = [image for file in self._files for image in load(file)]

    def find(self, uri: str) -> Image:
        """The first entry that matches `uri`. Raises `UnknownImageError`."""
        name = repository_and_tag(uri)
        for image in self._images:
            if fnmatchcase(name, image.match):
                return image
        known = ", ".join(image.match for image in self._images) or "none"
        raise UnknownImageError(
            f"No local runtime is registered for image {uri!r} (looked for {name!r}; registered: {known}). "
            f"Add an entry to {self._files[0] if self._files else BUILT_IN}, or start with --images FILE: "
            f'- {{match: "{name.partition(":")[0]}:*", path: FOLDER_OR_VENV, serve: [./serve]}}'
        )

    def ready(self, uri: str) -> Image:
        """As `find`; raises `UnknownImageError` also when the folder or environment of the image is not there."""
        image = self.find(uri)
        for place in image.places():
            if not place.exists():
                remedy = f"Next: {image.build}" if image.build else "Next: make it, or correct its path"
                raise UnknownImageError(
                    f"The local runtime of image {uri!r} is registered, but {place} is not there. {remedy}"
                )
        return image


def load(file: Path) -> list[Image]:
    """Read one images file. Raises `ImageFileError` or `OSError`."""
    try:
        entries = yaml.safe_load(file.read_text(encoding="utf-8")) or []
    except yaml.YAMLError as error:
        raise ImageFileError(f"{file} is not YAML: {error}") from error
    if not isinstance(entries, list):
        raise ImageFileError(f"{file} must be a list of entries, found {type(entries).__name__}")
    return [_image(file, number, entry) for number, entry in enumerate(entries, start=1)]


def _image(file: Path, number: int, entry: Any) -> Image:
    where = f"{file}, entry {number}"
    if not isinstance(entry, dict) or not isinstance(entry.get("match"), str):
        raise ImageFileError(f'{where}: needs match: "<repository:tag pattern>"')
    if unknown := sorted(set(entry) - _FIELDS):
        raise ImageFileError(f"{where}: unknown {', '.join(unknown)}; known are {', '.join(sorted(_FIELDS))}")
    folder = file.parent.absolute()
    path = Path(os.path.normpath(folder / str(entry["path"]))) if entry.get("path") else None
    commands = {
        command: tuple(_place(folder, word) for word in _words(where, command, entry[command]))
        for command in _COMMANDS
        if entry.get(command)
    }
    environment = {
        str(key): _place(folder, str(value)) for key, value in (entry.get("environment") or {}).items()
    }
    return Image(
        match=entry["match"],
        path=path,
        commands=commands,
        environment=environment,
        build=str(entry.get("build") or ""),
        workdir=str(entry.get("workdir") or path or ""),
        search=tuple(_place(folder, word) for word in _optional_words(where, "search", entry)),
        folders=_folders(where, folder, entry.get("folders") or {}),
        architectures=_architectures(where, entry),
    )


def _architectures(where: str, entry: dict[str, Any]) -> tuple[str, ...]:
    given = tuple(_optional_words(where, "architectures", entry)) or AMD64
    if unknown := sorted(set(given) - {"amd64", "arm64"}):
        raise ImageFileError(f"{where}: architectures are amd64 and arm64, found {', '.join(unknown)}")
    return given


def _optional_words(where: str, field_name: str, entry: dict[str, Any]) -> list[str]:
    return _words(where, field_name, entry[field_name]) if entry.get(field_name) else []


def _folders(where: str, folder: Path, given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(str(place).startswith("/") for place in given):
        raise ImageFileError(f"{where}: folders must say {{/place/in/the/container: ./folder}}")
    return {os.path.normpath(str(place)): os.path.normpath(folder / str(own)) for place, own in given.items()}


def _words(where: str, command: str, value: Any) -> list[str]:
    if not isinstance(value, list) or not value:
        raise ImageFileError(f"{where}: {command} must be a list of words, like [python, ./serve.py]")
    return [str(word) for word in value]


def _place(folder: Path, word: str) -> str:
    """A path of the file's folder. Links stay: a virtual environment is known by the link of its python."""
    return os.path.normpath(folder / word) if word.startswith(("./", "../")) else word


__all__ = ["BUILT_IN", "BackendError", "Image", "ImageFileError", "Images", "load", "repository_and_tag"]
