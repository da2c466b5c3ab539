"""The owner's pipeline.yaml, as it lies in the artifact bucket now."""

from switchyard.core.errors import InvalidPipelineError, MissingError
from switchyard.core.names import is_model_name
from switchyard.core.ports import Storage


def possible_models(artifacts: Storage) -> list[str]:
    """Folders of the artifact bucket that have a model's name."""
    return list(filter(is_model_name, artifacts.folders()))


def pipeline_key(model: str) -> str:
    return f"{model}/pipeline.yaml"


def pipeline_text(artifacts: Storage, model: str) -> str | None:
    """None where there is none; InvalidPipelineError where it is no text."""
    key = pipeline_key(model)
    try:
        return artifacts.read(key).decode()
    except MissingError:
        return None
    except UnicodeDecodeError as error:
        raise InvalidPipelineError(
            f"{artifacts.uri(key)}: not UTF-8 text ({error.reason}); save it as UTF-8"
        ) from None
