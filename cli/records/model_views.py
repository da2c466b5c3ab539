"""What `switchyard check` looks at: each model as ledger, storage and SageMaker show it now."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from cli.records.endpoints import endpoint
from cli.stack.access import Access, prefix_of
from cli.stack.stack import Stack
from switchyard.aws.items import DynamoItems
from switchyard.aws.sagemaker import Roles, SageMakerControl
from switchyard.aws.storage import S3Storage
from switchyard.closing.rules.invariants import check
from switchyard.closing.rules.leftover_invariants import check_queues
from switchyard.closing.rules.model_view import Broken, Change, Live, Resource, Seen
from switchyard.config.champion_resources import ChampionResources
from switchyard.config.pipeline_file import possible_models
from switchyard.config.snapshot import Snapshots, listing_key
from switchyard.core.champion import Champion
from switchyard.core.errors import MissingError
from switchyard.core.ledger.ledger import Ledger
from switchyard.core.names import Names
from switchyard.core.ports import Item
from switchyard.core.waiting import waited_for

# Each kind of resource: its List operation, where the answer has them, and the field of the name.
LISTED = {
    "model": ("list_models", "Models", "ModelName"),
    "endpoint-config": ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName"),
    "endpoint": ("list_endpoints", "Endpoints", "EndpointName"),
    "training-job": ("list_training_jobs", "TrainingJobSummaries", "TrainingJobName"),
    "transform-job": ("list_transform_jobs", "TransformJobSummaries", "TransformJobName"),
    "processing-job": ("list_processing_jobs", "ProcessingJobSummaries", "ProcessingJobName"),
}
OPEN = ("InProgress", "Stopping")


def everything(stack: Access) -> Iterator[Seen]:
    """Every model that has a folder in the artifact bucket."""
    artifacts = S3Storage(stack.client("s3"), stack.output("ArtifactBucketName"))
    for model in possible_models(artifacts):
        yield _Look(stack, artifacts, model).seen()


def not_so(stack: Access) -> list[Broken]:
    """What must hold of every model, and does not."""
    return [each for seen in everything(stack) for each in check(seen)] + check_queues(dead_letters(stack))


def dead_letters(stack: Access) -> dict[str, int]:
    """Messages by the queue of dead letters that they lie in."""
    sqs, found = stack.client("sqs"), {}
    for url in sqs.list_queues(QueueNamePrefix=prefix_of(stack)).get("QueueUrls", []):
        name = url.rsplit("/", 1)[-1]
        if "DeadLetters" in name:
            asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
            found[name] = int(asked["Attributes"]["ApproximateNumberOfMessages"])
    return found


class _Look:
    """One look at one model."""

    def __init__(self, stack: Access, artifacts: S3Storage, model: str) -> None:
        self.stack, self.artifacts, self.model = stack, artifacts, model
        self.prefix = prefix_of(stack)
        items = DynamoItems(stack.client("dynamodb"), stack.output("LedgerTableName"))
        self.ledger, self.items = Ledger(items, time.time), items.query(f"MODEL#{model}")

    def seen(self) -> Seen:
        runs = [item for item in self.items if str(item["sk"]).startswith("RUN#")]
        ids = [str(item["run_id"]) for item in runs]
        records = self._records()
        champion, kept = self.ledger.champion(self.model), self.ledger.kept_champions(self.model)
        return Seen(
            self.model,
            self.items,
            champion,
            self._live(),
            {run_id: str(record["state"]) for run_id, record in records.items()},
            records=records,
            evaluations=self._read_all(ids, "evaluations/{}/evaluation.json"),
            history=history(self.stack, Names(self.prefix, self.model, "").endpoint),
            files=dict(self._snapshots({str(item["digest"]) for item in runs if item.get("digest")})),
            artifacts={champion.run_id: self._artifact(champion)} if champion else {},
            gone=[words for each in kept for words in self._gone(each)],
            versions=self._versions(),
            resources=list(self._resources()),
            waits=[(str(item["run_id"]), wait) for item in runs for wait in self._waits(item)],
            kept=frozenset(each.run_id for each in kept),
            rollouts={each: found for each in ids if (found := self.ledger.rollout(each))},
            now=time.time(),
        )

    def _records(self) -> dict[str, Mapping[str, Any]]:
        """Decision records by run id."""
        listed = self.artifacts.list(f"{self.model}/decisions/")
        found = [json.loads(self.artifacts.read(each.key)) for each in listed]
        return {str(record["run"]["run_id"]): record for record in found if "run" in record}

    def _read_all(self, run_ids: Iterable[str], place: str) -> dict[str, Mapping[str, Any]]:
        found = {}
        for run_id in run_ids:
            key = f"{self.model}/{place.format(run_id)}"
            if self.artifacts.exists(key):
                found[run_id] = json.loads(self.artifacts.read(key))
        return found

    def _live(self) -> Live | None:
        found = endpoint(self.stack, Names(self.prefix, self.model, "").endpoint)
        return Live(found.status, found.config, dict(found.weights)) if found else None

    def _snapshots(self, digests: Iterable[str]) -> Iterator[tuple[str, dict[str, tuple[str, str]]]]:
        """By the digest of their content: a dataset that a job reads is called after what was listed of it, and has
        files of ours once the job has found it sound.
        """
        for digest in digests:
            folder = f"{self.model}/snapshots/{digest}/"
            if not self.artifacts.exists(listing_key(folder)):
                yield digest, self._files(digest)
            elif self.artifacts.exists(f"{folder}manifest.json"):
                manifest = json.loads(self.artifacts.read(f"{folder}manifest.json"))
                yield str(manifest["content"]), self._files(digest)

    def _files(self, digest: str) -> dict[str, tuple[str, str]]:
        """Each file of a snapshot: its sha256 by the manifest, and as it lies there; "" of one that is gone."""
        folder = f"{self.model}/snapshots/{digest}/"
        if not self.artifacts.exists(f"{folder}manifest.json"):
            return {}
        manifest = json.loads(self.artifacts.read(f"{folder}manifest.json"))
        return {
            str(file["name"]): (str(file["sha256"]), self._sha256(f"{folder}data/{file['name']}"))
            for file in manifest["files"]
        }

    def _artifact(self, champion: Champion) -> str:
        return self._sha256(self._resources_of.artifact_key(self.model, champion))

    def _sha256(self, key: str) -> str:
        try:
            return self.artifacts.sha256(key)
        except MissingError:
            return ""

    @cached_property
    def _resources_of(self) -> ChampionResources:
        control = SageMakerControl(self.stack.client("sagemaker"), Roles("", "", "", ""))
        return ChampionResources(self.prefix, self.ledger, self.artifacts, control, Snapshots(self.artifacts))

    def _gone(self, champion: Champion) -> Iterator[str]:
        gone = self._resources_of.missing(champion)
        keys = (champion.schema, self._resources_of.artifact_key(self.model, champion))
        gone += [self.artifacts.uri(key) for key in keys if not self.artifacts.exists(key)]
        if gone:
            yield f"{' and '.join(gone)} of {champion.run_id} is gone"

    def _versions(self) -> dict[str, int]:
        """How often each decision record was written, or deleted."""
        pages = self.stack.client("s3").get_paginator("list_object_versions")
        asked = pages.paginate(Bucket=self.artifacts.bucket, Prefix=f"{self.model}/decisions/")
        return dict(
            Counter(
                each["Key"]
                for page in asked
                for kind in ("Versions", "DeleteMarkers")
                for each in page.get(kind, [])
            )
        )

    def _resources(self) -> Iterator[Resource]:
        """What is called after a run of this model: the beginning alone is shared with models of longer names."""
        named = re.compile(rf"{re.escape(self.prefix)}-({self.model}-[0-9a-f]{{12}}(?:-r[0-9])?)(?:-[a-z]+)?")
        for kind, (operation, answer, field) in LISTED.items():
            pages = self.stack.client("sagemaker").get_paginator(operation)
            for page in pages.paginate(NameContains=f"{self.prefix}-{self.model}-"):
                for each in page[answer]:
                    found = named.fullmatch(each[field])
                    status = each.get(field.replace("Name", "Status"), "")
                    if found:
                        yield Resource(kind, each[field], found[1], status in OPEN)

    def _waits(self, item: Item) -> list[str]:
        run_id = str(item["run_id"])
        own = waited_for(Names(self.prefix, self.model, run_id), str(item.get("package", "")))
        return [each for each in (*own, f"rollout/{run_id}") if self.ledger.waits(each)]


def history(stack: Access, name: str) -> list[Change]:
    """Every change of an endpoint, as the local SageMaker remembers it; AWS has no such page."""
    if not isinstance(stack, Stack):
        return []
    asked = stack.signed("GET", f"/_local/history?endpoint={name}")
    with urllib.request.urlopen(asked, timeout=30) as answer:  # noqa: S310 - on loopback
        return [Change(each["at"], each["config"], each["weights"]) for each in json.loads(answer.read())]
