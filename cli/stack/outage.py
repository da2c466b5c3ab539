"""What was lost while the stack, or a part of it, was down."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Loss(StrEnum):
    """How MiniStack went.

    STOPPED: cleanly; everything is kept, but executions that were running have FAILED (States.ServiceRestart).
    KILLED: only the objects in S3 and what was deployed are left; ledger, executions, messages and metrics are gone.
    INCOMPLETE: it kept its state, and a part of the deployment was missing in it; begun anew around S3, and deployed.
    """

    NOTHING = "nothing"
    STOPPED = "stopped"
    KILLED = "killed"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Outage:
    """ministack: how it went; plane: whether the local SageMaker was down (its resources and history are on disk).

    since: when `up` recovered the last time, in seconds since the epoch: what ended before then was told then.
    """

    ministack: Loss = Loss.NOTHING
    plane: bool = False
    since: float = field(default=0.0, compare=False)

    def __bool__(self) -> bool:
        return self.ministack is not Loss.NOTHING or self.plane

    def and_then(self, later: Outage) -> Outage:
        """Both outages as one: the heavier loss counts."""
        order = list(Loss)
        heavier = max(self.ministack, later.ministack, key=order.index)
        return Outage(heavier, self.plane or later.plane, max(self.since, later.since))

    @property
    def ledger_lost(self) -> bool:
        return self.ministack in (Loss.KILLED, Loss.INCOMPLETE)

    def sentences(self) -> list[str]:
        """What was lost, for people."""
        told = {
            Loss.NOTHING: [],
            Loss.STOPPED: [
                "MiniStack was stopped: everything is kept, executions that were running have failed."
            ],
            Loss.KILLED: [
                "MiniStack was killed: the objects in S3 are kept, ledger, executions and metrics are lost."
            ],
            Loss.INCOMPLETE: [
                "A part of the deployment was gone: MiniStack was begun anew around the objects in S3; ledger, "
                "executions and metrics are lost."
            ],
        }[self.ministack]
        plane = [
            "The local SageMaker was down: its jobs and endpoints start again from what it kept on disk."
        ]
        return told + (plane if self.plane else [])


NOTHING_LOST = Outage()
