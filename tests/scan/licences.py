"""The licences of all that the environments have installed: free ones, and others by their reason."""

import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions

from tests.scan.figure import Figure
from tests.scan.tools import ROOT

FREE = re.compile(
    r"\b(MIT(-0|-CMU)?|[0-3]?-?BSD|BSD-\d-Clause|Apache|PSF|Python Software|ISC|Zlib|Unlicense|0BSD|HPND|CC0|ZPL)",
    re.I,
)
WEAK = re.compile(r"\b(MPL|Mozilla Public)", re.I)  # of a file: asks nothing of what uses it
STRONG = re.compile(r"\b(A?GPL|GNU (Affero )?General|LGPL|GNU Lesser|SSPL|BUSL)", re.I)
TOLD = {
    "chardet": "LGPL: a tool of `make scan` alone, used as it is and shipped with nothing",
    "cookiecutter": "BSD, three clauses, says its licence file; the SAM CLI's alone",
    "docutils": "public domain, BSD and PSF, one file GPL; the AWS CLI's alone",
    "huey": "MIT, says its licence file; of the SageMaker SDK that is a client of the tests",
    "paramiko": "LGPL: of SageMaker's own training toolkit, used as it is and shipped with nothing",
    "py-grpc-prometheus": "Apache 2.0, says its licence file; of a peer of the benchmarks alone",
    "sagemaker-train": "Apache 2.0, says its licence file; a client of the tests alone",
    "skops": "MIT, says its licence file",
    "rfc3987": "GPL: a tool of `make scan` alone, used as it is and shipped with nothing",
    "text-unidecode": "Artistic, or the GPL: taken under the first; the SAM CLI's alone",
}


def scan() -> Figure:
    installed = {_name(each): words(each) for each in _installed()}
    missed = [
        f"{name}: {said or 'says nothing'}"
        for name, said in sorted(installed.items())
        if not taken(name, said)
    ]
    told = f"{len(installed)} packages, {len(set(TOLD) & set(installed))} by their reason"
    return Figure("licences", told, "free, or with a reason", missed)


def taken(name: str, said: str) -> bool:
    return name in TOLD or (bool(FREE.search(said) or WEAK.search(said)) and not STRONG.search(said))


def _installed() -> Iterator[Distribution]:
    for folder in sorted((ROOT / ".venvs").glob("*/lib/python*/site-packages")):
        yield from distributions(path=[str(folder)])


def _name(distribution: Distribution) -> str:
    return str(distribution.metadata["Name"]).lower()


def words(distribution: Distribution) -> str:
    """What a package says of its licence: an expression, else classifiers, else the first words of a text."""
    about = distribution.metadata
    expression = about.get("License-Expression", "")
    classifiers = [
        c.rpartition(" :: ")[2] for c in about.get_all("Classifier", []) if c.startswith("License ::")
    ]
    text = (about.get("License", "") or "").strip()[:60]
    return str(expression or "; ".join(classifiers) or text)
