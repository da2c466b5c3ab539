"""A SageMaker control plane in a dict, for ports.Control; test_contract.py holds it against the local plane.

Nothing settles by itself: `settle()` lets every change that is under way come to its end.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any

from botocore.exceptions import ClientError

from switchyard.core.errors import BusyError, MismatchError
from switchyard.core.names import Names
from switchyard.core.pipeline import Pipeline
from switchyard.core.ports import Variant
from switchyard.core.resources.guardrails import Guard
from switchyard.core.resources.scaling import ScalableTarget
from tests.fakes.jobs import FakeJobs

PACKAGES = "arn:aws:sagemaker:us-east-1:000000000000:model-package"
CHANGING = ("Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting")


@dataclass
class FakeControl(FakeJobs):
    """`changed` hears of every resource ("endpoint/x") that settles; `doomed` are configs that cannot come up.

    trips: whether the alarms of a guarded shift to this config trip. sizes: instances by config and variant.
    targets: scalable targets by endpoint and variant.
    """

    models: dict[str, str] = field(default_factory=dict)
    configs: dict[str, dict[str, tuple[str, float]]] = field(default_factory=dict)
    endpoints: dict[str, dict[str, Any]] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    approvals: dict[str, str] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    doomed: set[str] = field(default_factory=set)
    trips: Callable[[str], bool] = lambda _config: False
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)
    targets: dict[tuple[str, str], ScalableTarget] = field(default_factory=dict)
    changes: int = 0
    history: list[tuple[str, str, str, dict[str, float]]] = field(default_factory=list)

    def copy(self) -> "FakeControl":
        """The same resources; nobody hears of them."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return FakeControl(**{name: deepcopy(value) for name, value in kept.items() if not callable(value)})

    # models and configs

    def ensure_model(self, name: str, pipeline: Pipeline, artifact: str) -> None:
        if self.models.setdefault(name, artifact) != artifact:
            raise MismatchError(f"model {name} exists with another artifact than {artifact}")

    def ensure_config(self, name: str, pipeline: Pipeline, variants: Sequence[Variant], folder: str) -> None:
        wanted = {v.name: (v.sagemaker_model, v.weight) for v in variants}
        if self.configs.setdefault(name, wanted) != wanted:
            raise MismatchError(f"endpoint config {name} exists with other variants")
        self.sizes.setdefault(name, {v.name: v.instances or 1 for v in variants})

    def has_model(self, name: str) -> bool:
        return name in self.models

    def has_config(self, name: str) -> bool:
        return name in self.configs

    def list_configs(self, prefix: str) -> list[str]:
        return [name for name in self.configs if name.startswith(prefix)]

    def delete_config(self, name: str) -> None:
        self.configs.pop(name, None)

    def list_models(self, prefix: str) -> list[str]:
        return [name for name in self.models if name.startswith(prefix)]

    def delete_model(self, name: str) -> None:
        self.models.pop(name, None)

    # endpoints

    def describe_endpoint(self, name: str) -> Mapping[str, Any] | None:
        return self.endpoints.get(name)

    def list_endpoints(self, prefix: str) -> list[str]:
        return [name for name in self.endpoints if name.startswith(prefix)]

    def ensure_endpoint(self, name: str, config: str, guard: Guard | None = None) -> None:
        found = self.endpoints.get(name)
        if found is None:
            self._refuse_crowded(config)
            self._change(name, "Creating", config, self._weights(config))
        elif found["EndpointStatus"] in ("Failed", "Deleting"):
            self.delete_endpoint(name)
            raise BusyError(f"endpoint {name} is being deleted")
        elif self._target(found) != config:
            self._refuse_busy(found)
            self._refuse_crowded(config)
            self._refuse_scaled(name, config)
            self._change(name, "Updating", config, self._weights(config))
            found.update(_guard=guard, FailureReason=None)

    def set_weights(
        self, name: str, weights: Mapping[str, float], counts: Mapping[str, int] | None = None
    ) -> None:
        found = self.endpoints[name]
        desired = {v["VariantName"]: v["DesiredWeight"] for v in found["ProductionVariants"]}
        in_force = self.live(name) if found["EndpointStatus"] == "InService" else desired
        if any(known.get(variant) != w for variant, w in weights.items() for known in (desired, in_force)):
            self._refuse_busy(found)
            self._change(name, "Updating", found["EndpointConfigName"], {**desired, **weights})
            for each in found["ProductionVariants"]:
                each["DesiredInstanceCount"] = (counts or {}).get(
                    each["VariantName"], each["DesiredInstanceCount"]
                )

    def delete_endpoint(self, name: str, config: str | None = None) -> None:
        found = self.endpoints.get(name)
        if found is not None and found["EndpointStatus"] != "Deleting":
            self._refuse_busy(found)
            found["EndpointStatus"] = "Deleting"
        if config:
            self.configs.pop(config, None)

    # registry

    def ensure_package(
        self, names: Names, pipeline: Pipeline, artifact: str, evaluation: str, card: str = ""
    ) -> str:
        arn = self.packages.setdefault(
            names.run_id, f"{PACKAGES}/{names.package_group}/{len(self.packages) + 1}"
        )
        self.cards.setdefault(arn, card)
        self.approvals.setdefault(arn, "PendingManualApproval")
        return arn

    def describe_package(self, arn: str) -> Mapping[str, Any] | None:
        if arn not in self.approvals:
            return None
        return {"ModelPackageArn": arn, "ModelApprovalStatus": self.approvals[arn]}

    def answer_package(self, arn: str, status: str, why: str) -> None:
        if self.approvals.get(arn, status) != status:
            self.answers[arn] = why
            self.approve(arn, status)

    def approve(self, arn: str, status: str = "Approved") -> None:
        """What a person does in the registry."""
        self.approvals[arn] = status
        self.changed(f"model-package/{arn}")

    # how it goes on

    def settle(self) -> bool:
        """Ends every change that is under way; False when there was none."""
        changing = [
            name
            for name, e in self.endpoints.items()
            if e["EndpointStatus"] in CHANGING and self._is_over(f"endpoint/{name}")
        ]
        ended = self._settle_jobs()
        for name in changing:
            self._end_change(name)
        return ended or bool(changing)

    def _end_change(self, name: str) -> None:
        endpoint = self.endpoints[name]
        if endpoint["EndpointStatus"] == "Deleting":
            del self.endpoints[name]
            self.targets = {key: target for key, target in self.targets.items() if key[0] != name}
        elif endpoint["_target"] in self.doomed:
            self._fall(endpoint, "the variant did not pass the ping")
        elif endpoint.get("_guard") and self.trips(endpoint["_target"]):
            tripped = ", ".join(endpoint["_guard"].alarms)
            self._fall(endpoint, f"alarm(s) {tripped} went into ALARM state")
        else:
            before = endpoint["ProductionVariants"] if endpoint["EndpointStatus"] != "Creating" else []
            kept = {v["VariantName"]: v["DesiredInstanceCount"] for v in before}
            counts = self.sizes.get(endpoint["_target"], {}) | kept
            variants = [_variant(v, w, counts.get(v, 1)) for v, w in endpoint["_weights"].items()]
            endpoint.update(EndpointStatus="InService", EndpointConfigName=endpoint["_target"])
            endpoint.update(ProductionVariants=variants, FailureReason=None)
            self.history.append((name, "InService", endpoint["_target"], dict(endpoint["_weights"])))
        self._end_deployment(endpoint)
        if name in self.endpoints:
            self._touch(name)
        self.changed(f"endpoint/{name}")

    def _end_deployment(self, endpoint: dict[str, Any]) -> None:
        guard = endpoint.pop("_guard", None)
        if guard is not None:
            alarms = [{"AlarmName": name} for name in guard.alarms]
            endpoint["LastDeploymentConfig"] = {"AutoRollbackConfiguration": {"Alarms": alarms}}

    def _fall(self, endpoint: dict[str, Any], reason: str) -> None:
        """ "Creating" ends as Failed; an update falls back to the config before, and says why."""
        created = endpoint["EndpointStatus"] == "Creating"
        before = endpoint["_target"] if created else endpoint["EndpointConfigName"]
        status = "Failed" if created else "InService"
        endpoint.update(EndpointStatus=status, _target=before, FailureReason=reason)

    def fail(self, name: str) -> None:
        """The endpoint breaks by itself."""
        self.endpoints[name].update(EndpointStatus="Failed", FailureReason="the host is gone")

    def put_endpoint(
        self, name: str, config: str, weights: Mapping[str, float], status: str = "InService"
    ) -> None:
        """An endpoint as it is found, however it came there."""
        self.endpoints[name] = {
            "EndpointName": name,
            "EndpointStatus": status,
            "EndpointConfigName": config,
            "ProductionVariants": [_variant(v, w) for v, w in weights.items()],
            "_target": config,
            "_weights": dict(weights),
        }
        self._touch(name)

    def _touch(self, name: str) -> None:
        """ "LastModifiedTime": another one after every change."""
        self.changes += 1
        self.endpoints[name]["LastModifiedTime"] = f"change {self.changes}"

    def _change(self, name: str, status: str, config: str, weights: Mapping[str, float]) -> None:
        if name not in self.endpoints:
            self.put_endpoint(name, config, weights, status)
        else:
            endpoint = self.endpoints[name]
            endpoint.update(EndpointStatus=status, _target=config, _weights=dict(weights))
            self._touch(name)
            for each in endpoint["ProductionVariants"]:
                each["DesiredWeight"] = weights.get(each["VariantName"], each["DesiredWeight"])

    def _target(self, endpoint: Mapping[str, Any]) -> str:
        return str(endpoint["_target"])

    def _weights(self, config: str) -> dict[str, float]:
        return {variant: weight for variant, (_, weight) in self.configs[config].items()}

    def _refuse_crowded(self, config: str) -> None:
        """An update brings the new fleet up beside the old one."""
        used = sum(len(endpoint["ProductionVariants"]) for endpoint in self.endpoints.values())
        self._refuse_full("endpoint", used, len(self.configs[config]), what=config)

    def _refuse_scaled(self, name: str, config: str) -> None:
        """Of "removing a production variant that has auto scaling configured"."""
        gone = [
            variant for end, variant in self.targets if end == name and variant not in self.configs[config]
        ]
        if gone:
            said = (
                f"variant '{gone[0]}' is a scalable target of Application Auto Scaling and would be removed"
            )
            raise ClientError({"Error": {"Code": "ValidationException", "Message": said}}, "UpdateEndpoint")

    def _refuse_busy(self, endpoint: Mapping[str, Any]) -> None:
        if endpoint["EndpointStatus"] in CHANGING:
            raise BusyError(f'Cannot update in-progress endpoint "{endpoint["EndpointName"]}".')

    def live(self, name: str) -> dict[str, float]:
        """Weights by variant."""
        return {v["VariantName"]: v["CurrentWeight"] for v in self.endpoints[name]["ProductionVariants"]}


def _variant(name: str, weight: float, count: int = 1) -> dict[str, Any]:
    weights = {"CurrentWeight": weight, "DesiredWeight": weight}
    return {"VariantName": name, **weights, "DesiredInstanceCount": count}
