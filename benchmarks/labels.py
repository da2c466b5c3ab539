"""A million captured requests and a million labels, joined on this machine: `python -m benchmarks.labels [count]`.

The very join of ScoreLabels on a folder instead of a bucket: capture files as SageMaker writes them, label files as
people drop them, one label in a hundred twice, one in sixty late, one in fifty never.
"""

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.checks import Check
from benchmarks.memory import peak_megabytes
from switchyard.core.resources.captured import decided, read_prediction
from switchyard.labels.join import Arrived, Join, Prediction
from switchyard.labels.rules.label_line import read_label
from switchyard.labels.rules.maturity import mature_blocks

START = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
HOUR, AGE, FILES = 3600.0, 86_400.0, 60
GOAL_SECONDS, GOAL_MEGABYTES = 60.0, 512


def write(folder: Path, count: int) -> None:
    """Capture and label files of one hour; every tenth answer is wrong, every fifth request is the challenger's."""
    for index in range(FILES):
        rows = range(index, count, FILES)
        (folder / f"capture-{index}").write_text("".join(_captured(row, count) for row in rows))
        (folder / f"labels-{index}").write_text("".join(_labelled(row) for row in rows if row % 50))


def _captured(row: int, count: int) -> str:
    at = datetime.fromtimestamp(START + row * HOUR / count, UTC)
    payload = {
        "observedContentType": "text/csv",
        "mode": "INPUT",
        "data": ",".join(["0.123456"] * 16),
        "encoding": "CSV",
    }
    answer = payload | {"mode": "OUTPUT", "data": "0.93" if row % 10 else "0.07"}
    about = {
        "eventId": f"e-{row}",
        "inferenceId": f"request-{row:09d}",
        "inferenceTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
    }
    record = {"captureData": {"endpointInput": payload, "endpointOutput": answer}, "eventMetadata": about}
    return json.dumps({**record, "eventVersion": "0"}) + "\n"


def _labelled(row: int) -> str:
    line = json.dumps({"inferenceId": f"request-{row:09d}", "label": 1}) + "\n"
    return line * 2 if row % 100 == 1 else line


def predictions(folder: Path) -> Iterator[Prediction]:
    for index in range(FILES):
        with (folder / f"capture-{index}").open() as lines:
            for number, line in enumerate(lines):
                found = read_prediction(line)
                assert found is not None
                yield Prediction(found, (number * FILES + index) % 5 == 0, 0, decided(found.answer, True))


def labels(folder: Path) -> Iterator[Arrived]:
    for index in range(FILES):
        late = AGE * 2 if index == 7 else 0.0
        with (folder / f"labels-{index}").open() as lines:
            for line in lines:
                label = read_label(line)
                yield Arrived(label.identity, float(label.value), START + HOUR + late)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, count)
        before = peak_megabytes()
        began = time.process_time()
        served = Join(AGE).served(predictions(folder), labels(folder))
        blocks = mature_blocks("label_error", served, START + HOUR + AGE, AGE, 60.0)
        seconds = time.process_time() - began
    peak = peak_megabytes()
    own = [block for block in blocks if block.metric == "label_error"]
    labelled, lost = sum(b.n0 + b.n1 for b in own), sum(b.s0 + b.s1 for b in own)
    print(f"{count:,} requests, {labelled:,.0f} with a label in time, {lost:,.0f} wrong, {len(own)} blocks")
    print(f"{seconds:.1f} s of CPU, peak memory {peak:.0f} MB ({before:.0f} MB before)")
    checks = [
        Check("CPU seconds for a million", seconds * 1_000_000 / count, at_most=GOAL_SECONDS),
        Check("peak memory in MB", peak, at_most=GOAL_MEGABYTES),
    ]
    for each in checks:
        print(f"{'ok' if each.passed else 'MISSED'}: {each.name} {each.value:.0f} ({each.limit})")
    sys.exit(not all(each.passed for each in checks))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
