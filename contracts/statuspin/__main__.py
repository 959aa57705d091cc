"""The entry point of `statuspin` and `python -m statuspin`."""

import sys


def main() -> None:
    """Run the command line and exit: 0 without findings, 1 with findings, 2 if the command could not run."""
    try:
        from statuspin.cli.main import run  # noqa: PLC0415 -- a missing package is reported on one line

        run()
    except ModuleNotFoundError as error:
        sys.stderr.write(f"error: the package {error.name} is not installed; run: pip install statuspin\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
