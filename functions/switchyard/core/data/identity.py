"""What makes a row the same row: its values, however they are written.

Holdout exclusion, the split, the holdout's own rows and the sample for drift all ask here. `37`, `37.0`, `3.7e1`, `+37`
and ` 37` are one value, and so are -0 and 0, an empty field and `nan`. Numbers are taken in 32 bits, in which models
read them: what no model can tell apart is one row.
"""

import hashlib
import struct
from collections.abc import Sequence
from math import nan


def row_identity(values: Sequence[float]) -> str:
    """sha256 (hex) over the row's values in the order of the contract: features, then the target."""
    plain = [value + 0.0 if value == value else nan for value in values]  # -0 + 0 is 0; one NaN for all
    return hashlib.sha256(struct.pack(f"<{len(plain)}f", *plain)).hexdigest()
