"""The scripts of `evaluation.program` that people are shown: that in the documentation, and that of the example."""

import re
import subprocess
import sys
from pathlib import Path

from tests import patience

ROOT = Path(__file__).resolve().parents[2]


def shown_script() -> str:
    """The script that docs/pipeline.md shows."""
    page = (ROOT / "docs/pipeline.md").read_text()
    [shown] = re.findall(r"```python\n(.*?)```", page[page.index("### Your own loss") :], re.DOTALL)
    return str(shown)


def losses(script: Path, rows: str, folder: Path) -> dict[str, list[float]]:
    """By model, what the script makes of the same rows."""
    answers, written = folder / "answers", folder / "losses"
    for model in ("champion", "challenger"):
        (answers / model).mkdir(parents=True)
        (answers / model / "chunk-0.csv").write_text(rows)
    asked = [sys.executable, str(script), "--input", str(answers), "--output", str(written)]
    subprocess.run(asked, check=True, timeout=patience.SECONDS)
    return {path.parent.name: list(map(float, path.read_text().split())) for path in written.rglob("*.csv")}


def test_the_script_in_the_documentation_writes_a_loss_a_row(tmp_path: Path) -> None:
    script = tmp_path / "loss.py"
    script.write_text(shown_script())
    found = losses(script, "days,prediction\n3,2.5\n1,4\n", tmp_path)
    assert found == {"champion": [0.5, 0.0], "challenger": [0.5, 0.0]}


def test_the_example_counts_a_fraud_that_passes_by_its_amount(tmp_path: Path) -> None:
    rows = "amount,fraud,prediction\n700,1,0.1\n700,1,0.9\n20,0,0.9\n20,0,0.1\n"
    found = losses(ROOT / "examples/own-loss/code/loss.py", rows, tmp_path)
    assert found["challenger"] == [700.0, 0.0, 5.0, 0.0]
