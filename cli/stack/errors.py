"""What can go wrong around the local stack; every error says what to do next."""

from __future__ import annotations


class StackError(Exception):
    """Something of the local stack did not work. `exit_code` is the command's exit code."""

    exit_code = 1

    def __init__(self, problem: str, next_step: str) -> None:
        super().__init__(problem)
        self.problem, self.next_step = problem, next_step


class RefusedError(StackError):
    """What was asked for is not done here, whatever is tried: something is not this machine's own."""

    exit_code = 2


class NotRunningError(StackError):
    """The stack, or a part of it, does not run."""

    exit_code = 3
