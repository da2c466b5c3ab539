"""The checks over the machines of this project."""

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Any

from tests.contract.cloudformation import ROOT, machines

sys.path.insert(0, str(ROOT / "functions"))  # the names of our errors live there

from tests.asl.cfn_lint import check_by_cfn_lint
from tests.asl.checks import check, check_substitutions
from tests.asl.machine import Machine

FOLDER = ROOT / "statemachine"


def of(properties: Mapping[str, Any]) -> Machine:
    return Machine.read(ROOT / properties["DefinitionUri"])


def problems() -> list[str]:
    """Every defect of every machine, and files that no machine uses."""
    ours = {name: of(properties) for name, properties in machines().items()}
    both = (check, check_by_cfn_lint)
    found = [problem for machine in ours.values() for each in both for problem in each(machine)]
    for name, properties in machines().items():
        found += check_substitutions(ours[name], properties)
    used = {machine.name for machine in ours.values()}
    found += [
        f"{path.name}: no machine of the template uses it"
        for path in FOLDER.iterdir()
        if path.name not in used
    ]
    counts = Counter(state for machine in ours.values() for state, _ in machine.states())
    found += [
        f"{state}: the name occurs in two places; logs would not tell them apart"
        for state, n in counts.items()
        if n > 1
    ]
    return found
