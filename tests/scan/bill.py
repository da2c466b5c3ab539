"""A bill of materials (CycloneDX) for each requirements file, complete, in build/scan/."""

import json
from pathlib import Path

from tests.scan.figure import Figure
from tests.scan.pins import FOLDER, entries, files, name_of
from tests.scan.tools import BUILD, run


def scan() -> Figure:
    BUILD.mkdir(parents=True, exist_ok=True)
    missed = [each for file in files(".txt") for each in bill(file)]
    return Figure(
        "materials",
        f"{len(files('.txt'))} bills in build/scan/",
        "every pinned package is in its bill",
        missed,
    )


def bill(file: Path) -> list[str]:
    """Writes one; what it lacks."""
    name = "-".join(file.relative_to(FOLDER).with_suffix("").parts)
    out = BUILD / f"{name}.cdx.json"
    run("cyclonedx-py", "requirements", str(file), "--of", "JSON", "--output-reproducible", "-o", str(out))
    listed = {name_of(each["name"]) for each in json.loads(out.read_text()).get("components", [])}
    return [f"{out.name} lacks {entry.split()[0]}" for entry in entries(file) if name_of(entry) not in listed]
