"""Raw files, a Spark job that makes a table of them, then training as ever."""

from cli.rows.first_drop import play
from cli.rows.row import Row

ROW = Row("spark", "train", "Spark preparation (SageMaker Processing) before training", play)
