"""FakeControl and SageMakerControl, on the local plane with its data plane stubbed, go through the same cases."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from sagemaker_local.hosting.alarms import CloudWatchAlarms
from switchyard.aws.sagemaker import Roles, SageMakerControl
from switchyard.config.rules.images import program_image, spark_image
from switchyard.core.errors import BusyError, MismatchError, ResourceLimitError
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Control, Variant
from switchyard.core.resources.guardrails import Guard, is_guarded_by
from switchyard.core.resources.observation import (
    Expected,
    Progress,
    observe_endpoint,
    observe_tuning,
    variant_weights,
)
from tests.fakes.pipelines import pipeline
from tests.fakes.sagemaker import FakeControl
from tests.plane.support.fakes import FakeBackend, FakeTraffic
from tests.plane.support.faults import script
from tests.plane.support.harness import ROLE, eventually, serve, settings_in

NAMES = Names("switchyard", "digits", "digits-0123456789ab")
REGISTRY = "000000000000.dkr.ecr.us-east-1.amazonaws.com"
IMAGE = f"{REGISTRY}/switchyard-xgboost:1"
ARTIFACT = "s3://artifacts/digits/models/j/output/model.tar.gz"
UP, DOWN = "switchyard-champion", "switchyard-challenger"


@dataclass
class Subject:
    """A control plane under test; `hold` keeps changes under way, `settle` lets them end; `fill` leaves no room."""

    control: Control
    hold: Callable[[], None]
    settle: Callable[[], object]
    fill: Callable[[], object]


STATES: dict[str, str] = {}  # of CloudWatch's alarms; one that is not named is OK


async def _states(_self: object, names: Sequence[str]) -> dict[str, str]:
    return {name: STATES.get(name, "OK") for name in names}


class _Doomed(FakeTraffic):
    async def start_variant(self, spec: Any, **named: Any) -> Any:
        self.broken = {spec.image} if spec.variant == "doomed" else set()
        return await super().start_variant(spec, **named)


async def _endless(_: Any, terminated: asyncio.Event) -> int:
    await terminated.wait()
    return 143


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, FakeTraffic]]:
    backend, traffic = FakeBackend(), _Doomed()
    known = (IMAGE, spark_image("3.3", "us-east-1"), program_image("1.2-1", "us-east-1"))
    backend.images |= dict.fromkeys(known, _endless)
    folder: Path = tmp_path_factory.mktemp("plane")
    with (
        patch.object(CloudWatchAlarms, "read", _states),
        serve(settings_in(folder, "http://127.0.0.1:9"), backend, traffic) as harness,
    ):
        yield harness, traffic


@pytest.fixture(params=["fake", "plane"])
def subject(request: pytest.FixtureRequest) -> Iterator[Subject]:
    STATES.clear()
    if request.param == "fake":
        fake = FakeControl(trips=lambda _config: "ALARM" in STATES.values())
        fake.doomed.add("doomed")
        none_of_any = {"training": 0, "endpoint": 0}
        yield Subject(fake, lambda: None, lambda: _settle_fake(fake), lambda: fake.quota.update(none_of_any))
        return
    harness, traffic = request.getfixturevalue("served")
    control = SageMakerControl(harness.sm, Roles(ROLE, ROLE, REGISTRY, ROLE))
    full = [{"fault": "quota", "operation": o, "limit": 0} for o in ("CreateTrainingJob", "CreateEndpoint")]
    yield Subject(
        control, traffic.gate.clear, lambda: _settle_plane(control, traffic), lambda: script(harness, *full)
    )
    script(harness)
    _settle_plane(control, traffic)
    for name in control.list_endpoints("switchyard-"):
        control.delete_endpoint(name)
    _settle_plane(control, traffic)
    for config in harness.sm.list_endpoint_configs(MaxResults=100)["EndpointConfigs"]:
        harness.sm.delete_endpoint_config(EndpointConfigName=config["EndpointConfigName"])
    for model in harness.sm.list_models(MaxResults=100)["Models"]:
        harness.sm.delete_model(ModelName=model["ModelName"])


def _settle_fake(fake: FakeControl) -> None:
    while fake.settle():
        pass


def _settle_plane(control: SageMakerControl, traffic: FakeTraffic) -> None:
    traffic.gate.set()
    found = lambda: [control.describe_endpoint(name) for name in control.list_endpoints("switchyard-")]  # noqa: E731
    eventually(found, lambda all_: all(e and e["EndpointStatus"] in ("InService", "Failed") for e in all_))


def variant(name: str, weight: float = 100.0) -> Variant:
    return Variant(name, f"switchyard-{name}", weight)


def endpoint_of(subject: Subject, config: str, *variants: Variant) -> str:
    """An endpoint that is on its way to a config with these variants."""
    for each in variants:
        subject.control.ensure_model(each.sagemaker_model, pipeline(), ARTIFACT)
    subject.control.ensure_config(config, pipeline(), variants, "s3://a/digits")
    subject.control.ensure_endpoint("switchyard-digits", config)
    return "switchyard-digits"


def seen(subject: Subject, name: str = "switchyard-digits") -> tuple[str, str, dict[str, float]]:
    found = subject.control.describe_endpoint(name)
    assert found is not None
    return found["EndpointStatus"], found["EndpointConfigName"], variant_weights(found)


def test_what_there_is_no_room_for_is_refused_by_name(subject: Subject) -> None:
    subject.fill()
    with pytest.raises(ResourceLimitError, match="service limit"):
        subject.control.ensure_training(
            Names("switchyard", "digits", "digits-crowded00000"),
            pipeline(),
            {"train": "s3://a/t/"},
            "s3://a/m",
        )
    with pytest.raises(ResourceLimitError, match="service limit"):
        endpoint_of(subject, "crowded", variant("champion"))
    assert subject.control.describe_endpoint("switchyard-digits") is None


def test_what_is_not_there_is_none(subject: Subject) -> None:
    assert subject.control.describe_endpoint("switchyard-nobody") is None
    assert subject.control.describe_training("switchyard-nobody") is None
    assert subject.control.list_endpoints("switchyard-") == []


def test_an_endpoint_is_created_once_however_often_it_is_asked_for(subject: Subject) -> None:
    subject.hold()
    name = endpoint_of(subject, "one", variant("champion"))
    assert seen(subject)[0] == "Creating"
    subject.control.ensure_endpoint(name, "one")
    subject.settle()
    subject.control.ensure_endpoint(name, "one")
    assert seen(subject) == ("InService", "one", {"champion": 100.0})
    assert subject.control.list_endpoints("switchyard-") == [name]


def test_an_endpoint_moves_to_another_config(subject: Subject) -> None:
    name = endpoint_of(subject, "one", variant("champion"))
    subject.settle()
    subject.hold()
    endpoint_of(subject, "two", variant("champion", 90.0), variant("challenger", 10.0))
    assert seen(subject)[0] == "Updating"
    subject.settle()
    assert seen(subject) == ("InService", "two", {"champion": 90.0, "challenger": 10.0})
    assert subject.control.list_endpoints("switchyard-") == [name]


def test_asking_again_for_the_config_it_is_moving_to_is_no_second_move(subject: Subject) -> None:
    """A Lambda that died after UpdateEndpoint is tried again while the endpoint is still updating."""
    endpoint_of(subject, "one", variant("champion"))
    subject.settle()
    subject.hold()
    name = endpoint_of(subject, "two", variant("champion", 90.0), variant("challenger", 10.0))
    subject.control.ensure_endpoint(name, "two")
    subject.settle()
    assert seen(subject)[1] == "two"


def test_a_changing_endpoint_refuses_another_change(subject: Subject) -> None:
    endpoint_of(subject, "one", variant("champion"))
    subject.settle()
    subject.hold()
    name = endpoint_of(subject, "two", variant("champion", 90.0), variant("challenger", 10.0))
    with pytest.raises(BusyError):
        subject.control.ensure_endpoint(name, "one")
    with pytest.raises(BusyError):
        subject.control.delete_endpoint(name)


def test_weights_are_set_and_setting_them_again_changes_nothing(subject: Subject) -> None:
    name = endpoint_of(subject, "two", variant("champion", 90.0), variant("challenger", 10.0))
    subject.settle()
    for _ in range(2):
        subject.control.set_weights(name, {"champion": 75.0, "challenger": 25.0})
    subject.settle()
    assert seen(subject) == ("InService", "two", {"champion": 75.0, "challenger": 25.0})


GUARDED = {
    "strategy": "guardrails",
    "guardrails": {"wait_seconds": 0, "termination_wait_seconds": 0, "timeout_seconds": 600},
}


def shifted(subject: Subject, state: str) -> tuple[Guard, Mapping[str, Any]]:
    """The endpoint of a champion on two instances after a guarded shift whose alarm is in this state."""
    guarded = pipeline(deployment={"instance_count": 2}, rollout=GUARDED)
    assert guarded.guardrails is not None
    guard = Guard(guarded.guardrails, ("switchyard-digits-r-errors",))
    STATES[guard.alarms[0]] = state
    for config, model in (("one", "champion"), ("two", "challenger")):
        subject.control.ensure_model(f"switchyard-{model}", guarded, ARTIFACT)
        variants = [Variant("champion", f"switchyard-{model}", 100.0)]
        subject.control.ensure_config(config, guarded, variants, "s3://a/digits")
    subject.control.ensure_endpoint("switchyard-digits", "one", guard)
    subject.settle()
    assert not is_guarded_by(subject.control.describe_endpoint("switchyard-digits") or {}, guard.alarms)
    subject.hold()
    for _ in range(2):
        subject.control.ensure_endpoint("switchyard-digits", "two", guard)
    assert seen(subject)[0] == "Updating"
    subject.settle()
    found = subject.control.describe_endpoint("switchyard-digits")
    assert found is not None
    assert is_guarded_by(found, guard.alarms)
    return guard, found


def test_a_guarded_shift_that_no_alarm_speaks_against_takes(subject: Subject) -> None:
    guard, found = shifted(subject, "OK")
    assert seen(subject) == ("InService", "two", {"champion": 100.0})
    assert observe_endpoint(found, Expected("two", alarms=guard.alarms)).progress is Progress.DONE


def test_a_guarded_shift_that_an_alarm_speaks_against_falls_back(subject: Subject) -> None:
    guard, found = shifted(subject, "ALARM")
    assert seen(subject) == ("InService", "one", {"champion": 100.0})
    observed = observe_endpoint(found, Expected("two", alarms=guard.alarms))
    assert (observed.progress, observed.found["state"]) == (Progress.DONE, "ROLLED_BACK")
    assert "switchyard-digits-r-errors went into ALARM state" in observed.found["reason"]
    subject.control.ensure_endpoint("switchyard-digits", "two")
    subject.settle()
    assert seen(subject)[1] == "two"


def test_a_deleted_endpoint_is_gone_and_so_is_its_config(subject: Subject) -> None:
    name = endpoint_of(subject, "one", variant("champion"))
    subject.settle()
    subject.control.delete_endpoint(name, config="one")
    subject.control.delete_endpoint(name, config="one")
    subject.settle()
    assert subject.control.describe_endpoint(name) is None
    subject.control.delete_endpoint(name, config="one")


def test_a_challenger_that_cannot_start_leaves_the_champion_in_service(subject: Subject) -> None:
    endpoint_of(subject, "one", variant("champion"))
    subject.settle()
    name = endpoint_of(subject, "doomed", variant("champion", 90.0), variant("doomed", 10.0))
    subject.settle()
    found = subject.control.describe_endpoint(name)
    assert found is not None
    assert seen(subject) == ("InService", "one", {"champion": 100.0})
    assert "did not pass the ping" in str(found["FailureReason"])


def test_a_first_endpoint_that_cannot_start_has_failed_and_can_only_be_deleted(subject: Subject) -> None:
    name = endpoint_of(subject, "doomed", variant("doomed"))
    subject.settle()
    assert seen(subject)[0] == "Failed"
    with pytest.raises(BusyError, match="being deleted"):
        subject.control.ensure_endpoint(name, "doomed")
    subject.settle()
    assert subject.control.describe_endpoint(name) is None


def test_models_and_configs_are_of_one_run(subject: Subject) -> None:
    subject.control.ensure_model(UP, pipeline(), ARTIFACT)
    subject.control.ensure_model(UP, pipeline(), ARTIFACT)
    with pytest.raises(MismatchError):
        subject.control.ensure_model(UP, pipeline(), "s3://artifacts/other.tar.gz")
    subject.control.ensure_config("one", pipeline(), [variant("champion")], "s3://a/digits")
    subject.control.ensure_config("one", pipeline(), [variant("champion")], "s3://a/digits")
    with pytest.raises(MismatchError):
        subject.control.ensure_config("one", pipeline(), [variant("champion", 50.0)], "s3://a/digits")


def test_a_training_job_is_created_once_and_stopped_once(subject: Subject) -> None:
    where = {"train": "s3://artifacts/digits/prepared/r/train/"}
    for _ in range(2):
        subject.control.ensure_training(NAMES, pipeline(), where, "s3://artifacts/digits/models/")
    other = pipeline(hyperparameters={"eta": "0.9"})
    with pytest.raises(MismatchError):
        subject.control.ensure_training(NAMES, other, where, "s3://artifacts/digits/models/")
    found = subject.control.describe_training(NAMES.training_job)
    assert found is not None
    for _ in range(2):
        subject.control.stop_training(NAMES.training_job)
    subject.control.stop_training("switchyard-nobody")


def test_a_tuning_job_is_created_once_and_stopped_once(subject: Subject) -> None:
    where = {name: f"s3://artifacts/digits/prepared/r/{name}/" for name in ("train", "validation")}
    tuned = pipeline(
        tuning={"parameters": {"max_depth": {"min": 2, "max": 8}, "eta": {"values": [0.1, 0.3]}}}
    )
    assert subject.control.describe_tuning(NAMES.tuning_job) is None
    assert subject.control.tuning_jobs(NAMES.tuning_job) == []
    for _ in range(2):
        subject.control.ensure_tuning(NAMES, tuned, where, "s3://artifacts/digits/models/r/")
    with pytest.raises(MismatchError):
        subject.control.ensure_tuning(NAMES, tuned, where, "s3://artifacts/digits/models/other/")
    found = subject.control.describe_tuning(NAMES.tuning_job)
    assert found is not None
    assert observe_tuning(found, None).progress is Progress.PENDING
    for _ in range(2):
        subject.control.stop_tuning(NAMES.tuning_job)
    subject.control.stop_tuning("switchyard-nobody")


def test_a_preparation_is_created_once_and_stopped_once(subject: Subject) -> None:
    def prepared(entry_point: str) -> Pipeline:
        made = pipeline(problem="binary", prepare={"kind": "spark", "entry_point": entry_point})
        assert made.prepare is not None
        return replace(made, prepare=replace(made.prepare, code="s3://artifacts/digits/snapshots/0/c.code/"))

    places = ("s3://artifacts/digits/snapshots/0/data/", "s3://artifacts/digits/prepared/r/clean/")
    assert subject.control.describe_processing(NAMES.preparation_job) is None
    for _ in range(2):
        subject.control.ensure_processing(NAMES, prepared("prepare.py"), *places)
    with pytest.raises(MismatchError):
        subject.control.ensure_processing(NAMES, prepared("other.py"), *places)
    found = subject.control.describe_processing(NAMES.preparation_job)
    assert found is not None
    for _ in range(2):
        subject.control.stop_processing(NAMES.preparation_job)
    subject.control.stop_processing("switchyard-nobody")


def test_a_program_of_the_owners_is_started_once_beside_the_preparation(subject: Subject) -> None:
    def judged(entry_point: str) -> Pipeline:
        own = {"metrics": {"program": {"margin": 0.1}}, "program": {"entry_point": entry_point}}
        made = pipeline(evaluation=own)
        assert made.program is not None
        return replace(made, program=replace(made.program, code="s3://artifacts/digits/snapshots/0/c.code/"))

    names = replace(NAMES, run_id="digits-0123456789ef")
    folder = "s3://artifacts/digits/evaluations/r/program/"
    for _ in range(2):
        subject.control.ensure_program(names, judged("loss.py"), f"{folder}answers/", f"{folder}losses/")
    with pytest.raises(MismatchError):
        subject.control.ensure_program(names, judged("other.py"), f"{folder}answers/", f"{folder}losses/")
    assert subject.control.describe_processing(names.program_job) is not None
    assert subject.control.describe_processing(names.preparation_job) is None
    subject.control.stop_processing(names.program_job)


def test_a_package_of_a_run_is_registered_once(subject: Subject) -> None:
    evaluation = "s3://artifacts/digits/evaluations/r/evaluation.json"
    first = subject.control.ensure_package(NAMES, pipeline(), ARTIFACT, evaluation, "{}")
    assert subject.control.ensure_package(NAMES, pipeline(), ARTIFACT, evaluation, "{}") == first
    status = "ModelApprovalStatus"
    assert (subject.control.describe_package(first) or {})[status] == "PendingManualApproval"
    for _ in range(2):
        subject.control.answer_package(first, "Rejected", "ROLLED_BACK: errors")
    assert (subject.control.describe_package(first) or {})[status] == "Rejected"
    subject.control.answer_package(f"{first}00", "Approved", "of nobody")


def test_a_transform_job_is_made_once_and_belongs_to_one_model(subject: Subject) -> None:
    control, names, source = subject.control, Names("switchyard", "digits", "digits-1"), "s3://artifacts/in/"
    for model in ("switchyard-m1", "switchyard-m2"):
        control.ensure_model(model, pipeline(), ARTIFACT)
    assert control.describe_transform(names.transform_job) is None
    control.stop_transform(names.transform_job)
    for _ in range(2):
        control.ensure_transform(
            names, pipeline(), names.transform_job, "switchyard-m1", source, "s3://artifacts/out/"
        )
    found = control.describe_transform(names.transform_job)
    assert found is not None
    assert found["ModelName"] == "switchyard-m1"
    with pytest.raises(MismatchError):
        control.ensure_transform(
            names, pipeline(), names.transform_job, "switchyard-m2", source, "s3://artifacts/out/"
        )
    control.stop_transform(names.transform_job)
