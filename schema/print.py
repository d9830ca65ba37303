"""`python -m schema.print [--check]`: write schema/schema.graphql, or say whether it is what the code gives."""

import sys
from pathlib import Path

from schema import build

FILE = Path(__file__).with_name("schema.graphql")


def printed() -> str:
    """The SDL of the house."""
    return build().as_str().strip() + "\n"


def main(arguments: list[str]) -> int:
    """Write the file; with `--check`, compare instead and give 1 when it differs."""
    if "--check" not in arguments:
        FILE.write_text(printed(), encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == printed():
        return 0
    print(
        f"{FILE.name} is not what the code gives. Run `python -m schema.print` and look at the diff.", file=sys.stderr
    )
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
