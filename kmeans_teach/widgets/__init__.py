"""Widgets that play what was recorded."""

from .player import Player
from .scale_slider import ScaleSlider

__all__ = ["Player", "ScaleSlider"]
