"""One example a command, as its help shows it."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "demo": "switchyard demo",
    "demo-all": "switchyard demo-all --only serverless",
    "init": "switchyard init churn.csv --target left --upload",
    "try": "switchyard try churn.csv --target left",
    "send": "switchyard send churn.csv",
    "up": "switchyard up",
    "status": "switchyard status --json",
    "run": "switchyard run churn --dataset week-2.csv",
    "runs": "switchyard runs --model churn --last 5",
    "show": "switchyard show churn",
    "why": "switchyard why churn",
    "contract": "switchyard contract churn",
    "holdout": "switchyard holdout churn",
    "report": "switchyard report churn",
    "logs": "switchyard logs churn",
    "watch": "switchyard watch churn",
    "console": "switchyard console --open",
    "approve": 'switchyard approve churn --reason "figures checked"',
    "reject": 'switchyard reject churn --reason "trained on last year"',
    "hold": 'switchyard hold churn --reason "change freeze until Monday"',
    "resume": 'switchyard resume churn --reason "the freeze is over"',
    "step": 'switchyard step churn --reason "watched at 10 % for a day"',
    "promote": 'switchyard promote churn --reason "the old model uses a wrong price"',
    "abort": 'switchyard abort churn --reason "errors since 02:10"',
    "retry": 'switchyard retry churn --reason "the quota was raised"',
    "rollback": 'switchyard rollback churn --reason "wrong prices since yesterday"',
    "sweep": "switchyard sweep --dry-run",
    "check": "switchyard check",
    "drill": "switchyard drill broken churn",
    "doctor": "switchyard doctor --stack switchyard",
    "env": 'eval "$(switchyard env)"',
    "down": "switchyard down --purge",
    "validate": "switchyard validate pipeline.yaml",
    "evaluate": "switchyard evaluate scores.csv --problem binary",
    "plan": "switchyard plan pipeline.yaml --requests-per-minute 3000",
    "simulate": "switchyard simulate --champion 0.01 --challenger 0.03 --runs 50",
    "image push": "switchyard image push --account 111122223333 --region eu-central-1",
    "replay": "switchyard replay --evidence blocks.jsonl --policy pipeline.yaml",
}


def example(command: str) -> str:
    """The last line of the command's help."""
    return f"Example: {EXAMPLES[command]}"
