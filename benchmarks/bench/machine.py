"""What the figures were measured on: the machine, the interpreters, and the versions of all that is compared."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COMPARED = {
    "container": ("xgboost-cpu", "lignum"),
    "peers": (
        "pandas", "scikit-learn", "flask", "gunicorn", "gevent", "fastapi", "uvicorn", "mlserver", "bentoml",
        "xgboost-cpu",
    ),
    "dev": ("boto3", "botocore", "duckdb", "isal", "aws-lambda-powertools"),
}  # fmt: skip
_ASK = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
def known(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return None
found = {name: known(name) for name in sys.argv[1:]}
print(json.dumps({"python": sys.version.split()[0], **{name: each for name, each in found.items() if each}}))
"""


def about() -> dict[str, Any]:
    """The head of the results; environments that are not built are left out."""
    told: dict[str, Any] = {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "commit": _said("git", "rev-parse", "--short=12", "HEAD"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "tools": {name: text for name in ("nginx", "wrk") if (text := _tool(name))},
    }
    return told | {place: found for place in _places() if (found := versions(place))}


def _places() -> list[str]:
    return [f"{name}{more}" for name in COMPARED for more in ("", "-3.12")]


def versions(place: str) -> dict[str, str]:
    """Of the packages that count in .venvs/<place>, and its Python's; {} where it is not built."""
    python = ROOT / ".venvs" / place / "bin/python"
    if not python.exists():
        return {}
    told = _said(str(python), "-c", _ASK, *COMPARED[place.removesuffix("-3.12")])
    return dict(json.loads(told))


def _tool(name: str) -> str:
    """The version that it prints, on whichever of its outputs."""
    path = shutil.which(name, path="/usr/sbin:/usr/bin:/usr/local/bin")
    if path is None:
        return ""
    done = subprocess.run([path, "-v"], capture_output=True, text=True, check=False)
    words = (done.stdout + done.stderr).replace("/", " ").split()
    return next((word for word in words if word[:1].isdigit()), "")


def _said(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else "unknown"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
