"""Measurements that anyone can repeat: ``python -m benchmarks.fidelity`` and ``.speed``."""

import time


class Table:
    """Rows of what was measured beside its target, printed as they come."""

    def __init__(self, head=None):
        self.began, self.missed = time.perf_counter(), 0
        print(head or f"{'':<52}{'':>9}{'target':>9}  met")

    def row(self, what, value, target, more=False, digits=1, beside=""):
        """Print a row; a target is met from below, or where ``more`` is better from above."""
        good = target is None or (value >= target if more else value <= target)
        met = "-" if target is None else "yes" if good else "NO"
        goal = "-" if target is None else target
        self.missed += not good
        print(f"{what:<52}{value:>9.{digits}f}{goal:>9}  {met:<4}{beside}".rstrip(), flush=True)

    def end(self, more=""):
        """Print how many targets were missed, and leave with exit code 1 if any was."""
        print(f"\n{more}{self.missed} missed; {time.perf_counter() - self.began:.0f} s")
        raise SystemExit(self.missed > 0)
