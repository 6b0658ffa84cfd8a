"""retold: existing text, retold by small models, checked against its source, traceable for ever.

The public interface is `Recipe.load(path)`, `plan(recipe)`, `run(recipe)` and `open(folder)`, described in
`runner/session.py`, `why(asked, folder)` of `report/why.py`, and `trace(text, folder)`
of `trace/trace.py`.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from retold.report.why import why
    from retold.runner.recipe import Recipe
    from retold.runner.session import Session, plan, run
    from retold.trace.forget import forget

    open = Session.open  # noqa: A001  named as `wave.open` and `tarfile.open` are

# Arrow and Delta look once, when they are loaded: see `workers/memory.py`. Who has chosen otherwise keeps that.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
os.environ.setdefault("_RJEM_MALLOC_CONF", "narenas:1,tcache:false,dirty_decay_ms:0,muzzy_decay_ms:0")

__version__ = "0.1.0"
__all__ = ["Recipe", "Session", "forget", "open", "plan", "run", "trace", "why"]


def __getattr__(name: str) -> Any:
    """Load the parts on first use, so that `import retold` costs nothing."""
    if name == "Recipe":
        return import_module("retold.runner.recipe").Recipe
    if name == "open":
        return import_module("retold.runner.session").Session.open
    if name == "trace":
        return import_module("retold.trace")  # a room that can be called, since function and room have one name
    if name == "forget":
        return import_module("retold.trace.forget").forget
    if name == "why":
        return import_module("retold.report.why").why
    if name in __all__:
        return getattr(import_module("retold.runner.session"), name)
    raise AttributeError(f"module 'retold' has no attribute {name!r}")
