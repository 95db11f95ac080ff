"""Measurements that anyone can repeat: ``python -m benchmarks.fidelity`` and ``.speed``."""
