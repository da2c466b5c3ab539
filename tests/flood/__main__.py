"""`python -m tests.flood --drops 10000`: what so many drops of one model cost at most, however fast its runs end.

Exit status 1 when a bound is broken. The last line is JSON.
"""

import argparse
import contextlib
import io
import json
import sys

from tests.fakes import handler_settings

handler_settings.set_up()

from tests.flood.bound import broken  # noqa: E402
from tests.flood.play import ENDINGS, flooded  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Drop many datasets of one model, and hold what they cost to its bound."
    )
    parser.add_argument("--drops", type=int, default=10_000)
    drops = parser.parse_args().drops
    figures, missed = [], []
    for name in ENDINGS:
        with contextlib.redirect_stdout(io.StringIO()):  # the metrics of what ends
            figure = flooded(drops, name)
        figures.append(figure.to_dict())
        missed += [f"{name}: {each}" for each in broken(figure)]
        print(json.dumps(figure.to_dict()), flush=True)
    print(json.dumps({"figures": figures, "broken": missed}))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
