"""What the user can put right."""


class UserError(Exception):
    """A fault in hyperparameters, channels or data; the text is for FailureReason."""
