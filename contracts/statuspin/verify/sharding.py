"""Divide the operations of a contract, so that several machines can share one run."""

import re
from collections import Counter
from dataclasses import dataclass

from statuspin.contract.folder import Contract
from statuspin.errors import CannotRun


@dataclass(frozen=True)
class Shard:
    """Shard `number` of `total`, counted from 1."""

    number: int
    total: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Parse a string such as `1/4`. Raises CannotRun if it is invalid."""
        found = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text, re.ASCII)
        shard = cls(int(found[1]), int(found[2])) if found else cls(0, 0)
        if not 1 <= shard.number <= shard.total:
            raise CannotRun(f"--shard {text}: write the number of the shard and the number of shards, such as 1/4")
        return shard

    def __str__(self) -> str:
        return f"{self.number}/{self.total}"

    def operations(self, contract: Contract) -> frozenset[str]:
        """Return the operations that this shard tests.

        Every operation is in exactly one shard, and all shards have about the same number of pins.
        """
        pins = Counter(pin.operation for pin in contract.matrix)
        loads, parts = [0] * self.total, [set[str]() for _ in range(self.total)]
        for name in sorted(contract.document.operations, key=lambda name: (-pins[name], name)):
            lightest = loads.index(min(loads))
            loads[lightest] += pins[name] + 1  # for the fuzzer
            parts[lightest].add(name)
        return frozenset(parts[self.number - 1])
