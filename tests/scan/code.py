"""bandit on what ships and what runs here: what is of medium weight or more has its reason on its line.

The reasons are ruff's, which has bandit's rules under S instead of B: `# noqa: S108 - why`.
"""

import re
from typing import Any

from tests.scan.figure import Figure
from tests.scan.tools import ROOT, report

FOLDERS = ("functions", "cli", "sagemaker_local", "container", "benchmarks")


def scan() -> Figure:
    found = report("bandit", "--quiet", "--recursive", "--format", "json", *FOLDERS)["results"]
    heavy = [each for each in found if each["issue_severity"] != "LOW"]
    missed = [
        f"{each['filename']}:{each['line_number']} {each['test_id']}: {each['issue_text']}"
        for each in heavy
        if not reasoned(each)
    ]
    told = f"{len(heavy)} of medium weight or more, {len(heavy) - len(missed)} with a reason"
    return Figure("code", told, "0 without a reason in place", missed)


def reasoned(finding: dict[str, Any]) -> bool:
    lines = (ROOT / finding["filename"]).read_text(encoding="utf-8").splitlines()
    numbers = finding["line_range"]
    rule = finding["test_id"].replace("B", "S")
    reason = re.compile(rf"# noqa: (?:\w+, )*{rule}\b.* - \w")
    return any(reason.search(line) for line in lines[min(numbers) - 1 : max(numbers) + 1])
