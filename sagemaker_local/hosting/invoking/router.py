"""Which variant answers a request: by weight, unless the caller names one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from random import SystemRandom

from sagemaker_local.hosting.invoking import errors
from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.serving.variant import RunningVariant

_random = SystemRandom().random


class UnknownVariantError(LookupError):
    """TargetVariant names a variant that the endpoint does not have."""


class Router:
    """One endpoint's route, prepared for choosing. Immutable: a change of weights is a new router."""

    def __init__(self, route: Route, random: Callable[[], float] = _random) -> None:
        if not route.variants:
            raise ValueError(f"endpoint {route.endpoint} has no variants to route to")
        self.route = route
        self._random = random
        self._all = _Choice(route.variants)
        names = {variant.spec.variant for variant, _ in route.variants}
        self._by_name = {
            name: _Choice([each for each in route.variants if each[0].spec.variant == name]) for name in names
        }

    def choose(self, target: str | None = None) -> RunningVariant:
        """The variant for one request. `target` overrides the weights, even a weight of 0.

        Raises `UnknownVariantError`.
        """
        if target is None:
            return self._all.draw(self._random)
        try:
            return self._by_name[target].draw(self._random)
        except KeyError as error:
            raise UnknownVariantError(target) from error


class Routers(dict[str, Router]):
    """The endpoints that are served, by name; `returning`: those that were, and will be again."""

    def __init__(self) -> None:
        super().__init__()
        self.returning: set[str] = set()

    def serve(self, route: Route) -> None:
        self[route.endpoint] = Router(route)
        self.returning.discard(route.endpoint)

    def forget(self, endpoint: str) -> None:
        self.pop(endpoint, None)
        self.returning.discard(endpoint)

    def pause(self) -> None:
        """None is served any more; all of them will be by the next life of the plane."""
        self.returning.update(self)
        self.clear()

    def absence(self, endpoint: str, account: str) -> errors.InvocationError:
        """What a caller is told of an endpoint that is not served."""
        told = errors.not_yet_again if endpoint in self.returning else errors.endpoint_not_found
        return told(endpoint, account)


class _Choice:
    """Variants with their bounds in 0..1; during a deployment two fleets have the same name."""

    def __init__(self, variants: Sequence[tuple[RunningVariant, float]]) -> None:
        split = shares([weight for _, weight in variants])
        weighted = [(variant, share) for (variant, _), share in zip(variants, split, strict=True) if share]
        self._variants = [variant for variant, _ in weighted]
        self._bounds = list(accumulate(share for _, share in weighted))

    def draw(self, random: Callable[[], float]) -> RunningVariant:
        if len(self._variants) == 1:
            return self._variants[0]
        # min() guards the last bound against rounding below 1
        return self._variants[min(bisect_right(self._bounds, random()), len(self._bounds) - 1)]


def shares(weights: list[float]) -> list[float]:
    """ "The traffic distribution is determined by the ratio of a variant's weight to the sum of all weights."

    All weights 0 is not documented: equal shares, so that no request is lost.
    """
    total = sum(weights)
    return [weight / total for weight in weights] if total > 0 else [1 / len(weights)] * len(weights)
