"""Own container from ECR, real time, an object drop: the first dataset of examples/digits."""

from cli.rows.first_drop import play
from cli.rows.row import Row

ROW = Row("digits", "train", "own container from ECR; real time; object drop", play)
