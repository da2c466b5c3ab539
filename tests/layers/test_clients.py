"""A function makes the clients that an event asks something of, and no other.

Whether what is asked is also allowed is said by tests/contract/test_permissions.py: so a client that is made is one
of a service that the function's role grants.
"""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from botocore.session import Session

from benchmarks.lambda_start.cold import JOINED
from benchmarks.lambda_start.stage import granted
from switchyard.runtime import clients
from tests.contract.aws import environment_of
from tests.contract.cloudformation import ROOT, function_of

HANDLERS = sorted(path.parent.name for path in (ROOT / "functions").glob("*/handler.py"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Services of the clients that were made."""
    found: list[str] = []

    def create(_: Session, service: str, **__: object) -> str:
        found.append(service)
        return service

    forget()
    monkeypatch.setattr(Session, "create_client", create)
    yield found
    forget()


def forget() -> None:
    """What other tests made here, with other settings, and what this one did."""
    for name, module in [*sys.modules.items()]:
        for each in vars(module).values() if name.startswith("switchyard.runtime") else ():
            if hasattr(each, "cache_clear"):
                each.cache_clear()


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"start_of_{path.parent.name}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_start_makes_no_client(handler: str, made: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environment_of(function_of(handler)).items():
        monkeypatch.setenv(name, value)
    module = loaded(ROOT / f"functions/{handler}/handler.py")
    for each in vars(module).values():
        if getattr(each, "__module__", "").startswith(JOINED):
            each()
    assert made == []


def test_a_client_is_made_once_when_it_is_first_asked(made: list[str]) -> None:
    first, second = clients.client("s3"), clients.client("s3")
    assert made == []
    assert first.upper() == second.upper() == "S3"
    assert made == ["s3"]


def test_what_a_role_grants_is_named_as_botocore_does() -> None:
    assert "sagemaker-runtime" in granted(function_of("score_chunk"))
    assert {"stepfunctions", "dynamodb", "s3", "sagemaker"} <= set(granted(function_of("settle_run")))
    assert "states" not in granted(function_of("settle_run"))
