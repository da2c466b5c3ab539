"""Fleets: the running variants of one config, brought up and stopped together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from sagemaker_local.hosting.invoking.route import Route
from sagemaker_local.hosting.serving.spec import VariantFailedError, VariantSpec
from sagemaker_local.hosting.serving.variant import RunningVariant
from sagemaker_local.hosting.specs import Fleet
from sagemaker_local.wording import in_words

_log = logging.getLogger(__name__)


class Traffic(Protocol):
    """The part of the data plane that decides nothing."""

    async def start_variant(self, spec: VariantSpec, *, cold: bool = False) -> RunningVariant: ...

    async def resize_variant(self, running: RunningVariant, count: int) -> None: ...

    async def stop_variant(self, running: RunningVariant) -> None: ...

    def expect(self, endpoint: str) -> None: ...

    def set_route(self, route: Route) -> None: ...

    def remove_route(self, endpoint: str) -> None: ...


async def bring_up(
    traffic: Traffic, specs: Iterable[VariantSpec], before: Fleet, *, cold: bool = False
) -> Fleet:
    """A fleet by these specs; what runs in `before` by the same spec is taken over, with as many instances.

    cold: all of it came up before, so that what may sleep may sleep on.
    Raises VariantFailedError; nothing that was started here is left running then.
    """
    wanted = {spec.variant: spec for spec in specs}
    fleet = {name: before[name] for name, spec in wanted.items() if _is_kept(before.get(name), spec)}
    counts = {name: running.spec.instance_count for name, running in fleet.items()}
    growing = [name for name in fleet if wanted[name].instance_count > counts[name]]
    missing = [spec for name, spec in wanted.items() if name not in fleet]
    outcomes = await asyncio.gather(
        *(_start(traffic, spec, cold) for spec in missing),
        *(_resize(traffic, fleet[name], wanted[name].instance_count) for name in growing),
        return_exceptions=True,
    )
    started = [each for each in outcomes[: len(missing)] if isinstance(each, RunningVariant)]
    failures = [each for each in outcomes if isinstance(each, BaseException)]
    if failures:
        await stop(traffic, started)
        await asyncio.gather(*(_resize(traffic, fleet[name], counts[name]) for name in growing))
        raise failures[0]
    for name, running in fleet.items():
        await _resize(traffic, running, wanted[name].instance_count)
    return fleet | {running.spec.variant: running for running in started}


async def stop(traffic: Traffic, variants: Iterable[RunningVariant]) -> None:
    """Stop them all, whatever happens to one."""
    outcomes = await asyncio.gather(*map(traffic.stop_variant, variants), return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            _log.error("a variant could not be stopped", exc_info=outcome)


async def _start(traffic: Traffic, spec: VariantSpec, cold: bool) -> RunningVariant:
    try:
        return await traffic.start_variant(spec, cold=cold)
    except VariantFailedError:
        raise
    except Exception as error:
        _log.exception("variant %s of endpoint %s could not be started", spec.variant, spec.endpoint)
        text = f"Unable to start production variant {spec.variant}: {in_words(error)}"
        raise VariantFailedError(text) from error


async def _resize(traffic: Traffic, running: RunningVariant, count: int) -> None:
    if running.spec.instance_count != count:
        await traffic.resize_variant(running, count)


def _is_kept(running: RunningVariant | None, spec: VariantSpec) -> bool:
    """Instances come and go; a variant of another model, image or environment is another one."""
    return running is not None and replace(running.spec, instance_count=spec.instance_count) == spec
