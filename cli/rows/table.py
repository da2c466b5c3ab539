"""The table of rows, in the order in which the README shows them."""

from cli.rows import approval, digits, rollback, run_by_hand, schedule
from cli.rows.row import Row

ROWS: tuple[Row, ...] = (digits.ROW, schedule.ROW, run_by_hand.ROW, approval.ROW, rollback.ROW)
