"""What instance types are: their disks."""

from __future__ import annotations

import re

# "Certain Nitro-based instances include local storage": a `d` behind the generation (m5d, c6gd, p4d, g4dn), and
# families that have disks without saying so ("Instance Store Volumes", EC2).
_LOCAL = re.compile(r"ml\.([a-z]+[0-9]+[a-z]*d[a-z]*|gr?[5-9]e?|p5e?n?|p6.*|i3(en)?|i4i|trn[12]n?)")


def has_local_storage(instance_type: str) -> bool:
    return _LOCAL.fullmatch(instance_type.rpartition(".")[0]) is not None
