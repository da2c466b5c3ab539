"""The command line: commands by what people want of them; each is a file in cli/commands."""

from __future__ import annotations

from collections.abc import Mapping

import typer

from cli.listed import Listed, group_of

GROUPS: Mapping[str, tuple[Listed, ...]] = {
    "Begin": (
        Listed(
            "demo", "local.demo", "Watch four datasets arrive: two promoted, one rejected, one rolled back."
        ),
        Listed(
            "try",
            "start.trial",
            "Take a file of yours through everything on the local stack.",
            function="trial",
        ),
        Listed("init", "start.init", "Look at a file and write its pipeline.yaml."),
        Listed(
            "send", "start.send", "Send live requests to a model on the local stack, until you press Ctrl-C."
        ),
        Listed("demo-all", "local.demo_all", "Play every way to train, evaluate, deploy and trigger."),
    ),
    "See": (
        Listed(
            "console",
            "look.console",
            "Serve web pages that show models and runs as they go, and act on them.",
        ),
        Listed("runs", "look.runs", "List uploads and runs, newest last: state, reason, run id, cost."),
        Listed("show", "look.show", "Show one run: data, gate, rollout, traffic over time, cost."),
        Listed("why", "look.why", "Say why a run ended as it did, and what would have changed it."),
        Listed("watch", "look.watch", "Follow a run, a batch drop or a rollback by hand until it ends."),
        Listed("report", "look.report", "Write the report of a run as one HTML file."),
        Listed("logs", "look.logs", "Print the logs of a run, or of a model's servers, oldest first."),
        Listed("contract", "look.contract", "Show a model's columns with their kinds, and its classes."),
        Listed("holdout", "look.contract", "Show the frozen rows that judge every model of this name."),
    ),
    "Steer": (
        Listed("run", "steer.run", "Retrain a model now, on the newest data or on data that you name."),
        Listed(
            "approve", "steer.approve", "Let a model that waits for a person's approval go on to its rollout."
        ),
        Listed("reject", "steer.reject", "Refuse a model that waits for a person's approval."),
        Listed("hold", "steer.hold", "Keep a rollout at its step: no step up and no promotion."),
        Listed("resume", "steer.resume", "Let a rollout go on by its evidence alone again."),
        Listed("step", "steer.step", "Take a rollout one declared step up now."),
        Listed(
            "promote",
            "steer.promote",
            "Give the challenger all traffic now, as an override on record with your reason.",
        ),
        Listed("abort", "steer.abort", "Stop a run."),
        Listed("retry", "steer.retry", "Run the dataset of an ended run again, with today's pipeline.yaml."),
        Listed(
            "rollback", "steer.rollback", "Make a former champion the champion again and give it all traffic."
        ),
    ),
    "Before a run": (
        Listed("validate", "decide.validate", "Check files as admission does, without data or a stack."),
        Listed("plan", "decide.plan", "Say what a run would take: time, requests exposed, money."),
        Listed(
            "evaluate",
            "decide.evaluate",
            "Judge two models offline by the scores that both gave the same rows.",
        ),
        Listed(
            "simulate", "decide.simulate", "Judge many rollouts with a known truth, and count false verdicts."
        ),
        Listed("replay", "decide.replay", "Judge recorded rollouts with the rule that decides live ones."),
    ),
    "The local stack": (
        Listed("up", "local.up", "Start what does not run, deploy what changed, recover from what was lost."),
        Listed("status", "local.status", "Show what runs, what is deployed, and the endpoints."),
        Listed("env", "local.env", "Print export lines for the AWS CLI, boto3 and the SageMaker SDK."),
        Listed("down", "local.down", "Stop the local stack; it goes on where it was with `switchyard up`."),
        Listed("drill", "local.drill", "Put a bad challenger beside a champion, and see it taken back."),
    ),
    "Look after a stack": (
        Listed("doctor", "look.doctor", "Check a deployed stack, or an account before a deployment."),
        Listed("check", "look.check", "Check what must hold of ledger, endpoints, storage and records."),
        Listed("sweep", "steer.sweep", "Find and repair what lost events left behind."),
        Listed("image", "steer.image", "Bring an image of this repository to AWS."),
    ),
}

app = typer.Typer(
    cls=group_of(GROUPS),
    name="switchyard",
    help="Drop data into a bucket. Either a better model is live, or you know exactly why not.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)


@app.callback()
def switchyard() -> None:
    """Makes a group of an app that knows its commands by name alone."""


if __name__ == "__main__":
    app()
