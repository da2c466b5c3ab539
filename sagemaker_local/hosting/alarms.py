"""The CloudWatch alarms that a deployment listens to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from sagemaker_local.wording import in_words

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch import CloudWatchClient

_log = logging.getLogger(__name__)


class AlarmTrippedError(Exception):
    """An alarm speaks against the deployment; str() is the reason."""


class AlarmStates(Protocol):
    async def read(self, names: Sequence[str]) -> dict[str, str]:
        """Name -> OK, ALARM or INSUFFICIENT_DATA, of those that exist. Raises BotoCoreError or ClientError."""


class CloudWatchAlarms:
    """Alarm states by DescribeAlarms."""

    def __init__(self, cloudwatch: Callable[[], CloudWatchClient]) -> None:
        self._cloudwatch = cloudwatch

    async def read(self, names: Sequence[str]) -> dict[str, str]:
        answer = await asyncio.to_thread(
            lambda: self._cloudwatch().describe_alarms(
                AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
            )
        )
        found = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        return {str(alarm.get("AlarmName")): str(alarm.get("StateValue")) for alarm in found}


class Bake:
    """Baking periods: "Waiting period to monitor the CloudWatch alarms in the automatic rollback configuration"."""

    def __init__(self, states: AlarmStates, names: Sequence[str], period_seconds: float) -> None:
        self._states = states
        self._names = tuple(names)
        self._period = period_seconds

    async def wait(self, seconds: float) -> None:
        """Look at once, again and again, and at the end. Raises AlarmTrippedError.

        That alarms cannot be read is borne until the end of the period: what nobody watched does not pass.
        """
        clock = asyncio.get_running_loop().time
        deadline = clock() + seconds
        while True:
            left = deadline - clock()
            await self._look(is_last=left <= 0)
            if left <= 0:
                return
            await asyncio.sleep(min(self._period, left))

    async def _look(self, *, is_last: bool) -> None:
        if not self._names:
            return
        try:
            states = await self._states.read(self._names)
        except (BotoCoreError, ClientError) as error:
            _log.warning("the alarms of a deployment could not be read: %s", error)
            if is_last:
                raise AlarmTrippedError(f"its alarms could not be read: {in_words(error)}") from error
            return
        missing = [name for name in self._names if name not in states]
        if missing:
            raise AlarmTrippedError(f"alarm(s) {', '.join(missing)} do not exist")
        tripped = [name for name in self._names if states[name] == "ALARM"]
        if tripped:
            raise AlarmTrippedError(f"alarm(s) {', '.join(tripped)} went into ALARM state")
