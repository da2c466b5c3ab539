"""Which optional states a run passes: read off its pipeline once, branched on by the machine's Choice states."""

from switchyard.core.pipeline import Pipeline

Route = dict[str, str | bool]


def route_of(pipeline: Pipeline) -> Route:
    """`$.route` of the execution: a plain value for each Choice; the console shows why a state was entered."""
    return {
        "preparation": _preparation(pipeline),
        "tuning": pipeline.tuning is not None,
        "training": pipeline.training.kind,
        "scoring": pipeline.scoring.via,
        "program": pipeline.program is not None,
        "approval": pipeline.approval.mode,
        # What the gate decides goes live at once; whatever is judged live goes through a rollout.
        "deployment": "batch-paired" if pipeline.paired else pipeline.deployment.mode,
    }


def _preparation(pipeline: Pipeline) -> str:
    if pipeline.dataset_job is not None:
        return "job"
    return pipeline.prepare.kind if pipeline.prepare else "none"
