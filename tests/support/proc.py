"""Memory and CPU of running processes, from /proc."""

import os
from collections.abc import Iterable
from pathlib import Path

_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found, todo = [], [pid]
    while todo:
        found.append(each := todo.pop())
        for task in Path(f"/proc/{each}/task").glob("*"):
            try:
                todo += [int(child) for child in (task / "children").read_text().split()]
            except OSError:
                continue
    return found


def pss_mib(pid: int) -> float:
    """Return the proportional set size of one process in MiB; 0 if it is gone."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def tree_pss_mib(pid: int) -> float:
    """Return the proportional set size of a process and its descendants in MiB."""
    return sum(pss_mib(each) for each in tree(pid))


def cpu_ms(pids: Iterable[int]) -> float:
    """Return the CPU time that the processes have used, all threads, in milliseconds.

    From the scheduler's own nanoseconds where the kernel counts them, else in ticks of 10 ms.
    """
    return sum(_schedstat_ms(pid) or _stat_ms(pid) for pid in pids)


def _schedstat_ms(pid: int) -> float:
    total = 0
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except (OSError, IndexError):
            continue
    return total / 1e6


def _stat_ms(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) * 1000 / _TICKS_PER_S


def alive(pid: int) -> bool:
    """Tell whether a process runs; a zombie does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
