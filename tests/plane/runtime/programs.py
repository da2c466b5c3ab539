"""Python programs that tests start on a backend."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sagemaker_local.runtime.backend import Backend, Program, ProgramSpec

Run = Callable[..., Any]
PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


class Started:
    """A program under test: its output so far, and its private /opt/ml."""

    def __init__(self, program: Program, lines: list[str], opt_ml: Path) -> None:
        self.program, self.lines, self.opt_ml = program, lines, opt_ml

    async def output(self) -> list[str]:
        assert await self.program.wait() == 0, self.lines
        return self.lines


def runner(backend: Backend, folder: Path) -> Run:
    """Starts code; `changes` are members of its ProgramSpec."""

    async def start(code: str, port: int | None = None, **changes: Any) -> Started:
        lines: list[str] = []
        opt_ml = Path(changes.pop("opt_ml", None) or folder / f"ml-{time.monotonic_ns()}")
        opt_ml.mkdir(exist_ok=True)
        members: dict[str, Any] = {
            "name": "test",
            "image": "python:1",
            "command": "train",
            "arguments": ("-u", "-c", code),
            "environment": {},
            "entrypoint": (sys.executable,),
        }
        spec = ProgramSpec(**members | changes, opt_ml=opt_ml, log=lines.append)
        return Started(await backend.start(spec, port=port), lines, opt_ml)

    return start
