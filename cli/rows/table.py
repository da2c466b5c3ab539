"""The table of rows, in the order in which the README shows them."""

from cli.rows import (
    approval,
    asynchronous,
    digits,
    online_labels,
    rollback,
    run_by_hand,
    schedule,
    serverless,
)
from cli.rows.row import Row

ROWS: tuple[Row, ...] = (
    digits.ROW,
    online_labels.ROW,
    serverless.ROW,
    asynchronous.ROW,
    schedule.ROW,
    run_by_hand.ROW,
    approval.ROW,
    rollback.ROW,
)
