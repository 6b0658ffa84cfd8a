"""Ways to retell: versioned prompt files, rule programs, and the contracts that their outputs keep."""

from retold.styles.style import Contract, Style, catalogue, load, ordered, render, source

__all__ = ["Contract", "Style", "catalogue", "load", "ordered", "render", "source"]
