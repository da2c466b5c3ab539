"""Which models the offline gate compares."""

from typing import Any

from switchyard.core.champion import Champion
from switchyard.core.ports import Storage


def facts(artifacts: Storage, champion: Champion | None, artifact: str) -> dict[str, Any]:
    """What is judged against what; the artifact's digest is fixed here, so that later nothing else can go live."""
    return {
        "champion": champion.run_id if champion else "",
        "champion_schema": champion.schema if champion else "",
        "artifact": artifact,
        "artifact_sha256": artifacts.sha256(artifacts.key_of(artifact)),
    }
