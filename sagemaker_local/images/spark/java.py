"""The Java that Spark needs, and what to do without it."""

import os
import re
import shutil
import subprocess

from sagemaker_local.images.spark.errors import SubmitError

OLDEST = 17
_REMEDY = (
    f"Next: install a Java runtime of version {OLDEST} or newer (Debian, Ubuntu: apt-get install "
    f"openjdk-{OLDEST}-jre-headless) where /usr/bin/java finds it."
)


def require_java() -> None:
    """Raises SubmitError where there is no Java that Spark runs on."""
    home = os.environ.get("JAVA_HOME")
    java = f"{home}/bin/java" if home else shutil.which("java")
    if not java:
        raise SubmitError(f"Spark needs Java, and there is none on the PATH. {_REMEDY}")
    try:
        said = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=60, check=True
        ).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise SubmitError(f"{java} does not run: {error}. {_REMEDY}") from None
    version = re.search(r'version "(?:1\.)?(\d+)', said)
    if version and int(version[1]) < OLDEST:
        raise SubmitError(f"Spark needs Java {OLDEST}, and {java} is version {version[1]}. {_REMEDY}")
