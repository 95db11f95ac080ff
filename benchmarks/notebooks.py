"""What each notebook costs: time, memory and size, against the limits that the lessons keep.

``python -m benchmarks.notebooks`` runs every lesson and every solution in a fresh kernel, one after
the other, and prints a row for each; ``python -m benchmarks.notebooks 02 07`` those whose names
begin so. The files are read, never written.

- Time is from the start of the kernel to the answer of its last cell.
- Memory is the peak of the kernel's process, in resident pages: VmHWM, the "high water mark" in
  /proc/<pid>/status, read when the last cell is done. Linux alone has it. Shared libraries count,
  processes that a notebook starts do not.
- Size is that of the committed file, with its outputs.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path
from typing import NamedTuple

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tools.execute import ROOT, notebooks, read

SECONDS, MEGABYTES, FILE_MEGABYTES = 30, 700, 1.5


class Cost(NamedTuple):
    """What a notebook costs: seconds, and megabytes (of 10^6 bytes) in memory and on disk."""

    seconds: float
    memory: float
    size: float

    def missed(self):
        """Say in words which limits it misses."""
        limits = zip(self, (SECONDS, MEGABYTES, FILE_MEGABYTES), Cost._fields, strict=True)
        return [name for value, limit, name in limits if value > limit]


def peak_memory(pid):
    """Megabytes of 10^6 bytes that the process has held at most so far."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="ignore")
    return int(re.search(r"^VmHWM:\s*(\d+) kB$", status, re.M).group(1)) * 1024 / 1e6


def measure(path):
    """Run a notebook in a kernel of its own; a failing cell raises."""
    notebook = read(path)
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        extra_arguments=["--log-level=ERROR"],
    )
    began = time.perf_counter()
    with client.setup_kernel():
        for number, cell in enumerate(notebook.cells):
            client.execute_cell(cell, number)
        seconds = time.perf_counter() - began
        memory = peak_memory(client.km.provisioner.pid)
    return Cost(seconds, memory, path.stat().st_size / 1e6)


def name(path):
    """Return the path below notebooks/, without the ending."""
    return path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()


def chosen(prefixes):
    """List the notebooks whose names begin with one of the prefixes, or all."""
    paths = notebooks()
    return [p for p in paths if not prefixes or p.name.startswith(tuple(prefixes))]


def main():
    """Print the table; the exit code is 1 if a limit is missed or a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="notebooks whose names begin so, such as 02")
    options = parser.parse_args()
    if not Path("/proc/self/status").exists():
        raise SystemExit("The peak of a process is read from /proc, which only Linux has.")
    paths = chosen(options.names)
    if not paths:
        raise SystemExit(f"No notebook begins with {' or '.join(options.names)}.")
    began, missed = time.perf_counter(), 0
    print(
        f"limits: {SECONDS} s, {MEGABYTES} MB at the kernel's peak, {FILE_MEGABYTES} MB on disk\n"
    )
    print(f"{'':<36}{'time':>8}{'peak':>10}{'size':>11}  met")
    for path in paths:
        try:
            cost = measure(path)
        except CellExecutionError as error:
            missed += 1
            print(f"{name(path):<36}  a cell failed: {error.ename}: {error.evalue}", flush=True)
            continue
        over = cost.missed()
        missed += bool(over)
        met = f"NO: {', '.join(over)}" if over else "yes"
        figures = f"{cost.seconds:>6.1f} s{cost.memory:>7.0f} MB{cost.size:>8.2f} MB"
        print(f"{name(path):<36}{figures}  {met}", flush=True)
    print(f"\n{missed} missed; {time.perf_counter() - began:.0f} s")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
