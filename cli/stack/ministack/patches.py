"""What MiniStack gets wrong for a retraining pipeline, put right.

Step Functions has its own file, `stepfunctions.py`. Each patch checks what it patches and stops the start
when MiniStack has changed under it: a silent difference would be found much later, in the middle of a rollout.
Imports the standard library, ministack and what ministack depends on.

    name_exceptions     a Lambda error carries its exception class, so that Retry and Catch can match it
    share_code          one unpacked copy of each code package, and its compiled modules, for all its processes
    limit_lambdas       as many Lambda processes at once as the machine can carry; the rest wait their turn
    number_consumers    the MaximumConcurrency of a queue's mapping may be a parameter of the template
    read_yaml_machines  state machine definitions in YAML, read in CloudFormation's order
    adopt_buckets       a new stack takes over the buckets that outlived a kill
    answer_ranks        GetMetricData knows the statistic PR(low:high), the share of values between two limits
    tell_alarms_apart   an alarm looks at the metric with its own dimensions alone
    evict_seldom        metrics are looked through for old ones once a minute, not at every call
    name_alarms         DeleteAlarms and DescribeAlarms are authorised on the alarms that they name
    remember_policies   a policy's text is read once, not once a request
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import inspect
import json
import re
import shutil
import tempfile
import threading
import time
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.stack.ministack.pin import PatchError, taking

RANK = re.compile(r"PR\((?P<low>\d*\.?\d*):(?P<high>\d*\.?\d*)\)")
INTEGER_FIELDS = {
    "TimeoutSeconds",
    "HeartbeatSeconds",
    "Seconds",
    "MaxConcurrency",
    "IntervalSeconds",
    "MaxAttempts",
}
MOST_POLICIES = 1024
EVICTION_SECONDS = 60.0
PAYLOAD_FIELDS = {"Parameters", "Result", "ResultSelector", "ItemSelector", "Arguments"}


def patch(limit: int, code_dir: Path) -> None:
    """Applies every patch.

    limit: Lambda calls at once; code_dir: where code packages are unpacked, kept between starts.
    """
    from ministack.core import iam_actions, iam_evaluator, lambda_runtime
    from ministack.services import cloudwatch, lambda_svc, s3, stepfunctions
    from ministack.services.cloudformation import provisioners

    from cli.stack.ministack.stepfunctions import answer_callbacks, end_executions

    name_exceptions(lambda_runtime, lambda_svc)
    share_code(lambda_runtime, code_dir)
    limit_lambdas(lambda_svc, limit)
    number_consumers(lambda_svc)
    read_yaml_machines(provisioners, s3)
    adopt_buckets(provisioners)
    answer_ranks(cloudwatch)
    tell_alarms_apart(cloudwatch)
    evict_seldom(cloudwatch)
    name_alarms(iam_actions)
    remember_policies(iam_evaluator)
    answer_callbacks(stepfunctions)
    end_executions(stepfunctions)


def name_exceptions(lambda_runtime: Any, lambda_svc: Any) -> None:
    """On AWS errorType is the exception's class, or Runtime.ExitError where the process ended. MiniStack says
    Runtime.HandlerError whatever happened."""
    script = lambda_runtime._PYTHON_WORKER_SCRIPT
    answer = '{"status": "error", "error": str(e), "trace": traceback.format_exc()}'
    if script.count(answer) != 1:
        raise PatchError("lambda_runtime._PYTHON_WORKER_SCRIPT")
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(answer, answer[:-1] + ', "type": type(e).__name__}')
    invoke = taking(lambda_runtime.Worker, "invoke", "self", "event", "request_id")
    execute = taking(lambda_svc, "_execute_function_warm", "func", "event", "request_id")
    last = threading.local()  # one invocation runs from start to end in one thread

    def remembering_invoke(*args: Any, **kwargs: Any) -> Any:
        reply = invoke(*args, **kwargs)
        ended = "Runtime.ExitError" if reply.get("error") == "Worker process died" else None
        last.type, last.trace = reply.get("type", ended), reply.get("trace", "")
        return reply

    def naming_execute(*args: Any, **kwargs: Any) -> Any:
        last.type = None
        result = execute(*args, **kwargs)
        body = result.get("body")
        if last.type and result.get("error") and isinstance(body, dict):
            body["errorType"], body["stackTrace"] = last.type, last.trace.splitlines()
        return result

    lambda_runtime.Worker.invoke = remembering_invoke
    lambda_svc._execute_function_warm = naming_execute


def share_code(lambda_runtime: Any, folder: Path) -> None:
    """MiniStack unpacks the whole package for every process and compiles all its modules again: a cold start took
    1.4 s. The functions of a stack share one package and one layer, each unpacked once here and linked to."""
    spawn = taking(lambda_runtime.Worker, "_spawn", "self")
    if "zf.extractall(code_dir)" not in inspect.getsource(spawn) or lambda_runtime.zipfile is not zipfile:
        raise PatchError("lambda_runtime.Worker._spawn")
    folder.mkdir(parents=True, exist_ok=True)

    class SharedZip(zipfile.ZipFile):
        def __init__(self, file: str) -> None:
            self.shared = folder / hashlib.sha256(Path(file).read_bytes()).hexdigest()
            super().__init__(file)

        def namelist(self) -> list[str]:
            """MiniStack asks the disk where each name would lead, 0.1 s a process: of what is unpacked it has."""
            return [] if self.shared.exists() else super().namelist()

        def extractall(self, path: Any = None, members: Any = None, pwd: bytes | None = None) -> None:
            if not self.shared.exists():
                draft = Path(tempfile.mkdtemp(dir=folder))
                super().extractall(draft, members, pwd)
                with contextlib.suppress(OSError):  # another process was first
                    draft.rename(self.shared)
                shutil.rmtree(draft, ignore_errors=True)
            Path(path).rmdir()
            Path(path).symlink_to(self.shared, target_is_directory=True)
            Path(str(self.filename)).unlink()  # a copy a process would fill the disk

    names = {name: getattr(zipfile, name) for name in zipfile.__all__}
    lambda_runtime.zipfile = types.SimpleNamespace(**names | {"ZipFile": SharedZip})


def limit_lambdas(lambda_svc: Any, limit: int) -> None:
    """Unbounded, every call of a burst starts a process: 4.8 executions/s, against 30.7/s with six at a time."""
    dispatch = taking(lambda_svc, "_execute_function_dispatch", "func", "config", "event", "request_id")
    turns = threading.BoundedSemaphore(limit)

    def dispatch_in_turn(*args: Any, **kwargs: Any) -> Any:
        with turns:
            return dispatch(*args, **kwargs)

    lambda_svc._execute_function_dispatch = dispatch_in_turn


def number_consumers(lambda_svc: Any) -> None:
    """A parameter that a template refers to is text, and CloudFormation makes it the number that the resource asks for.
    MiniStack keeps the text, compares it with a number, and reads the queue no more."""
    allowed = taking(lambda_svc, "_sqs_esm_concurrency", "esm", "func_rec", "config", "queue")

    def allowed_as_number(esm: dict[str, Any], *rest: Any) -> int:
        scaling = {name: int(value) for name, value in (esm.get("ScalingConfig") or {}).items()}
        found: int = allowed({**esm, "ScalingConfig": scaling}, *rest)
        return found

    lambda_svc._sqs_esm_concurrency = allowed_as_number


def read_yaml_machines(provisioners: Any, s3: Any) -> None:
    """CloudFormation turns a YAML definition into JSON first and substitutes then: what it substitutes is text.
    MiniStack keeps the YAML as it is, and then cannot run it."""
    resolve = taking(provisioners, "_sfn_definition", "props")
    read = taking(s3, "_get_object_data", "version_id")

    def resolve_yaml(props: dict[str, Any]) -> str:
        location = props.get("DefinitionS3Location")
        if location:
            blob = read(location["Bucket"], location["Key"], version_id=location.get("Version"))
            props = {**props, "DefinitionString": json_of(blob.decode()), "DefinitionS3Location": None}
        definition: str = resolve(props)
        refuse_text_in_integer_fields(json.loads(definition))
        return definition

    provisioners._sfn_definition = resolve_yaml


def json_of(text: str) -> str:
    """The definition as JSON: "Parse JSON format first, then YAML" (AWS's own resource handler)."""
    import yaml

    try:
        json.loads(text)
    except ValueError:
        return json.dumps(yaml.safe_load(text))
    return text


def refuse_text_in_integer_fields(node: Any, path: str = "") -> None:
    """Raises ValueError, in AWS's words, where a number of the states language is a string."""
    for key, value in (
        node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    ):
        here = f"{path}/{key}"
        if key in INTEGER_FIELDS and isinstance(value, str) and not value.startswith("{%"):
            problem = f"SCHEMA_VALIDATION_FAILED: Expected value of type Integer at {here}"
            raise ValueError(f"Invalid State Machine Definition: '{problem}'")
        if key not in PAYLOAD_FIELDS:
            refuse_text_in_integer_fields(value, here)


def adopt_buckets(provisioners: Any) -> None:
    """A stack takes over a bucket of its own explicit name that is already there. AWS refuses; but here only S3
    outlives a kill, and the next deployment must find the data again instead of failing on it."""
    taking(provisioners, "s3_bucket_name_conflict", "name")
    taking(provisioners, "_s3_create", "logical_id", "props", "stack_name")
    update = taking(provisioners, "_s3_update", "physical_id", "old_props", "new_props", "stack_name")
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    create = handlers["create"]

    def create_or_adopt(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        name = props.get("BucketName")
        if name in provisioners._s3._buckets:
            return update(name, {}, props, stack_name)
        return create(logical_id, props, stack_name)

    provisioners.s3_bucket_name_conflict = lambda _name: None
    handlers["create"] = create_or_adopt


def answer_ranks(cloudwatch: Any) -> None:
    """MiniStack answers a statistic that it does not know with the average. "Percentile rank is exclusive on the lower
    bound and inclusive on the upper bound" (CloudWatch statistics definitions)."""
    value_of = taking(cloudwatch, "_stat_value", "stats", "stat_name", "points")
    samples_of = taking(cloudwatch, "_percentile_samples", "points")

    def value_or_rank(stats: Any, stat_name: str, points: Any = None) -> float | None:
        limits = RANK.fullmatch(stat_name)
        if limits is None:
            found: float | None = value_of(stats, stat_name, points)
            return found
        samples = samples_of(points or [])
        if not samples:
            return None
        low, high = float(limits["low"] or "-inf"), float(limits["high"] or "inf")
        inside = sum(count for value, count in samples if low < value <= high)
        return float(100 * inside / sum(count for _, count in samples))

    cloudwatch._stat_value = value_or_rank


def tell_alarms_apart(cloudwatch: Any) -> None:
    """MiniStack evaluates an alarm on a metric's data of all dimensions: one endpoint's errors trip every alarm. "A
    dimension is a name/value pair that is part of the identity of a metric" (CloudWatch, Dimension)."""
    evaluate = taking(cloudwatch, "_evaluate_alarm", "alarm")
    key_of = taking(cloudwatch, "_dims_key", "dims")
    names = evaluate.__code__.co_names
    if "_metrics" not in names or "Dimensions" in evaluate.__code__.co_consts:
        raise PatchError("cloudwatch._evaluate_alarm")

    def evaluate_own(alarm: dict[str, Any]) -> None:
        own = key_of({each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []})
        seen = {key: points for key, points in cloudwatch._metrics.items() if key[2] == own}
        types.FunctionType(evaluate.__code__, vars(cloudwatch) | {"_metrics": seen})(alarm)

    cloudwatch._evaluate_alarm = evaluate_own


def evict_seldom(cloudwatch: Any, clock: Callable[[], float] = time.monotonic) -> None:
    """MiniStack looks for points of more than two weeks through every point of every metric, at each call of
    CloudWatch: after an hour with twenty endpoints that was half of a processor."""
    evict = taking(cloudwatch, "_evict_old_metrics")
    last = float("-inf")

    def evict_in_turn() -> None:
        nonlocal last
        if clock() - last >= EVICTION_SECONDS:
            last = clock()
            evict()

    cloudwatch._evict_old_metrics = evict_in_turn


def name_alarms(iam_actions: Any) -> None:
    """MiniStack knows the alarm of PutMetricAlarm, and takes what names several for a call on everything. Here the
    first of several counts, and a call that names none is on all alarms."""
    extract = taking(iam_actions, "extract_resource_arn", "service", "body", "region", "account_id")
    action_of = taking(iam_actions, "extract_iam_action", "service", "body")

    def extract_alarm(service: str, *request: Any) -> str:
        found: str = extract(service, *request)
        *called, region, account = request
        if (service, found) != ("monitoring", "*"):
            return found
        if action_of(service, *called) not in ("cloudwatch:DeleteAlarms", "cloudwatch:DescribeAlarms"):
            return found
        body = called[3]
        names = json.loads(body).get("AlarmNames") if body.startswith(b"{") else None
        return f"arn:aws:cloudwatch:{region}:{account}:alarm:{names[0] if names else '*'}"

    iam_actions.extract_resource_arn = extract_alarm


def remember_policies(iam_evaluator: Any) -> None:
    """MiniStack reads the text of every policy of a role at every request of the role: more than its own S3 takes."""
    parse = taking(iam_evaluator, "parse_policy_document", "doc")
    parsed = functools.lru_cache(MOST_POLICIES)(parse)

    def parse_once(doc: Any) -> Any:
        return parsed(doc) if isinstance(doc, str) else parse(doc)

    iam_evaluator.parse_policy_document = parse_once
