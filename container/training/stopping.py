"""SIGTERM, remembered: SageMaker gives a stopped job 120 seconds before it kills it."""

import signal
from types import FrameType


class StopRequest:
    """Whether the job was asked to stop."""

    def __init__(self) -> None:
        self.received = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._receive)

    def _receive(self, _signal: int, _frame: FrameType | None) -> None:
        self.received = True
