"""A world in the middle of something as a file, and back: what an upgrade finds when it comes.

What lies in buckets and ledger, what SageMaker holds, what is under way in queues and machines. Bodies of objects are
kept once, by their hash, in the release's objects.json.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from itertools import count
from typing import Any, cast
from unittest.mock import patch

from tests.fakes import asl
from tests.fakes.faults import Faults
from tests.fakes.flow import FakeAlarms
from tests.fakes.sagemaker import FakeControl
from tests.fakes.store import Clock, MemoryItems, MemoryStorage
from tests.fakes.turns import Event
from tests.fakes.world import World
from tests.golden.plain import plain, restored
from tests.golden.taped import Taped, thawed

Document = dict[str, Any]
CHILD_FIRST = ("restore", "rollout", "transform", "retrain")  # whoever waits for one finds it there
FIRST_NEW_TOKEN = 100_000
KEPT = ("bad_live", "bad_offline", "limits", "large_megabytes", "live_since", "traffic", "looks", "answers")


def frozen(world: World, objects: dict[str, str]) -> Document:
    """objects: bodies by hash; those that are new are added."""
    under_way = [each.frozen() for each in world.executions.values() if isinstance(each, Taped)]
    kept = {
        "clock": world.clock(),
        "items": [dict(item) for _, item in sorted(world.items.rows.items())],
        "data": _kept(world.data, objects),
        "artifacts": _kept(world.artifacts, objects),
        "sagemaker": {name: plain(value) for name, value in _state(world.control).items()},
        "alarms": plain(world.alarms.made),
        "events": [[each.function, dict(each.document), each.left] for each in world.events],
        "executions": under_way,
        **{name: plain(getattr(world, name)) for name in KEPT},
    }
    return cast(Document, json.loads(json.dumps(kept)))  # the world goes on


def restored_world(kept: Mapping[str, Any], objects: Mapping[str, str], machines: Mapping[str, Any]) -> World:
    """machines: the definitions of that release, which its executions go on with."""
    rows = {(str(item["pk"]), str(item["sk"])): dict(item) for item in kept["items"]}
    control = FakeControl(**{name: restored(value) for name, value in kept["sagemaker"].items()})
    alarms = FakeAlarms(restored(kept["alarms"]))
    world = World(Faults(), Clock(kept["clock"]), MemoryItems(rows), control, alarms)
    for name in KEPT:
        setattr(world, name, restored(kept[name]))
    for bucket in (world.data, world.artifacts):
        place = "data" if bucket is world.data else "artifacts"
        bucket.objects.update({key: (objects[sha].encode(), at) for key, (sha, at) in kept[place].items()})
    world.events = [Event(*each) for each in kept["events"]]
    for each in sorted(kept["executions"], key=lambda one: CHILD_FIRST.index(one["machine"])):
        world.executions[each["machine"], each["name"]] = thawed(each, machines[each["machine"]], world)
    return world


def numbered_from(first: int) -> Any:
    """Tokens of a recording are the same each time, and those that a restored world gives are none of them."""
    return patch.object(asl, "_numbers", count(first))


def _kept(storage: MemoryStorage, objects: dict[str, str]) -> Document:
    return {key: [_put(body, objects), at] for key, (body, at) in sorted(storage.objects.items())}


def _put(body: bytes, objects: dict[str, str]) -> str:
    sha = hashlib.sha256(body).hexdigest()[:16]
    objects[sha] = body.decode()
    return sha


def _state(control: FakeControl) -> dict[str, Any]:
    """All that is no function of the world around it."""
    found = {each.name: getattr(control, each.name) for each in fields(FakeControl)}
    return {name: value for name, value in found.items() if not isinstance(value, Callable)}  # type: ignore[arg-type]
