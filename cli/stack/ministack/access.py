"""Who may ask MiniStack, and as whom its functions ask it.

MiniStack takes the keys test/test, any account number and its own as root without looking at the signature, computes
the keys of functions from their names, shares every answer with every page, and lets anybody erase it. Here the guard
stands before it, and the keys of functions are sessions of the stack's own pair.
"""

from __future__ import annotations

import os
from typing import Any

from cli.stack.ministack.pin import taking
from cli.stack.model_roles import own_role
from sagemaker_local.access.guard import App, Guard, Rules
from sagemaker_local.access.keys import Keys, Session, session_of

READY = "/_ministack/ready"
OWN = "/_switchyard/"
ADVICE = 'Take the stack\'s own: eval "$(switchyard env)".'


def guarded(app: App, pair: Keys) -> App:
    """MiniStack for holders of the pair, of a session of it, and of keys that MiniStack's own IAM and STS made."""
    from ministack.core import iam_evaluator
    from ministack.services import iam, sts

    is_root = taking(iam_evaluator, "is_root_access_key", "access_key_id")
    resolve = taking(iam_evaluator, "resolve_credential", "access_key_id", "account_id", "session_token")
    taking(sts, "register_session", "access_key", "session")
    taking(iam, "_create_role", "p")
    taking(iam, "_put_role_policy", "p")
    made: set[str] = set()
    # The keys that it lets do everything; functions get their own instead.
    os.environ.update(pair.environment())

    def others(access_key_id: str, token: str) -> str | None:
        found = None if is_root(access_key_id) else resolve(access_key_id, session_token=token)
        secret: str | None = getattr(found, "secret_access_key", None)
        return secret

    def met(session: Session) -> None:
        if session.keys.access_key_id not in sts._sessions:
            sts.register_session(session.keys.access_key_id, record(session))
        if session.role_arn not in made:
            make_own_role(iam, session.role_arn)
            made.add(session.role_arn)

    rules = Rules(
        keys=pair,
        unsigned=frozenset({READY}),
        owners=(OWN,),
        closed=("/_ministack/", "/_localstack/"),
        advice=ADVICE,
        others=others,
        met=met,
    )
    return Guard(app, rules)


def make_own_role(iam: Any, arn: str) -> None:
    """A role of model-roles.yaml, as the file is now, when it is taken on: on AWS somebody has deployed it."""
    if (found := own_role(arn, os.environ.get("MINISTACK_REGION", "us-east-1"))) is None:
        return
    name, (trust, policies) = arn.rpartition("/")[2], found
    iam._create_role({"RoleName": name, "Path": "/switchyard/", "AssumeRolePolicyDocument": trust})
    for policy, document in policies.items():
        iam._put_role_policy({"RoleName": name, "PolicyName": policy, "PolicyDocument": document})


def record(session: Session) -> dict[str, str]:
    """The session as MiniStack keeps it."""
    account, role = session.role_arn.split(":")[4], session.role_arn.rsplit("/", 1)[-1]
    return {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role}/{session.name}",
        "UserId": f"{role}:{session.name}",
        "SecretAccessKey": session.keys.secret_access_key,
        "SessionToken": session.keys.token,
    }


def give_functions_sessions(lambda_runtime: Any, lambda_svc: Any, pair: Keys) -> None:
    """A function asks as its role. MiniStack's own keys for it can be computed by whoever knows both their names."""
    taking(lambda_runtime, "execution_credentials", "config")
    taking(lambda_svc, "execution_credentials", "config")

    def credentials(config: dict[str, Any]) -> dict[str, str]:
        return session_of(pair, config["Role"], config["FunctionName"][:64]).keys.environment()

    lambda_runtime.execution_credentials = lambda_svc.execution_credentials = credentials
