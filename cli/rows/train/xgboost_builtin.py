"""SageMaker's own XGBoost, by its image's name: no code at all."""

from cli.rows.first_drop import play
from cli.rows.row import Row

ROW = Row("xgboost-builtin", "train", "built-in algorithm: SageMaker's XGBoost image", play)
