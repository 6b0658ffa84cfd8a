"""The mixture: which documents are trained on, how often and in which phase, by shares or budgets of tokens.

`Mix` is the fold "mix" between verifying and packing; `MixSettings` what a recipe says under `mix:`. Without that key
every document is packed once.
"""

from retold.mix.sample import Mix, Portion
from retold.mix.settings import MixSettings

__all__ = ["Mix", "MixSettings", "Portion"]
