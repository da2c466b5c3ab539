"""A private /opt/ml for every program, where the host allows it.

Programs that follow the SageMaker toolkits look for their files under SAGEMAKER_BASE_DIR; many containers,
and the SageMaker SDK's own drivers, have /opt/ml written into them. A mount namespace serves both.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sagemaker_local.runtime.free_port import free_port
from sagemaker_local.runtime.hosts import host_addresses
from sagemaker_local.runtime.own_ports import SERVING_PORT, OwnPorts
from sagemaker_local.runtime.port_key import can_lock

log = logging.getLogger(__name__)

_LAUNCH = Path(__file__).with_name("launch.py")
_TMP = "/tmp"  # noqa: S108 - the path that programs have written into them
_PROBE_SECONDS = 20
HOSTS = "SAGEMAKER_LOCAL_HOSTS"


@dataclass(frozen=True)
class Isolation:
    """Whether programs get a private /opt/ml, /tmp, /etc/hosts and image; `reason` when they do not.

    has_own_ports: whether servers have ports of their own (own_ports.py), or are told one by SAGEMAKER_BIND_TO_PORT.
    has_keys: whether those ports take a key (port_key.py).
    """

    is_private: bool
    reason: str = ""
    has_own_ports: bool = False
    has_keys: bool = False

    def base_dir(self, opt_ml: Path) -> str:
        """Where the program finds its /opt/ml."""
        return "/opt/ml" if self.is_private else str(opt_ml)

    def tmp_dir(self, work: Path) -> str:
        """Where the program finds its temporary files."""
        return _TMP if self.is_private else str(work / "tmp")

    def word(self, word: str, opt_ml: Path) -> str:
        """A word of a command line; it may name /opt/ml although the program has no private one."""
        return word if self.is_private else word.replace("/opt/ml/", f"{opt_ml}/")

    def hosts(self, opt_ml: Path) -> dict[str, str]:
        """Variables for a program whose hosts' names do not resolve: HOSTS, their addresses as JSON."""
        addresses = {} if self.is_private else host_addresses(opt_ml)
        return {HOSTS: json.dumps(addresses)} if addresses else {}

    def command(self, opt_ml: Path, work: Path, argv: list[str], place: Place) -> list[str]:
        """argv that starts `argv` in its private place."""
        mounts: dict[str, Any] | None = None
        if self.is_private:
            keep = names_under_tmp([*argv, *place.needed])
            mounts = {"opt_ml": str(opt_ml), "tmp": str(work / "tmp"), "keep": keep}
            mounts |= {"hosts": _hosts_file(opt_ml, work), "scratch": str(work / "changes")}
            mounts["folders"] = [[source, target] for target, source in place.folders.items()]
        # shared with others where nothing is private: a program must not leave its files there
        cwd = (place.cwd or _TMP) if self.is_private else str(work / "tmp")
        options: dict[str, Any] = {"parent": os.getpid(), "mounts": mounts, "network": place.has_network}
        options |= {"cwd": cwd, "ports": place.ports}
        return [sys.executable, "-I", "-S", str(_LAUNCH), json.dumps(options), *argv]


@dataclass(frozen=True)
class Place:
    """What a program finds around it.

    needed: paths that must stay visible. folders: of the image, by where it sees them. ports: the descriptor that its
    notices of bind and connect go through. cwd: its WORKDIR, "" for its private /tmp.
    """

    needed: tuple[str, ...] = ()
    folders: Mapping[str, str] = field(default_factory=dict)
    cwd: str = ""
    ports: int | None = None
    has_network: bool = True


def probe() -> Isolation:
    """What this host allows, tried out once."""
    has_own_ports = _probe_ports()
    return replace(_probe_place(), has_own_ports=has_own_ports, has_keys=has_own_ports and _probe_keys())


def _probe_keys() -> bool:
    if can_lock():
        return True
    log.warning(
        "ports of models take no key on this host (its kernel has no TCP_MD5SIG): pages and other users reach them"
    )
    return False


def _probe_ports() -> bool:
    """Have a program listen on 8080 and find it on another port."""
    listen = "import socket; socket.create_server(('127.0.0.1', 8080)); print('listens', flush=True)"
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "tmp").mkdir()
        ports = OwnPorts(free_port(set()), lambda: free_port(set()))
        place = Place(ports=ports.theirs.fileno())
        argv = Isolation(False).command(work, work, [sys.executable, "-I", "-S", "-c", listen], place)
        try:
            with subprocess.Popen(
                argv, pass_fds=[ports.theirs.fileno()], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            ) as program:
                ports.start()
                _, said = program.communicate(timeout=_PROBE_SECONDS)
            reason = said.decode(errors="replace").strip() or f"exit code {program.returncode}"
            if program.returncode == 0 and ports.bound == [SERVING_PORT]:
                return True
        except (OSError, KeyError, subprocess.TimeoutExpired) as error:
            reason = str(error)
        finally:
            ports.close()
    log.warning(
        "servers have no ports of their own on this host (%s): they must listen on SAGEMAKER_BIND_TO_PORT, "
        "those with 8080 written into them will not pass their health check",
        reason,
    )
    return False


def _probe_place() -> Isolation:
    """Try it once with a program that looks for its file in /opt/ml, and log what programs will get."""
    with tempfile.TemporaryDirectory() as folder:
        work, opt_ml = Path(folder), Path(folder) / "ml"
        opt_ml.mkdir()
        (work / "tmp").mkdir()
        (opt_ml / "probe").touch()
        look = "import os, sys; sys.exit(not os.path.exists('/opt/ml/probe'))"
        argv = Isolation(True).command(opt_ml, work, [sys.executable, "-I", "-S", "-c", look], Place())
        try:
            done = subprocess.run(argv, capture_output=True, text=True, timeout=_PROBE_SECONDS, check=False)
            reason = (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""
        except (OSError, subprocess.TimeoutExpired) as error:
            reason = str(error)
    if reason:
        log.warning(
            "no private /opt/ml on this host (%s): programs find their files by SAGEMAKER_BASE_DIR alone, "
            "those with /opt/ml written into them will not work",
            reason,
        )
        return Isolation(False, reason)
    log.info("programs get a private /opt/ml, /tmp and /etc/hosts by a mount namespace")
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
