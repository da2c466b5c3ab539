"""A script on AWS's PyTorch images: one trains, the other serves."""

from cli.rows.first_drop import play
from cli.rows.row import Row

ROW = Row("pytorch-script", "train", "script mode on a deep-learning framework: PyTorch", play)
