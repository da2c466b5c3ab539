"""The report as a file of its own."""

from __future__ import annotations

import re
from pathlib import Path

from cli.records.ledger import Line
from cli.report.facts import Sources
from cli.report.page import render
from cli.stack.errors import StackError


def write_report(sources: Sources, line: Line, output: Path | None = None) -> Path:
    """To a file, or to <run id>.html in a folder, without one here. StackError where that cannot be written."""
    path = _target(output, line)
    page = render(sources.facts(line))
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as refused:
        raise StackError(
            f"{path} cannot be written: {refused.strerror}.", "Name another place with --output."
        ) from None
    return path


def _target(output: Path | None, line: Line) -> Path:
    name = line.run_id or re.sub(r"[^A-Za-z0-9.-]+", "-", line.source.partition("//")[2]).strip("-.")
    path = output or Path()
    return path / f"{name[-120:]}.html" if path.is_dir() else path
