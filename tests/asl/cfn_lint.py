"""The machines under cfn-lint's E3601: AWS's own schema of the Amazon States Language.

`cfn-lint template.yaml` never opens a DefinitionUri, so each file is laid before it as a DefinitionString. Chosen
instead of asl-validator because it is AWS's, comes with what `make lint` installs anyway, pinned by hash, and asks for
no npm.
"""

import json
from collections.abc import Iterator
from functools import cache

from cfnlint.api import lint
from cfnlint.core import get_rules
from cfnlint.rules import RulesCollection

from tests.asl.machine import SUBSTITUTION, Machine

ARN = "arn:aws:states:us-east-1:123456789012:function:any"
ROLE = "arn:aws:iam::123456789012:role/any"


@cache
def _rules() -> RulesCollection:
    return get_rules([], [], ["E", "W", "I"])


def check_by_cfn_lint(machine: Machine) -> Iterator[str]:
    """One sentence a defect."""
    text = SUBSTITUTION.sub(ARN, json.dumps(machine.document))
    properties = {"RoleArn": ROLE, "DefinitionString": text}
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    template = {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {"Machine": resource}}
    for match in lint(json.dumps(template), _rules(), ["us-east-1"]):
        yield f"{machine.name}: {match.rule.id}: {match.message}"
