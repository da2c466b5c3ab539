"""What the user can put right; everything else is a bug and keeps its traceback."""


class TrainingError(Exception):
    """A fault in hyperparameters or data. The text says what was found and what is expected."""
