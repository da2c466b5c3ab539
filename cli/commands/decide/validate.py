"""`switchyard validate`: would these files be taken, whatever the data?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.commands.options import AsJson
from cli.decision.validity import fault_of
from cli.display import fail, print_json, reporting, say


@reporting
def validate(
    files: Annotated[list[Path], typer.Argument(help="pipeline.yaml files.")],
    as_json: AsJson = False,
) -> None:
    """Check files as admission does, without data or a stack."""
    faults = {path: fault for path in files if (fault := fault_of(path))}
    for path in files:
        say(f"{path}: {faults.get(path, 'valid')}")
    if as_json:
        print_json({"files": [{"file": str(path), "fault": faults.get(path, "")} for path in files]})
    if faults:
        raise fail(f"{len(faults)} of {len(files)} would be refused.", "Correct what is named.", 2)
