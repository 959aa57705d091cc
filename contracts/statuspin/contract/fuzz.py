"""The parts of pins.yaml that configure the fuzzer and the check of unsupported methods."""

from typing import Annotated

from pydantic import Field

from statuspin.contract.steps import Names, Part

Count = Annotated[int, Field(ge=1)]


class FuzzOptions(Part):
    """Settings of the fuzzer.

    skip: operations that are not fuzzed, such as one that deletes the account of the caller. allow_untested: operations
    that may respond to the fuzzer only with 401, 403, 404 or 429. checks: checks of Schemathesis by name, on or off.
    examples: the most per phase, for every operation or by operation. config: a schemathesis.toml, by default the one
    in the contract folder. hooks: Python files with hooks of Schemathesis. Both paths are relative to the folder.
    """

    skip: Names = ()
    allow_untested: Names = ()
    checks: dict[str, bool] = Field(default_factory=dict)
    examples: Count | dict[str, Count] | None = None
    config: str | None = None
    hooks: Names = ()

    @property
    def examples_by_operation(self) -> dict[str, int]:
        """The numbers of examples that are set by operation."""
        return self.examples if isinstance(self.examples, dict) else {}
