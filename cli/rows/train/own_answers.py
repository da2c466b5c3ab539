"""A script that reads typed rows, and answers in a shape of its own."""

from cli.rows.first_drop import play
from cli.rows.row import Row

ROW = Row("own-answers", "train", "script mode: typed rows in, answers of its own JSON out", play)
