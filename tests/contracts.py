"""The operations that front ends send, each with the fragments that it uses."""

from pathlib import Path

from graphql import parse, print_ast
from graphql.utilities import separate_operations

FOLDER = Path(__file__).parent / "contract"


def operations() -> dict[tuple[str, str], str]:
    """(file, operation) and its text with the fragments that it uses."""
    found = {}
    for file in sorted(FOLDER.glob("*.graphql")):
        for name, document in separate_operations(parse(file.read_text(encoding="utf-8"))).items():
            found[file.stem, name] = print_ast(document)
    return found


OPERATIONS = operations()
