"""One thing that was looked at: how it stands, what was found, and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

T = TypeVar("T")


class Health(StrEnum):
    """warning: it works, and somebody will miss something."""

    OK = "ok"
    WARNING = "warning"
    BROKEN = "broken"


@dataclass(frozen=True)
class Check:
    """next_step: "" where nothing is to be done."""

    title: str
    health: Health
    found: str
    next_step: str = ""


def ok(title: str, found: str) -> Check:
    return Check(title, Health.OK, found)


def broken(title: str, found: str, next_step: str) -> Check:
    return Check(title, Health.BROKEN, found, next_step)


def warning(title: str, found: str, next_step: str) -> Check:
    return Check(title, Health.WARNING, found, next_step)


def run_checks(subject: T, checks: Iterable[tuple[str, Callable[[T], Iterable[Check]]]]) -> Iterator[Check]:
    """Each check by its title; one that cannot even be asked is broken, and the others are asked all the same."""
    for title, check in checks:
        try:
            yield from check(subject)
        except (NoCredentialsError, NoRegionError):
            yield broken(
                title, "not looked at: there are no credentials, or no region", "Correct those first."
            )
        except (ClientError, BotoCoreError) as error:
            yield broken(
                title, str(error), "Correct what the error names, or ask whoever gives you permissions."
            )
