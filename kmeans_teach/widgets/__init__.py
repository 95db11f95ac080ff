"""Widgets that play what was recorded."""

from .k_explorer import KExplorer
from .player import Player
from .question import Question, guesses
from .scale_slider import ScaleSlider
from .seed_gallery import SeedGallery
from .seeding_player import SeedingPlayer

__all__ = [
    "KExplorer",
    "Player",
    "Question",
    "ScaleSlider",
    "SeedGallery",
    "SeedingPlayer",
    "guesses",
]
