"""The ways in which a primary is lost, and how long each kept the clients waiting."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

from tests.failover.cluster import SECONDS, Cluster, Node
from tests.faults.load import Ledger

Break = Callable[[Cluster, Node], None]


def kill(_: Cluster, primary: Node) -> None:
    """Kill Patroni and PostgreSQL of the primary."""
    primary.kill()


def switch_over(cluster: Cluster, primary: Node) -> None:
    """Change the primary as planned."""
    cluster.switch_over(primary)


def cut_from_cluster(_: Cluster, primary: Node) -> None:
    """Cut the primary off from etcd and its standby. Clients still reach both nodes."""
    for link in primary.links:
        link.cut()


def cut_from_everything(cluster: Cluster, primary: Node) -> None:
    """Cut the primary off from etcd, its standby and the clients, to whom it is silent."""
    cut_from_cluster(cluster, primary)
    primary.clients.cut()


class Outage(NamedTuple):
    """One change of the primary.

    name: how it came about. waited: the longest time in seconds without a 200 to a write.
    first: seconds from its cause to the 200 that ended this time.
    statuses: the responses of all operations until the standby was back, by status.
    """

    name: str
    waited: float
    first: float
    statuses: Counter[int | str]

    def __str__(self) -> str:
        statuses = ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items(), key=str))
        return f"| {self.name} | {self.first:.1f} | {self.waited:.1f} | {statuses} |"


async def change_primary(cluster: Cluster, ledger: Ledger, cause: Break) -> Outage:
    """Lose the primary, wait until the other node serves writes and the standby is back, and measure."""
    primary = await asyncio.to_thread(cluster.find_primary)
    assert primary is not None
    before, began = Counter(ledger.tally), time.monotonic()
    await asyncio.to_thread(cause, cluster, primary)
    await asyncio.to_thread(cluster.wait_until_primary, cluster.other(primary))
    await _wait_for_write(ledger)
    await asyncio.to_thread(cluster.repair)
    await _wait_for_write(ledger)
    waited, ended = _find_longest_pause(began, [each for each in ledger.writes if each >= began])
    statuses: Counter[int | str] = Counter()
    for (_, status), count in (ledger.tally - before).items():
        statuses[status] += count
    return Outage(cause.__name__.replace("_", " "), waited, ended - began, statuses)


async def _wait_for_write(ledger: Ledger) -> None:
    """Wait for the next write that is answered with 200."""
    count = len(ledger.writes)
    async with asyncio.timeout(SECONDS):
        while len(ledger.writes) == count:  # noqa: ASYNC110 - the clients set no event
            await asyncio.sleep(0.05)


def _find_longest_pause(began: float, writes: Iterable[float]) -> tuple[float, float]:
    """Return the longest pause between two writes, in seconds, and when it ended."""
    return max((end - start, end) for start, end in pairwise([began, *writes]))


def format_table(title: str, outages: Iterable[Outage]) -> str:
    """Return the outages as a table in Markdown."""
    head = ["", title, "", "| primary lost by | first 200 after s | longest time without a 200, s | responses |"]
    return "\n".join([*head, "|---|--:|--:|---|", *map(str, outages)])
