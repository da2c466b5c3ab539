"""The way back to the champion: one look at the endpoint gives the one next step. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from switchyard.core.champion import Champion
from switchyard.core.resources.observation import CHANGING, variant_weights


@dataclass(frozen=True)
class Done:
    """Nothing is left to do."""

    reason: str


@dataclass(frozen=True)
class GiveWeights:
    """The fastest relief: all weight to the champion, while both variants are up."""

    weights: Mapping[str, float]


@dataclass(frozen=True)
class UseConfig:
    """Update the endpoint to the champion's own config."""

    config: str


@dataclass(frozen=True)
class Recreate:
    """The endpoint is gone: create it from the champion's config."""

    config: str


@dataclass(frozen=True)
class Remove:
    """Of a failed endpoint ("DeleteEndpoint is the only operation that can be performed on" one), or a given up one."""


@dataclass(frozen=True)
class Later:
    """The endpoint is changing and refuses everything until it has settled."""

    status: str


Step = Done | GiveWeights | UseConfig | Recreate | Remove | Later


def next_step(description: Mapping[str, Any] | None, champion: Champion | None, abandoned: str = "") -> Step:
    """What to do now so that the champion, and it alone, serves.

    abandoned: the config of a run that will not be promoted; where there is no champion, it goes.
    """
    if champion is None:
        return _without_champion(description, abandoned)
    if not champion.has_endpoint:
        return _without_endpoint(description)
    if description is None:
        return Recreate(champion.config)
    status = description["EndpointStatus"]
    if status in CHANGING:
        return Later(status)
    if status in ("Failed", "OutOfService"):
        return Remove()
    if status == "UpdateRollbackFailed":
        return UseConfig(champion.config)
    if description["EndpointConfigName"] == champion.config:
        return Done(f"{champion.run_id} serves alone")
    return _give_back(description, champion)


def _without_champion(description: Mapping[str, Any] | None, abandoned: str) -> Step:
    """A first deployment that failed or was given up leaves nothing behind; one that serves is left to its run."""
    if description is None:
        return Done("there is no champion, and no endpoint")
    if description["EndpointStatus"] in CHANGING:
        return Later(description["EndpointStatus"])
    if description["EndpointStatus"] == "Failed" or description["EndpointConfigName"] == abandoned:
        return Remove()
    return Done("there is no champion to return to")


def _without_endpoint(description: Mapping[str, Any] | None) -> Step:
    """The champion is a batch model: an endpoint of an earlier mode, or of a run that was given up, goes."""
    if description is None:
        return Done("a batch model has no endpoint")
    return Later(description["EndpointStatus"]) if description["EndpointStatus"] in CHANGING else Remove()


def _give_back(description: Mapping[str, Any], champion: Champion) -> Step:
    weights = variant_weights(description)
    if champion.variant in weights and any(w > 0 for name, w in weights.items() if name != champion.variant):
        return GiveWeights({name: 100.0 if name == champion.variant else 0.0 for name in weights})
    return UseConfig(champion.config)
