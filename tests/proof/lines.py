"""The table: every line that must hold, in the order in which it is printed."""

from tests.proof import doors, ledgers, live, recorded, rollouts, storm
from tests.proof.line import Line

LINES = (
    Line("lost-ledger", ledgers.lost_ledgers),
    Line("undone-endpoint", rollouts.undone),
    Line("stopped-anywhere", rollouts.aborted),
    Line("disturbed-anywhere", rollouts.disturbed),
    Line("bad-challengers", rollouts.bad),
    Line("equal-challengers", rollouts.equal),
    Line("storm", storm.storm),
    Line("ledger-work", ledgers.work),
    Line("hostile-names", doors.names),
    Line("hostile-uploads", doors.uploads),
    Line("strangers", doors.strangers),
    Line("live-requests", doors.router),
    Line("live-stack", live.live),
    Line("recorded-uploads", recorded.recorded),
)
