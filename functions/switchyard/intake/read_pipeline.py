"""A model's pipeline.yaml together with what was seen of a dataset's rows, or what can be said before they are read."""

from switchyard.config.model_contract import ModelContract
from switchyard.config.run_contract import contract_of
from switchyard.core.data.seen import Seen
from switchyard.core.errors import InvalidDatasetError, InvalidPipelineError
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem
from switchyard.intake.rules.dataset import Drop


def read_pipeline(model: str, text: str, seen: Seen | None, known: ModelContract | None) -> Pipeline:
    """Checked and complete, for what the door saw of a table; None of files of any type. known: what is the model's."""
    from switchyard.config import door  # pydantic: loaded where a file is read

    pipeline = door.parse(model, text, seen.labels if seen else None, known)
    if seen is not None:
        contract_of(pipeline, seen, known)  # what it refuses is refused before anything is trained
    return pipeline


def read_pipeline_of(drop: Drop, text: str, seen: Seen | None, known: ModelContract | None) -> Pipeline:
    """What the rows as a whole are refused for is told with the drop: it is in no row."""
    try:
        return read_pipeline(drop.model, text, seen, known)
    except InvalidDatasetError as error:
        raise InvalidDatasetError(f"{drop.source}: {error}") from None


def read_unseen_pipeline(model: str, text: str, known: ModelContract | None) -> Pipeline:
    """For rows that a job will read: the problem that it can be for. The job reads the file again, with the labels."""
    from switchyard.config import door

    if known is not None and known.problem is not None:
        return door.parse(model, text, None, known, known.problem)
    refusals: list[InvalidPipelineError] = []
    for problem in (Problem.BINARY, Problem.REGRESSION, Problem.MULTICLASS):
        try:
            return door.parse(model, text, None, known, problem)
        except InvalidPipelineError as refused:
            refusals.append(refused)
    raise refusals[0]
