"""A parameter is a text until CloudFormation makes of it what the property wants; MiniStack leaves it one."""

from __future__ import annotations

from typing import Any

from cli.stack.ministack_pin import taking

MAPPING = "AWS::Lambda::EventSourceMapping"


def count_scaling(provisioners: Any) -> None:
    """MaximumConcurrency as a number: by a text the poller breaks off, and no queue's function is called any more."""
    create = taking(provisioners, "_lambda_esm_create", "logical_id", "props", "stack_name")
    update = taking(provisioners, "_lambda_esm_update", "physical_id", "old_props", "new_props", "stack_name")

    def create_counted(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        return create(logical_id, counted(props), stack_name)

    def update_counted(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Any:
        return update(physical_id, old, counted(new), stack_name)

    provisioners._RESOURCE_HANDLERS[MAPPING] |= {"create": create_counted, "update": update_counted}


def counted(props: dict[str, Any]) -> dict[str, Any]:
    scaling = props.get("ScalingConfig") or {}
    if "MaximumConcurrency" not in scaling:
        return props
    return props | {"ScalingConfig": {"MaximumConcurrency": int(scaling["MaximumConcurrency"])}}
