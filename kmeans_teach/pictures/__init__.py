"""Pictures: they draw what they are given, and fit nothing."""
