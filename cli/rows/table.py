"""The table of rows, in the order in which the README shows them."""

from cli.rows import (
    approval,
    asynchronous,
    batch,
    digits,
    drift,
    evaluate_distributed,
    evaluate_transform,
    folder_drop,
    online_labels,
    pytorch_script,
    rollback,
    run_by_hand,
    schedule,
    serverless,
    sklearn_script,
    spark,
    tuning,
    xgboost_builtin,
)
from cli.rows.row import Row

ROWS: tuple[Row, ...] = (
    digits.ROW,
    evaluate_transform.ROW,
    evaluate_distributed.ROW,
    online_labels.ROW,
    xgboost_builtin.ROW,
    spark.ROW,
    pytorch_script.ROW,
    sklearn_script.ROW,
    tuning.ROW,
    serverless.ROW,
    asynchronous.ROW,
    folder_drop.ROW,
    batch.ROW,
    schedule.ROW,
    drift.ROW,
    run_by_hand.ROW,
    approval.ROW,
    rollback.ROW,
)
