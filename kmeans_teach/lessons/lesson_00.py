"""Lesson 00, Start here: the question with which checks are shown."""

from .exercise import Answer

ANSWERS = {
    "00.centres": Answer(
        "How many centres does the player of lesson 00 have at first?",
        4,
        "Four centres, numbered 0, 1, 2 and 3.",
        "look for the large markers with a number.",
        {
            300: ("points", "You counted the points. Each of them belongs to one centre."),
            3: ("last-number", "The last centre has the number 3, but the first one has 0."),
            5: ("one-more", "There is one less: the numbers begin with 0 and end with 3."),
        },
    ),
}
