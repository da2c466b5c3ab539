"""model-roles.yaml grants a model's own roles what template.yaml's four have, on that model's part of the buckets."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cli.stack.model_roles import own_role
from tests.contract.cloudformation import ROOT, parse, template
from tests.contract.iam import ACCOUNT, REGION, Need, arn_of, statements
from tests.contract.simulator import answers
from tests.template.test_trust import trust

KINDS = {
    "training": "TrainingRole",
    "processing": "ProcessingRole",
    "dataset": "DatasetRole",
    "hosting": "HostingRole",
}
OWN = parse((ROOT / "model-roles.yaml").read_text())
DATA, ARTIFACTS = arn_of("DataBucket"), arn_of("ArtifactBucket")


def arn(kind: str, model: str = "digits") -> str:
    return f"arn:aws:iam::{ACCOUNT}:role/switchyard/switchyard-{model}-{kind}"


def own(kind: str, model: str = "digits") -> list[dict[str, Any]]:
    """The statements of a model's own role."""
    found = own_role(arn(kind, model), REGION)
    assert found is not None
    return [s for document in found[1].values() for s in json.loads(document)["Statement"]]


def narrowed(resource: str) -> str:
    """What the role of all models names, for one."""
    for bucket in (DATA, ARTIFACTS):
        resource = resource.replace(f"{bucket}/*/", f"{bucket}/digits/")
    resource = resource.replace(f"{ARTIFACTS}/_packed/*/", f"{ARTIFACTS}/_packed/digits/")
    resource = resource.replace(f"{ARTIFACTS}/_capture/*", f"{ARTIFACTS}/_capture/switchyard-digits/*")
    return resource.replace("alarm:switchyard-*", "alarm:switchyard-digits-*")


def flat(actions: Any, resources: Any) -> Iterator[tuple[str, str]]:
    listed = [each if isinstance(each, list | tuple) else [each] for each in (actions, resources)]
    yield from ((action, resource) for action in listed[0] for resource in listed[1])


@pytest.mark.parametrize("kind", KINDS)
def test_an_own_role_has_what_the_shared_one_has_and_no_other_model_s(kind: str) -> None:
    shared = {
        (action, narrowed(on)) for s in statements(KINDS[kind]) for action, on in flat(s.actions, s.resources)
    }
    assert {pair for s in own(kind) for pair in flat(s["Action"], s["Resource"])} == shared
    assert not [on for _, on in shared if on.startswith((f"{DATA}/*", f"{ARTIFACTS}/*"))]


@pytest.mark.parametrize("kind", KINDS)
def test_an_own_role_is_taken_on_as_the_shared_one_is(kind: str) -> None:
    found = own_role(arn(kind), REGION)
    assert found is not None
    assert json.loads(found[0])["Statement"] == [trust(KINDS[kind])]


@pytest.mark.parametrize("policy", ["VpcAccess", "MlflowAccess"])
def test_in_a_vpc_or_beside_mlflow_it_may_what_the_shared_one_may(policy: str) -> None:
    policies: list[Mapping[str, Any]] = [
        each["Resources"][policy]["Properties"] for each in (OWN, template())
    ]
    assert policies[0] == policies[1]


def test_no_other_role_is_made() -> None:
    for other in ("role/switchyard-digits-training", "role/switchyard/switchyard-digits-admin", "role/x"):
        assert own_role(f"arn:aws:iam::{ACCOUNT}:{other}", REGION) is None


REACHED = {  # what each may do on its own model's keys
    "training": [
        ("GetObject", ARTIFACTS, "{m}/prepared/r/train/a.csv"),
        ("GetObject", ARTIFACTS, "{m}/snapshots/0/data/a.csv"),
        ("PutObject", ARTIFACTS, "{m}/models/r/output/model.tar.gz"),
        ("DeleteObject", ARTIFACTS, "{m}/models/r/checkpoints/1"),
    ],
    "processing": [
        ("GetObject", ARTIFACTS, "{m}/snapshots/0/data/a.csv"),
        ("PutObject", ARTIFACTS, "{m}/prepared/r/clean/part-0.csv"),
    ],
    "dataset": [
        ("GetObject", DATA, "{m}/train/a.csv"),
        ("PutObject", ARTIFACTS, "{m}/snapshots/0/data/a.csv"),
        ("PutObject", ARTIFACTS, "{m}/prepared/r/train/part-0.csv"),
        ("PutObject", ARTIFACTS, "_packed/{m}/snapshots/0/rows"),
        ("GetObject", ARTIFACTS, "{m}/holdout/holdout.csv"),
    ],
    "hosting": [
        ("GetObject", ARTIFACTS, "{m}/models/r/output/model.tar.gz"),
        ("GetObject", DATA, "{m}/async/x.csv"),
        ("PutObject", ARTIFACTS, "_capture/switchyard-{m}/v/2026/01/01/00/x.jsonl"),
        ("PutObject", ARTIFACTS, "{m}/batches/b/out/x.csv.out"),
    ],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", ["fraud", "digits-2", "digit"])
def test_no_model_s_role_reaches_another_model_s_keys(kind: str, other: str) -> None:
    def asked(model: str) -> list[bool]:
        needs = [
            Need(f"s3:{action}", f"{bucket}/{key.format(m=model)}") for action, bucket, key in REACHED[kind]
        ]
        return answers([need.of(*own(kind)) for need in needs])

    assert all(asked("digits"))
    assert not any(asked(other))


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_other_models_objects_are_not_listed(kind: str) -> None:
    def may(prefix: str) -> bool:
        return answers([Need("s3:ListBucket", ARTIFACTS, (("s3:prefix", prefix),)).of(*own(kind))])[0]

    assert may("digits/models/")
    assert not may("fraud/models/")
    assert not may("")
