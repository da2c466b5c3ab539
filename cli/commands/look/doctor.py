"""`switchyard doctor`: is an account ready, and does a stack work?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Annotated

import boto3
import typer
from rich.markup import escape

from cli.commands.options import AsJson, Profile, Region, StackName, connect
from cli.display import console, print_json, reporting
from cli.doctor import account_checks, role_checks, stack_checks
from cli.doctor.check import Check, Health, run_checks
from cli.doctor.deployment import load
from cli.doctor.smoke import arrival
from cli.stack.deployment import stack_name

MARKS = {Health.OK: "[green]✓[/]", Health.WARNING: "[yellow]![/]", Health.BROKEN: "[red]✗[/]"}


@reporting
def doctor(
    stack: StackName = "",
    profile: Profile = "",
    region: Region = "",
    before: Annotated[
        bool, typer.Option("--before", help="Before a first deployment: credentials, region, quotas.")
    ] = False,
    instance_type: Annotated[
        str, typer.Option(help="With --before: what models will run on.")
    ] = "ml.m5.large",
    smoke: Annotated[bool, typer.Option(help="Put an object and expect it in the ledger.")] = True,
    as_json: AsJson = False,
) -> None:
    """Check a deployed stack, or an account before a deployment.

    Each line says what to do. Exit code 1 if broken.
    """
    checks = _before(profile, region, instance_type) if before else _after(stack, profile, region, smoke)
    found = []
    for check in checks:
        found.append(check)
        _show(check)
    if as_json:
        print_json({"checks": [asdict(each) for each in found]})
    if any(each.health is Health.BROKEN for each in found):
        raise typer.Exit(1)


def _before(profile: str, region: str, instance_type: str) -> Iterator[Check]:
    session = boto3.Session(profile_name=profile or None, region_name=region or None)
    checks = (*account_checks.CHECKS, ("roles", role_checks.deploying))
    return run_checks(account_checks.Account(session, instance_type), checks)


def _after(name: str, profile: str, region: str, smoke: bool) -> Iterator[Check]:
    access = connect(name, profile, region, may_change=smoke)
    deployment = load(access, name or stack_name(), is_local=not name)
    on_aws = (*stack_checks.ON_AWS, ("roles", role_checks.passing))
    checks = on_aws if name else stack_checks.CHECKS
    yield from run_checks(deployment, checks)
    if smoke:
        yield from run_checks(deployment, [("a drop arrives", arrival)])


def _show(check: Check) -> None:
    console.print(
        f"{MARKS[check.health]} {escape(check.title)}: {escape(check.found)}", soft_wrap=True, markup=True
    )
    if check.next_step:
        console.print(f"  [bold]Next:[/] {escape(check.next_step)}", soft_wrap=True, markup=True)
