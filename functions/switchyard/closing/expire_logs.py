"""The logs of live endpoints: SageMaker makes a group for each, which keeps everything until somebody says how long.

Only groups of endpoints are this stack's alone. Those of jobs (/aws/sagemaker/TrainingJobs and the like) are one for
the whole account, and stay as their owner wants them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from switchyard.core.ledger.sweep_finding import Finding
from switchyard.core.ports import LogGroups

KEPT_DAYS = 90  # as the stack's own groups in template.yaml
FOLDER = "/aws/sagemaker/Endpoints/"


@dataclass(frozen=True)
class ExpireLogs:
    """Gives the groups of this stack's endpoints an end, where nobody has."""

    prefix: str
    groups: LogGroups

    def findings(self) -> Iterator[Finding]:
        for name in self.groups.endless(f"{FOLDER}{self.prefix}-"):
            yield Finding(f"{name}: its logs never expire", partial(self._expire, name))

    def _expire(self, name: str) -> str:
        self.groups.expire(name, KEPT_DAYS)
        return f"{name}: its logs expire after {KEPT_DAYS} days"
