"""`response` at the door: one JMESPath, of what the model answers, for code of the owner's own."""

import pytest

from switchyard.config import door
from switchyard.config.pipeline_json import pipeline_from_json, pipeline_to_json
from switchyard.core.data.contract import Contract, read_contract
from switchyard.core.data.response import Response
from switchyard.core.data.target import LabelStatistics
from switchyard.core.errors import InvalidPipelineError
from switchyard.core.pipeline import Pipeline
from switchyard.core.policy import Problem

SCRIPT = "training: {kind: script, framework: pytorch, entry_point: train.py}\n"
METRICS = "evaluation: {metrics: {accuracy: {margin: 0.01}}}\n"


def parsed(text: str, *labels: float | str) -> Pipeline:
    found = LabelStatistics()
    found.add_all(list(labels or ("cat", "dog", "owl")))
    return door.parse("pets", f"name: pets\ntarget: y\n{text}", found)


@pytest.mark.parametrize(
    ("text", "response"),
    [
        ("response: {scores: 'predictions'}\n", Response("scores", "predictions")),
        ("response: {class: 'rows[].label'}\n" + METRICS, Response("class", "rows[].label")),
    ],
)
def test_it_belongs_to_the_pipeline_and_to_the_contract(text: str, response: Response) -> None:
    pipeline = parsed(SCRIPT + text)
    assert pipeline.response == response
    assert pipeline_from_json(pipeline_to_json(pipeline)) == pipeline
    contract = Contract("y", (), Problem.MULTICLASS, ("cat", "dog"), response=pipeline.response)
    assert read_contract(contract.to_json()) == contract


def test_a_number_of_a_regression() -> None:
    assert parsed(SCRIPT + "response: {number: value}\n", 1.5, 2.5).response == Response("number", "value")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            SCRIPT + "response: {scores: 'a['}\n",
            "response.scores: it is no JMESPath expression; write one as",
        ),
        (
            SCRIPT + "response: {scores: 'length(a)'}\n",
            "response.scores: function expression is not read; write names",
        ),
        (SCRIPT + "response: {scores: a, class: b}\n", "response: name one of scores, class and number"),
        (SCRIPT + "response: {}\n", "response: name one of scores, class and number"),
        (SCRIPT + "response: {score: a}\n", "did you mean 'scores'?"),
        (
            SCRIPT + "response: {number: a}\n",
            "a multiclass model answers scores or class, found number; write scores or class",
        ),
        (
            "response: {scores: a}\n",
            "servers of AWS's images and of the default one are read without it; take it out",
        ),
        (
            SCRIPT + "response: {class: a}\n",
            "response.class: the metric log_loss needs probabilities; write where",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_works(text: str, says: str) -> None:
    with pytest.raises(InvalidPipelineError) as refused:
        parsed(text)
    assert says in str(refused.value)
