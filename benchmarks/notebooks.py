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

import argparse
import re
import time
from pathlib import Path

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from benchmarks import Table
from tools.execute import ROOT, notebooks, read

LIMITS = {"seconds": 30, "memory": 700, "size": 1.5}


def peak_memory(pid):
    """Megabytes of 10^6 bytes that the process has held at most so far."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="ignore")
    return int(re.search(r"^VmHWM:\s*(\d+) kB$", status, re.M).group(1)) * 1024 / 1e6


def measure(path):
    """Run a notebook in a kernel of its own: seconds, megabytes in memory, and on disk."""
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
    return seconds, memory, path.stat().st_size / 1e6


def main():
    """Print the table; the exit code is 1 if a limit is missed or a cell fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="notebooks whose names begin so, such as 02")
    names = parser.parse_args().names
    if not Path("/proc/self/status").exists():
        raise SystemExit("The peak of a process is read from /proc, which only Linux has.")
    paths = [path for path in notebooks() if not names or path.name.startswith(tuple(names))]
    if not paths:
        raise SystemExit(f"No notebook begins with {' or '.join(names)}.")
    print("limits: {} s, {} MB at the kernel's peak, {} MB on disk\n".format(*LIMITS.values()))
    table = Table(f"{'':<36}{'time':>8}{'peak':>10}{'size':>11}  met")
    for path in paths:
        name = path.relative_to(ROOT / "notebooks").with_suffix("").as_posix()
        try:
            cost = measure(path)
        except CellExecutionError as error:
            table.missed += 1
            print(f"{name:<36}  a cell failed: {error.ename}: {error.evalue}", flush=True)
            continue
        over = [key for key, value in zip(LIMITS, cost, strict=True) if value > LIMITS[key]]
        table.missed += bool(over)
        met = f"NO: {', '.join(over)}" if over else "yes"
        figures = "{:>6.1f} s{:>7.0f} MB{:>8.2f} MB".format(*cost)
        print(f"{name:<36}{figures}  {met}", flush=True)
    table.end()


if __name__ == "__main__":
    main()
