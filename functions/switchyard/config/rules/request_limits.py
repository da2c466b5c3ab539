"""What SageMaker's requests take of names, texts and counts: what it would refuse when a job or a model is made, after
instances were paid for, is refused at the door. Lengths and patterns are those of botocore's service model.
"""

import re
from collections.abc import Iterator, Mapping

from switchyard.config.rules.combinations import Refusal
from switchyard.core.pipeline import Pipeline, Tuning

MOST_HYPERPARAMETERS = 100  # "You can specify a maximum of 100 hyperparameters", static and searched ones
LONGEST_HYPERPARAMETER, LONGEST_CHOICE = 2500, 256
VARIABLE_BYTES, ENVIRONMENT_BYTES = (
    1024,
    32 * 1024,
)  # of a value, and of all: ContainerDefinition; a name is 128 at most
MOST_TUNING_JOBS = 750  # "Maximum number of training jobs per hyperparameter tuning job"
# What script mode adds, as the SageMaker Python SDK does.
OF_SCRIPT_MODE = (
    "sagemaker_program",
    "sagemaker_submit_directory",
    "sagemaker_container_log_level",
    "sagemaker_job_name",
    "sagemaker_region",
)
_VARIABLE = re.compile("[A-Za-z_][A-Za-z0-9_]*")


def limit_refusals(pipeline: Pipeline) -> Iterator[Refusal]:
    """Every reason to refuse."""
    yield from _hyperparameters(pipeline)
    yield from _environment(pipeline.deployment.environment)
    yield from _metrics(pipeline.training.metric_definitions)
    if pipeline.tuning:
        yield from _tuning(pipeline.tuning)
    if pipeline.prepare:
        for word in pipeline.prepare.arguments:
            yield from _lines("prepare.arguments", word)


def _hyperparameters(pipeline: Pipeline) -> Iterator[Refusal]:
    training, tuning = pipeline.training, pipeline.tuning
    own = OF_SCRIPT_MODE if training.kind == "script" else ()
    for name, value in training.hyperparameters.items():
        key = f"training.hyperparameters.{_shown(name)}"
        if name in own:
            yield Refusal(key, "script mode says this itself", "leave it out")
        yield from _lines(key, name, value)
        if len(value) > LONGEST_HYPERPARAMETER:
            yield Refusal(
                key,
                f"{len(value)} characters, as it is sent; SageMaker takes {LONGEST_HYPERPARAMETER}",
                "shorten it, or put it into a file beside the code",
            )
    searched = len(tuning.ranges) + len(tuning.choices) if tuning else 0
    count = len(training.hyperparameters) + searched + len(own)
    if count > MOST_HYPERPARAMETERS:
        yield Refusal(
            "training.hyperparameters",
            f"a training job takes {MOST_HYPERPARAMETERS}, and with what is searched and what we add these are {count}",
            "leave some out",
        )


def _environment(given: Mapping[str, str]) -> Iterator[Refusal]:
    for name, value in given.items():
        key = f"deployment.environment.{_shown(name)}"
        if not _VARIABLE.fullmatch(name):
            yield Refusal(
                key, "a variable's name has letters, digits and _, and begins with no digit", "rename it"
            )
        size = len(value.encode())
        if size > VARIABLE_BYTES:
            yield Refusal(key, f"{size} bytes; SageMaker takes {VARIABLE_BYTES}", "shorten it")
    size = sum(len(text.encode()) for pair in given.items() for text in pair)
    if size > ENVIRONMENT_BYTES:
        yield Refusal(
            "deployment.environment",
            f"{size} bytes; SageMaker takes {ENVIRONMENT_BYTES} together",
            "leave some out",
        )


def _metrics(given: Mapping[str, str]) -> Iterator[Refusal]:
    for name, pattern in given.items():
        key = f"training.metric_definitions.{_shown(name)}"
        yield from _lines(key, name, pattern)
        try:
            re.compile(pattern)
        except re.error as error:
            yield Refusal(key, f"it is no regular expression ({error.msg})", "correct it, as loss=([0-9.]+)")


def _tuning(tuning: Tuning) -> Iterator[Refusal]:
    for name, values in tuning.choices.items():
        key = f"tuning.parameters.{_shown(name)}"
        yield from _lines(key, name, *values)
        if any(len(value) > LONGEST_CHOICE for value in values):
            yield Refusal(key, f"SageMaker takes {LONGEST_CHOICE} characters of a value", "shorten it")
    there_are = tuning.combinations
    if tuning.strategy == "Grid":
        if tuning.jobs > MOST_TUNING_JOBS:
            yield Refusal(
                "tuning.parameters",
                f"the grid has {tuning.jobs} combinations; a tuning job runs {MOST_TUNING_JOBS}",
                "leave values out, or make the strategy Bayesian or Random",
            )
    elif there_are < tuning.max_jobs:
        yield Refusal(
            "tuning.max_jobs",
            f"is {tuning.max_jobs}, and the parameters have {there_are:g} combinations; SageMaker refuses to try more",
            f"set it to {there_are:g}, or widen a range",
        )


def _lines(key: str, *texts: str) -> Iterator[Refusal]:
    if any(sign in text for text in texts for sign in "\r\n"):
        yield Refusal(key, "there is a line feed in it; SageMaker takes one line", "write it in one line")


def _shown(name: str) -> str:
    return name[:60] if name.isprintable() else ascii(name[:60])[1:-1]
