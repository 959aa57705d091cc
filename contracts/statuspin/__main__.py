"""The command line: `statuspin` and `python -m statuspin`."""

import sys


def main() -> None:
    """Run the command line, and exit: 0 fine, 1 findings, 2 could not run."""
    try:
        from statuspin.cli.main import run  # noqa: PLC0415 -- what is missing is then one line

        run()
    except ModuleNotFoundError as error:
        sys.stderr.write(f"error: the package {error.name} is not installed; run: pip install statuspin\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
