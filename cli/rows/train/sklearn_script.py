"""A script on AWS's scikit-learn image."""

from cli.rows.first_drop import play
from cli.rows.row import Row

ROW = Row("sklearn-script", "train", "script mode: scikit-learn", play)
