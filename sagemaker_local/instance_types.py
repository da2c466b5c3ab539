"""What instance types are: their disks, their processors, and what deployments can do on them."""

from __future__ import annotations

import re

# "Certain Nitro-based instances include local storage": a `d` behind the generation (m5d, c6gd, p4d, g4dn), and
# families that have disks without saying so ("Instance Store Volumes", EC2).
_LOCAL = re.compile(r"ml\.([a-z]+[0-9]+[a-z]*d[a-z]*|gr?[5-9]e?|p5e?n?|p6.*|i3(en)?|i4i|trn[12]n?)")


# A `g` behind the generation: c7g, m6gd, r8gn. (g5 and g6 are GPUs with x86.)
_GRAVITON = re.compile(r"ml\.[a-z]+[0-9]+g[a-z]*")
_BURSTABLE = re.compile(r"ml\.t[0-9]")


def architecture_of(instance_type: str) -> str:
    """As Docker names it: arm64 or amd64."""
    return "arm64" if _GRAVITON.fullmatch(instance_type.rpartition(".")[0]) else "amd64"


def knows_guardrails(instance_type: str | None) -> bool:
    """Of ml.inf1 an update "will fall back to using a blue/green deployment with all at once traffic shifting and no
    final baking period" (Deployment guardrails, exclusions).
    """
    return not (instance_type or "").startswith("ml.inf1.")


def is_burstable(instance_type: str) -> bool:
    """ "Burstable performance instances": the families T2, T3, T3a and T4g of EC2."""
    return _BURSTABLE.match(instance_type) is not None


def has_local_storage(instance_type: str) -> bool:
    return _LOCAL.fullmatch(instance_type.rpartition(".")[0]) is not None
