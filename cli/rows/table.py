"""The table of rows, in the order in which the README shows them."""

from cli.rows.data import any_form, flights, images, penguins, tickets
from cli.rows.deploy import asynchronous, batch, batch_paired, guardrails, serverless
from cli.rows.evaluate import evaluate_distributed, evaluate_transform, online_labels, own_loss
from cli.rows.operate import approval, budget, capacity, rollback
from cli.rows.row import Row
from cli.rows.train import digits, own_answers, pytorch_script, sklearn_script, spark, tuning, xgboost_builtin
from cli.rows.trigger import drift, folder_drop, run_by_hand, schedule

ROWS: tuple[Row, ...] = (
    digits.ROW,
    evaluate_transform.ROW,
    evaluate_distributed.ROW,
    own_loss.ROW,
    online_labels.ROW,
    xgboost_builtin.ROW,
    spark.ROW,
    pytorch_script.ROW,
    sklearn_script.ROW,
    own_answers.ROW,
    tuning.ROW,
    serverless.ROW,
    asynchronous.ROW,
    guardrails.ROW,
    folder_drop.ROW,
    batch.ROW,
    batch_paired.ROW,
    any_form.ROW,
    penguins.ROW,
    flights.ROW,
    tickets.ROW,
    images.ROW,
    schedule.ROW,
    drift.ROW,
    run_by_hand.ROW,
    approval.ROW,
    rollback.ROW,
    capacity.ROW,
    budget.ROW,
)
