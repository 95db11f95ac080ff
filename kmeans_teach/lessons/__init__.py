"""The lessons: for each a module with its explorer and its exercises."""
