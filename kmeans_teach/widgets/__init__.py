"""Widgets that play what was recorded."""

from .player import Player
from .scale_slider import ScaleSlider
from .seeding_player import SeedingPlayer

__all__ = ["Player", "ScaleSlider", "SeedingPlayer"]
