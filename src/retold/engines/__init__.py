"""What completes prompts: embedded, HTTP, a local checkpoint, or scripted, behind one protocol (`core.step.Engine`)."""

from __future__ import annotations

from retold.core.step import Engine
from retold.engines.settings import CheckpointSettings, EngineSettings, HttpSettings, ScriptedSettings

__all__ = ["EngineSettings", "build"]


def build(settings: EngineSettings) -> Engine:
    """The engine that the settings describe, not yet started. Only its own packages are imported.

    Raises EngineMissing or EngineError where an embedded model named by path cannot be read.
    """
    chosen = settings.embedded or settings.http or settings.checkpoint or settings.scripted
    if isinstance(chosen, HttpSettings):
        from retold.engines.http import HttpEngine

        return HttpEngine(chosen)
    if isinstance(chosen, CheckpointSettings):
        from retold.engines.checkpoint import CheckpointEngine

        return CheckpointEngine(chosen)
    if isinstance(chosen, ScriptedSettings):
        from retold.engines.scripted import ScriptedEngine

        return ScriptedEngine(settings=chosen)
    from retold.engines.embedded import EmbeddedEngine

    return EmbeddedEngine(chosen)
