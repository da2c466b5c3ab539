"""The live metrics of labels that pipeline.yaml, evidence and verdict speak of."""

LABEL_ERROR = "label_error"  # 1 for a request whose label says that the answer was wrong


def missing_metric(metric: str) -> str:
    """The metric that counts requests whose label did not come in time; declare it with a wide margin."""
    return f"{metric}_missing"
