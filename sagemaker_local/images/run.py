"""`python run.py MODULE ARGUMENT...`: one of these programs, whatever environment the interpreter belongs to.

The folder of the project comes last on the path: what the environment and the user's code call by the same name wins.
"""

import importlib
import sys
from pathlib import Path


def main() -> int:
    """Hand over to `main()` of the module, named relative to this package."""
    sys.path[:] = [*sys.path[1:], str(Path(__file__).resolve().parents[2])]
    module = importlib.import_module(f"sagemaker_local.images.{sys.argv[1]}")
    sys.argv = [sys.argv[1], *sys.argv[2:]]
    return int(module.main())


if __name__ == "__main__":
    sys.exit(main())
