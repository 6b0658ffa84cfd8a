"""retold: existing text, retold by small models, checked against its source, traceable for ever."""

__version__ = "0.1.0"
