"""Keys of a local stack: one random pair, and session keys of roles that its holder derives from it.

A session's token says whose it is; its id and secret follow from token and pair. Whoever holds the pair can therefore
hand out and check session keys without asking anybody, and they outlive every restart.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import stat
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PREFIX, SESSION_PREFIX = (
    "LOCALKEY",
    "LOCALROLE",
)  # AWS's begin with AKIA and ASIA: neither passes for the other
ID_LENGTH = 20
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


class KeysError(ValueError):
    """The keys cannot be used; the text says what was found and what to do."""


@dataclass(frozen=True)
class Keys:
    """What a client signs with; `token` is empty unless they are those of a session."""

    access_key_id: str
    secret_access_key: str
    token: str = ""

    def __repr__(self) -> str:
        return f"Keys({self.access_key_id})"

    def environment(self) -> dict[str, str]:
        """The variables by which AWS's clients find them."""
        token = {"AWS_SESSION_TOKEN": self.token} if self.token else {}
        pair = {"AWS_ACCESS_KEY_ID": self.access_key_id, "AWS_SECRET_ACCESS_KEY": self.secret_access_key}
        return pair | token


@dataclass(frozen=True)
class Session:
    """The keys of a role, and the names under which they were given out."""

    role_arn: str
    name: str
    keys: Keys


def new_pair() -> Keys:
    """A random pair, recognisable as one of a local stack."""
    number = "".join(secrets.choice(LETTERS) for _ in range(ID_LENGTH - len(PREFIX)))
    return Keys(PREFIX + number, secrets.token_urlsafe(30))


def session_of(pair: Keys, role_arn: str, name: str) -> Session:
    """The session keys of a role; the same for the same names."""
    told = json.dumps([role_arn, name], separators=(",", ":"))
    return _session(pair, base64.urlsafe_b64encode(told.encode()).decode())


def session_by_token(pair: Keys, access_key_id: str, token: str) -> Session | None:
    """The session that this id and token belong to; None when the pair's holder never gave them out."""
    try:
        session = _session(pair, token)
    except (ValueError, TypeError, RecursionError):
        return None
    return session if hmac.compare_digest(session.keys.access_key_id, access_key_id) else None


@lru_cache(maxsize=1024)  # every request of a role asks for it
def _session(pair: Keys, token: str) -> Session:
    role_arn, name = json.loads(base64.b64decode(token, altchars=b"-_", validate=True))
    number = base64.b32encode(_derived(pair, "id", token)).decode()[: ID_LENGTH - len(SESSION_PREFIX)]
    secret = base64.urlsafe_b64encode(_derived(pair, "secret", token)).decode().rstrip("=")
    return Session(str(role_arn), str(name), Keys(SESSION_PREFIX + number, secret, token))


def _derived(pair: Keys, purpose: str, token: str) -> bytes:
    return hmac.digest(pair.secret_access_key.encode(), f"{purpose}\n{token}".encode(), hashlib.sha256)


def read_keys(path: Path) -> Keys:
    """The pair in a file `{"AccessKeyId", "SecretAccessKey"}` that its owner alone may read. Raises KeysError."""
    try:
        mode, content = path.stat().st_mode, json.loads(path.read_text())
        keys = Keys(str(content["AccessKeyId"]), str(content["SecretAccessKey"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        text = f"No keys can be read from {path} ({type(error).__name__}: {error})."
        raise KeysError(f"{text} Where there is no such file, new ones are made.") from error
    if not keys.access_key_id.startswith(PREFIX) or not keys.secret_access_key:
        raise KeysError(
            f"{path} holds no keys of a local stack ({PREFIX}...). Real keys are never taken; remove it."
        )
    if stat.S_IMODE(mode) & 0o077:
        raise KeysError(f"Others may read {path}. Make it private: chmod 600 {path}")
    return keys


def read_or_make_keys(path: Path) -> Keys:
    """The pair in the file, which is made when it is not there. Raises KeysError."""
    if not path.exists():
        _write(path, new_pair())
    return read_keys(path)


def _write(path: Path, keys: Keys) -> None:
    """Whole or not at all; whoever is second keeps what the first wrote."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump({"AccessKeyId": keys.access_key_id, "SecretAccessKey": keys.secret_access_key}, file)
        os.link(draft, path)
    except FileExistsError:
        pass
    except OSError as error:
        raise KeysError(f"No keys can be written to {path}: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)
