"""What SageMaker cannot do together, as a table: each row refuses a pipeline.yaml, with the reason and what works.

Sources are the Developer Guide's "Serverless endpoints: feature exclusions", "Asynchronous inference" and "Deployment
guardrails: exclusions and considerations".
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from switchyard.config.rules.instances import has_no_guardrails, is_taken, nearest, runs_on_arm
from switchyard.core.pipeline import ASYNC, BATCH, REALTIME, SERVERLESS, Scaling

EVIDENCE, GUARDRAILS, PAIRED = "evidence", "guardrails", "paired"


@dataclass(frozen=True)
class Asked:
    """What a pipeline.yaml asks for. stated: dotted names of the keys that the file itself has."""

    mode: str
    strategy: str = EVIDENCE
    instance_count: int = 1
    capture_percent: int = 100
    traffic: str = "canary"
    percent: int = 50
    stated: frozenset[str] = frozenset()
    instance_type: str = "ml.m5.large"
    via: str = "alpha"
    training_kind: str = "container"
    own_image: bool = False
    training_types: tuple[str, ...] = ("ml.m5.large",)
    training_count: int = 1
    prepare_type: str = ""
    program_type: str = ""
    scaling: Scaling | None = None
    capacity_wait: int = 0


@dataclass(frozen=True)
class Refusal:
    """Why a key cannot be honoured, and the nearest thing that works."""

    key: str
    reason: str
    nearest: str

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}; {self.nearest}"


@dataclass(frozen=True)
class _Row:
    modes: tuple[str, ...]
    refuses: Callable[[Asked], bool]
    refusal: Refusal


def _stated(key: str) -> Callable[[Asked], bool]:
    return lambda asked: key in asked.stated


def _row(modes: tuple[str, ...], key: str, reason: str, nearest: str) -> _Row:
    """Refuses a key as soon as the file has it."""
    return _Row(modes, _stated(key), Refusal(key, reason, nearest))


_GUARDED = (
    "leave the key out: guardrails have percent, wait_seconds, errors and latency_milliseconds of their own"
)
_ONE_VARIANT = (
    "leave rollout.steps out: the config is swapped, watched against the champion's history, and kept or not"
)

_ROWS = (
    _row(
        (REALTIME, SERVERLESS, ASYNC, BATCH),
        "deployment.environment.SAGEMAKER_INFERENCE_OUTPUT",
        "the gate and the label joins read the number that a model answers by default",
        "leave it out, and read the class off `switchyard contract` by its index",
    ),
    _row(
        (SERVERLESS,),
        "rollout.steps",
        "a serverless endpoint has exactly one variant, so there are no weights",
        _ONE_VARIANT,
    ),
    _row(
        (ASYNC,),
        "rollout.steps",
        "an asynchronous endpoint has exactly one variant, so there are no weights",
        _ONE_VARIANT,
    ),
    _row(
        (BATCH,),
        "rollout.steps",
        "a batch model has no endpoint, so there is no traffic to shift",
        "leave rollout out: the gate decides",
    ),
    _Row(
        (BATCH,),
        lambda asked: "rollout.metrics" in asked.stated and asked.strategy != PAIRED,
        Refusal(
            "rollout.metrics",
            "a batch model has no endpoint, so nothing is measured live",
            "set rollout.strategy: paired, which compares it on drops, or leave rollout out: the gate decides",
        ),
    ),
    _row(
        (BATCH,),
        "rollout.requests_per_minute",
        "a batch model has no endpoint, so no requests come",
        "leave it out",
    ),
    _Row(
        (SERVERLESS,),
        lambda asked: "deployment.capture_percent" in asked.stated and asked.capture_percent > 0,
        Refusal(
            "deployment.capture_percent",
            "serverless endpoints have no data capture",
            "leave it out, or use mode realtime",
        ),
    ),
    _Row(
        (ASYNC,),
        lambda asked: "deployment.capture_percent" in asked.stated and asked.capture_percent > 0,
        Refusal(
            "deployment.capture_percent",
            "asynchronous endpoints are not captured",
            "leave it out: requests and answers are objects in S3 already",
        ),
    ),
    _Row(
        (BATCH,),
        lambda asked: "deployment.capture_percent" in asked.stated and asked.capture_percent > 0,
        Refusal(
            "deployment.capture_percent",
            "there is no endpoint to capture from",
            "leave it out: drops and predictions are kept",
        ),
    ),
    _Row(
        (SERVERLESS,),
        lambda asked: asked.instance_count > 1,
        Refusal(
            "deployment.instance_count",
            "a serverless endpoint has no instances",
            "set max_concurrency (1 to 200), or use mode realtime",
        ),
    ),
    _Row(
        (REALTIME, SERVERLESS, ASYNC),
        lambda asked: asked.strategy == PAIRED,
        Refusal(
            "rollout.strategy",
            "only drops under batch/ are scored by both models; a request is answered by one of them",
            "use strategy evidence, or mode batch",
        ),
    ),
    _Row(
        (REALTIME, SERVERLESS, ASYNC, BATCH),
        lambda asked: "rollout.id_column" in asked.stated and asked.strategy != PAIRED,
        Refusal(
            "rollout.id_column",
            "names the rows of compared drops",
            "set rollout.strategy: paired, or leave it out",
        ),
    ),
    *(
        _row(
            (REALTIME, ASYNC, BATCH),
            f"deployment.{key}",
            "belongs to serverless endpoints",
            "set mode: serverless, or instance_type and instance_count",
        )
        for key in ("memory_mb", "max_concurrency")
    ),
    _row(
        (SERVERLESS, BATCH),
        "deployment.capacity_wait_seconds",
        "belongs to endpoints with instances",
        "leave it out, or use mode realtime or async",
    ),
    _Row(
        (REALTIME, ASYNC),
        lambda asked: 0 < asked.capacity_wait < 300,
        Refusal("deployment.capacity_wait_seconds", "SageMaker waits 300 to 3600 seconds", "set 300 or more"),
    ),
    _row(
        (REALTIME, SERVERLESS, BATCH),
        "deployment.max_concurrent_invocations_per_instance",
        "belongs to asynchronous endpoints",
        "set mode: async, or leave it out",
    ),
)

_GUARDED_ROWS = (
    _Row(
        (SERVERLESS,),
        lambda _: True,
        Refusal(
            "rollout.strategy",
            "deployment guardrails do not know serverless endpoints",
            "use strategy evidence",
        ),
    ),
    _Row(
        (ASYNC,),
        lambda _: True,
        Refusal(
            "rollout.strategy",
            "guardrails are handed real-time endpoints only",
            "use strategy evidence: a swap that is watched",
        ),
    ),
    _Row(
        (BATCH,),
        lambda _: True,
        Refusal(
            "rollout.strategy",
            "a batch model has no endpoint to guard",
            "leave rollout out: the gate decides",
        ),
    ),
    _Row(
        (REALTIME,),
        lambda asked: has_no_guardrails(asked.instance_type),
        Refusal(
            "rollout.strategy",
            "on ml.inf1 SageMaker ignores guardrails: all traffic shifts at once, and no alarm is waited for",
            "use another instance type, or strategy evidence",
        ),
    ),
    _Row(
        (REALTIME,),
        lambda asked: asked.instance_count < 2,
        Refusal(
            "rollout.strategy",
            "SageMaker shifts whole instances, and one instance has no part to begin with",
            "set deployment.instance_count to 2 or more, or use strategy evidence, which splits requests",
        ),
    ),
    _Row(
        (REALTIME,),
        lambda asked: asked.instance_count >= 2 and asked.instance_count * asked.percent < 100,
        Refusal(
            "rollout.guardrails.percent",
            "is less than one instance",
            "raise it, or deployment.instance_count, until percent of instance_count is a whole instance",
        ),
    ),
    _Row(
        (REALTIME,),
        lambda asked: asked.traffic == "linear" and asked.percent < 10,
        Refusal("rollout.guardrails.percent", "a linear step is 10 to 50 percent", "set 10 or more"),
    ),
    *(
        _row((REALTIME,), f"rollout.{key}", "SageMaker's own blue/green is not judged by it", _GUARDED)
        for key in ("steps", "metrics")
    ),
)
_UNGUARDED = _row(
    (REALTIME, SERVERLESS, ASYNC, BATCH),
    "rollout.guardrails",
    "is read with strategy guardrails alone",
    "set rollout.strategy: guardrails",
)


def refusals(asked: Asked) -> Iterator[Refusal]:
    """Every reason to refuse, the most telling first; none when SageMaker can do it all."""
    yield from _of_instances(asked)
    if asked.scaling:
        yield from _of_scaling(asked, asked.scaling)
    yield from _of_rows(asked)


def _of_instances(asked: Asked) -> Iterator[Refusal]:
    """Types that SageMaker does not take for what they are to do, and processors that the image does not run on."""
    for key, kind, use in _uses(asked):
        if not is_taken(use, kind):
            reason = f"SageMaker has no {kind} for {_OF[use]}"
            yield Refusal(key, reason, f"use {nearest(use, kind)}")
        elif runs_on_arm(kind) and not asked.own_image:
            what = "the image that trains it" if use == "training" else "the image"
            reason = f"{kind} is a Graviton (arm64) type, and {what} is made for x86"
            yield Refusal(key, reason, f"use {nearest(use, kind)}, or an image of your own for arm64")
    if asked.training_kind == "container" and not asked.own_image and asked.training_count > 1:
        yield Refusal(
            "training.instance_count",
            "the default image trains on one instance; the others would each train the same model",
            "set 1, use kind: builtin, or name an image of your own that distributes",
        )


_OF = {
    "training": "training jobs",
    "processing": "processing jobs",
    "transform": "batch transform",
    "endpoint": "endpoints",
}


def _uses(asked: Asked) -> Iterator[tuple[str, str, str]]:
    """(key, instance type, use) of all that the pipeline starts."""
    first, *others = asked.training_types
    yield "training.instance_type", first, "training"
    for each in others:
        yield "training.fallback_instance_types", each, "training"
    if asked.prepare_type:
        yield "prepare.instance_type", asked.prepare_type, "processing"
    if asked.program_type:
        yield "evaluation.program.instance_type", asked.program_type, "processing"
    key = "deployment.instance_type"
    if asked.mode == BATCH or asked.via == "transform":
        yield key, asked.instance_type, "transform"
    if asked.via == "alpha" or asked.mode in (REALTIME, ASYNC):
        yield key, asked.instance_type, "endpoint"


def _of_scaling(asked: Asked, scaling: Scaling) -> Iterator[Refusal]:
    """ "burstable instances such as T2" are not scaled (Automatic scaling), and of endpoints with instances only
    asynchronous ones have a queue for what comes while there is none.
    """
    counts = f"{scaling.minimum} to {scaling.maximum}"
    found = {
        "serverless endpoints scale by themselves; leave it out, or use max_concurrency": asked.mode
        == SERVERLESS,
        "a batch model has no endpoint; leave it out": asked.mode == BATCH,
        f"{counts} is no range; set min to max or less": scaling.minimum > scaling.maximum,
        "a realtime endpoint needs an instance; set min to 1 or more, or use mode async": scaling.minimum == 0
        and asked.mode == REALTIME,
        "guardrails shift whole instances; set min to 2 or more": asked.strategy == GUARDRAILS
        and scaling.minimum < 2,
        f"{asked.instance_type} is burstable, and SageMaker does not scale those; use ml.m5.large": (
            asked.instance_type.startswith("ml.t2.")
        ),
        f"instance_count {asked.instance_count} is outside of {counts}; leave it out, or set one inside": (
            "deployment.instance_count" in asked.stated
            and not scaling.minimum <= asked.instance_count <= scaling.maximum
        ),
    }
    for text, is_so in found.items():
        if is_so:
            yield Refusal("deployment.scaling", *text.split("; ", 1))


def _of_rows(asked: Asked) -> Iterator[Refusal]:
    rows = (*_GUARDED_ROWS, *_ROWS) if asked.strategy == GUARDRAILS else (*_ROWS, _UNGUARDED)
    return (row.refusal for row in rows if asked.mode in row.modes and row.refuses(asked))


def refused_wait(wait_seconds: int, blind_seconds: float) -> Refusal | None:
    """blind_seconds: one period of metrics and how late it comes; a shorter wait ends before an alarm can trip."""
    if wait_seconds >= blind_seconds:
        return None
    return Refusal(
        "rollout.guardrails.wait_seconds",
        f"{wait_seconds} seconds are over before the alarms can have seen one period of metrics",
        f"set {blind_seconds:.0f} or more",
    )


def refused_change(before: str, after: str) -> Refusal | None:
    """Why a live model's endpoint cannot become one of another mode; None when it can, or has no endpoint."""
    if before == after or BATCH in (before, after):
        return None
    reason = (
        f"the model is live as {before}, and SageMaker cannot turn that endpoint into {after} and back again"
    )
    return Refusal(
        "deployment.mode", reason, f"give the {after} model a name of its own, or keep mode {before}"
    )
