"""Which instance types SageMaker takes for what, and what their processors run."""

import re
from collections.abc import Iterator, Mapping

from switchyard.config.rules.instance_tables import HOSTING, PROCESSING, TRAINING, TRANSFORM

USES: Mapping[str, Mapping[str, str]] = {
    "training": TRAINING,
    "processing": PROCESSING,
    "transform": TRANSFORM,
    "endpoint": HOSTING,
}
# A `g` behind the generation: c7g, m6gd, r8gn. (g5 and g6 are GPUs with x86; g5g is not among SageMaker's types.)
_GRAVITON = re.compile(r"ml\.[a-z]+[0-9]+g[a-z]*")
# "Certain Nitro-based instances include local storage": a `d` behind the generation (m5d, c6gd, p4d, g4dn), and
# families that have disks without saying so ("Instance Store Volumes", EC2).
_LOCAL = re.compile(r"ml\.([a-z]+[0-9]+[a-z]*d[a-z]*|gr?[5-9]e?|p5e?n?|p6.*|i3(en)?|i4i|trn[12]n?)")
# Deployment guardrails, exclusions: "will fall back to using a blue/green deployment with all at once traffic shifting"
_UNGUARDED = re.compile(r"ml\.inf1")


def is_taken(use: str, instance_type: str) -> bool:
    family, _, size = instance_type.rpartition(".")
    return size in USES[use].get(family, "").split()


def runs_on_arm(instance_type: str) -> bool:
    return _GRAVITON.fullmatch(instance_type.rpartition(".")[0]) is not None


def has_no_guardrails(instance_type: str) -> bool:
    return _UNGUARDED.fullmatch(instance_type.rpartition(".")[0]) is not None


def has_local_storage(instance_type: str) -> bool:
    """Its disks are encrypted by the hardware, and no key may be named for them."""
    return _LOCAL.fullmatch(instance_type.rpartition(".")[0]) is not None


def nearest(use: str, instance_type: str) -> str:
    """Types that work, the ones of the same size and kind first: what a refusal proposes."""
    return ", ".join(_ranked(use, instance_type)[:3])


def _ranked(use: str, instance_type: str) -> list[str]:
    family, _, size = instance_type.rpartition(".")
    every = [f"{each}.{one}" for each, sizes in USES[use].items() for one in sizes.split()]
    usual = [each for each in every if not runs_on_arm(each)]
    return sorted(usual, key=lambda each: tuple(_distance(each, family, size)))


def _distance(each: str, family: str, size: str) -> Iterator[bool | int | str]:
    own, _, of = each.rpartition(".")
    yield own != family
    yield own[:4] != family[:4]  # another kind: m, c, r, g
    yield own not in ("ml.m5", "ml.c5", "ml.r5")
    yield abs(_rank(of) - _rank(size))
    yield each


def _rank(size: str) -> int:
    """How large: `xlarge` is 4 of its family's smallest parts, `12xlarge` 48; what is unknown counts as `large`."""
    count, _, word = size.rpartition("x")
    if word == "large":
        return 4 * int(count or 1) if (count or "1").isdigit() else 2
    return {"medium": 1, "large": 2}.get(size, 2)
