"""The two services of the local stack: how each is started, and how one knows that it is ready."""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from cli.stack.children import Child, start
from cli.stack.errors import StackError
from cli.stack.home import REPOSITORY, Home, environment_python
from cli.stack.loopback import HOST, REGION

CLEAN_STOP = "clean-stop"  # cli/stack/ministack/launcher.py leaves it when it has saved everything
READY_SECONDS = 60.0
FAIR = "fair"
MARK = "SWITCHYARD_SERVICE"  # a service's folder, in its environment and in that of all it starts


@dataclass(frozen=True)
class Ports:
    ministack: int
    plane: int

    @property
    def ministack_url(self) -> str:
        return f"http://{HOST}:{self.ministack}"

    @property
    def plane_url(self) -> str:
        return f"http://{HOST}:{self.plane}"


@dataclass(frozen=True)
class Service:
    """name: of its log and its record; stop_seconds: how long it may take to end well."""

    name: str
    title: str
    command: Sequence[str]
    environment: Mapping[str, str]
    health_url: str
    stop_seconds: float

    def is_served_by(self, child: Child) -> bool:
        """The process runs, it is the one that listens, and it answers."""
        return child.listens_on(urlsplit(self.health_url).port or 0) and is_healthy(self.health_url)


def services(home: Home, ports: Ports, weather: str = FAIR) -> tuple[Service, Service]:
    """MiniStack and the local SageMaker, in the order in which they start."""
    return _ministack(home, ports), _plane(home, ports, weather)


def _ministack(home: Home, ports: Ports) -> Service:
    folder = home.ministack
    settings = {
        "BIND_HOST": HOST,
        "MINISTACK_HOST": HOST,
        "GATEWAY_PORT": str(ports.ministack),
        "AUTH": "true",
        "LAMBDA_EXECUTOR": "local",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "AWS_ENDPOINT_URL_SAGEMAKER": ports.plane_url,
        "AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME": ports.plane_url,
        "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": ports.plane_url,
    }
    command = [str(environment_python("ministack")), "-m", "cli.stack.ministack.launcher"]
    return Service(
        "ministack",
        "MiniStack (the local AWS)",
        [*command, "--port", str(ports.ministack), "--keys-file", str(home.keys_file)],
        {**_bare_environment("ministack", folder), **settings},
        f"{ports.ministack_url}/_ministack/ready",
        120.0,  # after thousands of executions it saves for half a minute, and what is cut off is lost
    )


def _plane(home: Home, ports: Ports, weather: str) -> Service:
    own = {name: value for name, value in os.environ.items() if name.startswith("SAGEMAKER_LOCAL_")}
    settings = {
        "SAGEMAKER_LOCAL_METRIC_PERIOD_SECONDS": "1",
        "SAGEMAKER_LOCAL_SCALING_PERIOD_SECONDS": "2",
        "SAGEMAKER_LOCAL_WEATHER_MINUTE_SECONDS": "1",
        "SAGEMAKER_LOCAL_CAPTURE_FLUSH_SECONDS": "2",
        "SAGEMAKER_LOCAL_ENDPOINT_INSTANCES": "30",  # demo-all leaves an endpoint for each row
        **own,
        "SAGEMAKER_LOCAL_EVENTS_URL": f"{ports.ministack_url}/_switchyard/events",
        "AWS_ENDPOINT_URL": ports.ministack_url,
        "SAGEMAKER_LOCAL_KEYS_FILE": str(home.keys_file),
    }
    command = [str(environment_python("dev")), "-m", "sagemaker_local", "--port", str(ports.plane)]
    return Service(
        "plane",
        "the local SageMaker",
        [*command, "--data-dir", str(home.plane), "--weather", weather, *_images()],
        {**_bare_environment("dev", home.plane), **settings},
        f"{ports.plane_url}/_local/health",
        30.0,
    )


def _images() -> list[str]:
    """The images that the examples bring along, besides the plane's own."""
    files = sorted((REPOSITORY / "examples").glob("*/images.yaml"))
    return [argument for file in files for argument in ("--images", str(file))]


def _bare_environment(name: str, folder: Path) -> dict[str, str]:
    """Nothing of the caller's own AWS: no keys, no profile, no configuration file, no proxy."""
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": f"{environment_python(name).parent}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(folder),
        MARK: str(folder),
        "TMPDIR": str(temporary),
        "LANG": "C.UTF-8",
        "PYTHONUNBUFFERED": "1",
        "AWS_CONFIG_FILE": str(folder / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "no-aws-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
    }


def launch(service: Service, home: Home) -> Child:
    """Starts a service; it is not ready yet."""
    interpreter = Path(service.command[0])
    if not interpreter.exists():
        raise StackError(f"{interpreter} is missing.", "Run `make env`: it builds every environment.")
    return start(service.command, service.environment, REPOSITORY, home.log(service.name))


def await_ready(service: Service, child: Child, home: Home) -> None:
    """Returns when the service answers; StackError with the end of its log if it ends or is too slow."""
    deadline = time.monotonic() + READY_SECONDS
    while not service.is_served_by(child):
        if not child.is_running:
            raise StackError(
                f"{service.title} ended at its start:\n{tail(home.log(service.name))}", _see(service, home)
            )
        if time.monotonic() > deadline:
            problem = f"{service.title} does not answer on {service.health_url} after {READY_SECONDS:.0f} s."
            raise StackError(problem, _see(service, home))
        time.sleep(0.1)


def is_healthy(url: str) -> bool:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or HOST, parts.port, timeout=5.0)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _see(service: Service, home: Home) -> str:
    return f"Read {home.log(service.name)}, then `switchyard up` again."


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log file."""
    text = log.read_text(errors="replace") if log.exists() else ""
    return "\n".join(text.splitlines()[-lines:])


def free_ports() -> Ports:
    """Two ports that nobody listens on, below those that systems hand out to outgoing connections: they are kept."""
    free = (port for port in random.SystemRandom().sample(range(20_000, 30_000), 200) if _is_free(port))
    return Ports(next(free), next(free))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
