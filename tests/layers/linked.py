"""Folders that have the packages of a layer and no others: links to what this environment has installed."""

import re
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

from tests.contract.cloudformation import ROOT


def locked(layer: str) -> list[str]:
    """What requirements/<layer>/requirements.txt installs."""
    text = (ROOT / f"requirements/{layer}/requirements.txt").read_text()
    return re.findall(r"^([\w.-]+)==", text, re.MULTILINE)


def linked(names: Iterable[str], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        installed = distribution(name)
        tops = {file.parts[0] for file in installed.files or () if file.parts[0] not in ("..", "__pycache__")}
        for top in tops:
            (folder / top).symlink_to(str(installed.locate_file(top)))
    return folder
