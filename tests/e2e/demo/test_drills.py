"""Bad challengers beside the demo's champion: each is taken back, and the champion serves on."""

import json

import pytest
import yaml

from cli.demo.stage import PIPELINE
from cli.drill.kinds import DRILLS, Kind
from tests.e2e.conftest import Demo
from tests.e2e.support import MODEL, put_artifact, switchyard

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(1200)]

LATENCY = {"margin": 0.1, "baseline": 0.01, "limit_milliseconds": 500}


def declare(demo: Demo) -> None:
    """The demo's pipeline.yaml, which looks at latency too."""
    document = yaml.safe_load(PIPELINE.read_text())
    document["rollout"]["metrics"]["latency"] = LATENCY
    put_artifact(demo.stack, f"{MODEL}/pipeline.yaml", yaml.safe_dump(document).encode())


@pytest.mark.parametrize("kind", Kind)
def test_a_challenger_that_misbehaves_is_taken_back(demo: Demo, kind: Kind) -> None:
    declare(demo)
    drilled = switchyard(demo.home, "drill", kind.value, MODEL, "--json")
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr
    ending = json.loads(drilled.stdout)
    assert ending["state"] in DRILLS[kind].ends
    assert ending["is_back"]
    assert max(ending["weights"], default=0.0) <= 50.0
