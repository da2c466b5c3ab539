"""What must hold of what is kept: it is what was judged, all of it is there, and no record is ever written again."""

from collections.abc import Iterator

from switchyard.closing.rules.model_view import Seen
from switchyard.intake.rules.dataset import DataFile, digest_of


def trained_on_what_was_dropped(seen: Seen) -> Iterator[str]:
    """A snapshot is the dataset that its run is called after."""
    for digest, files in seen.files.items():
        told = [DataFile(name, 0, manifest, 0) for name, (manifest, _) in files.items()]
        if digest_of(told) != digest:
            yield f"the manifest of snapshot {digest[:12]} is of another dataset ({digest_of(told)[:12]})"
        for name, (manifest, found) in files.items():
            if manifest != found:
                yield f"{name} of snapshot {digest[:12]} is {found[:12] or 'gone'}, and was {manifest[:12]}"


def serves_what_was_judged(seen: Seen) -> Iterator[str]:
    """The champion's artifact is the one that the gate saw."""
    champion = seen.champion
    if champion is None or champion.run_id not in seen.artifacts:
        return
    judged = str(seen.evaluations.get(champion.run_id, {}).get("artifact_sha256", champion.artifact_sha256))
    for what, found in (
        ("the champion's record", champion.artifact_sha256),
        ("its artifact", seen.artifacts[champion.run_id]),
    ):
        if found != judged:
            yield f"{champion.run_id} was judged by artifact {judged[:12]}, and {what} says {found[:12] or 'nothing'}"


def way_back_is_there(seen: Seen) -> Iterator[str]:
    """Nothing is deleted that the champion, or a way back, needs."""
    yield from seen.gone


def records_are_written_once(seen: Seen) -> Iterator[str]:
    for key, times in seen.versions.items():
        if times > 1:
            yield f"{key} was written or deleted {times} times"
