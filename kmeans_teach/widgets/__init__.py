"""Widgets that play what was recorded."""

from .player import Player

__all__ = ["Player"]
