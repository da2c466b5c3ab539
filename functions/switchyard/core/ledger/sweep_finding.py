"""What a sweep finds, and how it is mended."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that is amiss; `mend` mends it, and answers what was done ("" where somebody else was faster)."""

    what: str
    mend: Callable[[], str]
