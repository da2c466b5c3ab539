"""`switchyard check`: does what must hold of every model hold now?"""

from __future__ import annotations

import json
from collections.abc import Iterator

import typer

from cli.display import reporting, say
from cli.records.endpoints import endpoint
from cli.stack.access import Access, prefix_of
from cli.stack.stack import Stack
from switchyard.aws.items import DynamoItems
from switchyard.aws.storage import S3Storage
from switchyard.closing.rules.invariants import Live, Seen
from switchyard.closing.rules.invariants import check as broken
from switchyard.core.champion import Champion
from switchyard.core.names import Names, is_model_name
from switchyard.core.ports import Item


@reporting
def check() -> None:
    """Check what must hold of ledger, endpoints and decision records; exit status 1 where something does not."""
    found = [each for seen in everything(Stack.load()) for each in broken(seen)]
    for each in found:
        say(
            f"{each.model}: not so: {each.invariant}. {each.found}. Run `switchyard sweep`, then check again."
        )
    if found:
        raise typer.Exit(1)
    say("All that must hold holds.")


def everything(stack: Access) -> Iterator[Seen]:
    """Every model that has a folder in the artifact bucket."""
    items = DynamoItems(stack.client("dynamodb"), stack.output("LedgerTableName"))
    artifacts = S3Storage(stack.client("s3"), stack.output("ArtifactBucketName"))
    for model in filter(is_model_name, artifacts.folders()):
        records = [json.loads(artifacts.read(each.key)) for each in artifacts.list(f"{model}/decisions/")]
        runs = [record for record in records if "run" in record]
        recorded = {str(record["run"]["run_id"]): str(record["state"]) for record in runs}
        kept = items.query(f"MODEL#{model}")
        yield Seen(model, kept, _champion(kept), _live(stack, model), recorded)


def _champion(items: list[Item]) -> Champion | None:
    found = [item for item in items if item["sk"] == "CHAMPION"]
    return Champion.from_dict(json.loads(str(found[0]["champion"]))) if found else None


def _live(stack: Access, model: str) -> Live | None:
    found = endpoint(stack, Names(prefix_of(stack), model, "").endpoint)
    return Live(found.status, found.config, dict(found.weights)) if found else None
