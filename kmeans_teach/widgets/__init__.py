"""Widgets that play what was recorded."""

from .player import Player
from .question import Question, guesses

__all__ = [
    "Player",
    "Question",
    "guesses",
]
