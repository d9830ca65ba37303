"""The commands behind ./dev. Every module `services/cli_*.py` adds its own through `register(app)`."""

import importlib
import pkgutil
import sys

import typer

import services
from services.errors import Refusal

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def commands() -> None:
    """Linli's commands."""


def main() -> int:
    """Run the command line; a refusal is one sentence and exit code 1, not a trace."""
    for module in pkgutil.iter_modules(services.__path__, "services."):
        if module.name.startswith("services.cli_"):
            importlib.import_module(module.name).register(app)
    try:
        app(prog_name="./dev")
    except Refusal as no:
        print(no, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
