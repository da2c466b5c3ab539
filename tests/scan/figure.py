"""What one scan found, beside the line that must hold."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """missed: what is beyond the line, one text each; empty when it holds."""

    name: str
    found: str
    line: str
    missed: Sequence[str] = ()

    def __str__(self) -> str:
        head = f"{'missed' if self.missed else 'ok':7}{self.name:18}{self.found}  (line: {self.line})"
        return "\n".join([head, *(f"         {each}" for each in self.missed)])
