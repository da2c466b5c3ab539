"""Who may ask MiniStack, and as whom its functions ask it.

MiniStack takes the keys test/test, any account number and its own as root without looking at the signature, computes
the keys of functions from their names, shares every answer with every page, and lets anybody erase it. Here the guard
stands before it, and the keys of functions are sessions of the stack's own pair.
"""

from __future__ import annotations

import os
from typing import Any

from cli.stack.ministack_pin import taking
from sagemaker_local.access.guard import App, Guard, Rules
from sagemaker_local.access.keys import Keys, Session, session_of

READY = "/_ministack/ready"
OWN = "/_switchyard/"
ADVICE = 'Take the stack\'s own: eval "$(switchyard env)".'


def guarded(app: App, pair: Keys) -> App:
    """MiniStack for holders of the pair, of a session of it, and of keys that MiniStack's own IAM and STS made."""
    from ministack.core import iam_evaluator
    from ministack.services import sts

    is_root = taking(iam_evaluator, "is_root_access_key", "access_key_id")
    resolve = taking(iam_evaluator, "resolve_credential", "access_key_id", "account_id", "session_token")
    taking(sts, "register_session", "access_key", "session")
    os.environ.update(
        pair.environment()
    )  # the keys that it lets do everything; functions get their own instead

    def others(access_key_id: str, token: str) -> str | None:
        found = None if is_root(access_key_id) else resolve(access_key_id, session_token=token)
        secret: str | None = getattr(found, "secret_access_key", None)
        return secret

    def met(session: Session) -> None:
        if session.keys.access_key_id not in sts._sessions:
            sts.register_session(session.keys.access_key_id, record(session))

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
