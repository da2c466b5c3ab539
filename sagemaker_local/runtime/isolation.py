"""A private /opt/ml for every programme, where the host allows it.

Programmes that follow the SageMaker toolkits look for their files under SAGEMAKER_BASE_DIR; many containers,
and the SageMaker SDK's own drivers, have /opt/ml written into them. A mount namespace serves both.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagemaker_local.runtime.hosts import host_addresses

log = logging.getLogger(__name__)

_LAUNCH = Path(__file__).with_name("launch.py")
_TMP = "/tmp"  # noqa: S108 - the path that programmes have written into them
_PROBE_SECONDS = 20
HOSTS = "SAGEMAKER_LOCAL_HOSTS"


@dataclass(frozen=True)
class Isolation:
    """Whether programmes get a private /opt/ml, /tmp and /etc/hosts; `reason` when they do not."""

    is_private: bool
    reason: str = ""

    def base_dir(self, opt_ml: Path) -> str:
        """Where the programme finds its /opt/ml."""
        return "/opt/ml" if self.is_private else str(opt_ml)

    def tmp_dir(self, work: Path) -> str:
        """Where the programme finds its temporary files."""
        return _TMP if self.is_private else str(work / "tmp")

    def word(self, word: str, opt_ml: Path) -> str:
        """A word of a command line; it may name /opt/ml although the programme has no private one."""
        return word if self.is_private else word.replace("/opt/ml/", f"{opt_ml}/")

    def hosts(self, opt_ml: Path) -> dict[str, str]:
        """Variables for a programme whose hosts' names do not resolve: HOSTS, their addresses as JSON."""
        addresses = {} if self.is_private else host_addresses(opt_ml)
        return {HOSTS: json.dumps(addresses)} if addresses else {}

    def command(
        self, opt_ml: Path, work: Path, argv: list[str], needed: Iterable[str], *, has_network: bool = True
    ) -> list[str]:
        """argv that starts `argv` in its private place; `needed` are paths that must stay visible."""
        mounts: dict[str, Any] | None = None
        if self.is_private:
            hosts = _hosts_file(opt_ml, work)
            keep = names_under_tmp([*argv, *needed])
            mounts = {"opt_ml": str(opt_ml), "tmp": str(work / "tmp"), "keep": keep, "hosts": hosts}
        options = json.dumps({"parent": os.getpid(), "mounts": mounts, "network": has_network})
        return [sys.executable, "-I", "-S", str(_LAUNCH), options, *argv]


def probe() -> Isolation:
    """Try it once with a programme that looks for its file in /opt/ml, and log what programmes will get."""
    with tempfile.TemporaryDirectory() as folder:
        work, opt_ml = Path(folder), Path(folder) / "ml"
        opt_ml.mkdir()
        (work / "tmp").mkdir()
        (opt_ml / "probe").touch()
        look = "import os, sys; sys.exit(not os.path.exists('/opt/ml/probe'))"
        argv = Isolation(True).command(opt_ml, work, [sys.executable, "-I", "-S", "-c", look], ())
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
            reason = (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = str(error)
    if reason:
        log.warning(
            "no private /opt/ml on this host (%s): programmes find their files by SAGEMAKER_BASE_DIR alone, "
            "those with /opt/ml written into them will not work",
            reason,
        )
        return Isolation(False, reason)
    log.info("programmes get a private /opt/ml, /tmp and /etc/hosts by a mount namespace")
    return Isolation(True)


def names_under_tmp(words: Iterable[str]) -> list[str]:
    """The entries of /tmp that hold these paths or what they link to: a private /tmp would hide them."""
    paths = [path for word in words for path in word.split(os.pathsep) if path.startswith("/")]
    places = {Path(path) for path in paths} | {Path(path).resolve() for path in paths}
    return sorted({path.parts[2] for path in places if path.parts[1:2] == ("tmp",) and len(path.parts) > 2})


def _hosts_file(opt_ml: Path, work: Path) -> str | None:
    """The host's /etc/hosts plus the hosts of resourceconfig.json: toolkits resolve them."""
    addresses = host_addresses(opt_ml)
    try:
        known = Path("/etc/hosts").read_text()
    except OSError:
        return None
    if not addresses:
        return None
    file = work / "hosts"
    file.write_text(known + "".join(f"\n{address} {name}" for name, address in addresses.items()) + "\n")
    return str(file)
