"""`python -m tests.asl`: checks every state machine of the template; one line a defect, exit code 1 if there is one."""

import sys

from tests.asl.project import problems


def main() -> int:
    found = problems()
    for problem in found:
        print(problem)
    print(f"state machines: {len(found)} problems" if found else "state machines: no problem found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
