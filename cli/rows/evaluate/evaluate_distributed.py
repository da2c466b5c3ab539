"""Offline evaluation by a Distributed Map over the chunks of the holdout, of champion and challenger."""

from cli.rows.row import Row
from cli.rows.second_drop import play

ROW = Row("evaluate-distributed", "evaluate offline", "Distributed Map over chunks of the holdout", play)
