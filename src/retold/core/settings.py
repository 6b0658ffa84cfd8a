"""Settings that know which of their fields are identity.

A field made by `identity(...)` changes what comes out, so it is in the fingerprint; one made by `execution(...)`
(paths, machine, concurrency) is not. A field that is neither is refused when the class is defined, so nobody forgets.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticUndefined

from retold.core.fingerprint import digest

_MARK = "retold"


def identity(default: Any = PydanticUndefined, **options: Any) -> Any:
    """A field that changes the output: it is part of the fingerprint."""
    return Field(default, json_schema_extra={_MARK: "identity"}, **options)


def execution(default: Any = PydanticUndefined, **options: Any) -> Any:
    """A field about where or how fast the work is done: it never changes the output."""
    return Field(default, json_schema_extra={_MARK: "execution"}, **options)


class Settings(BaseModel):
    """Base of every settings model: frozen, no unknown keys, every field marked."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        for name, info in cls.model_fields.items():
            extra = info.json_schema_extra
            if not isinstance(extra, dict) or extra.get(_MARK) not in ("identity", "execution"):
                raise TypeError(f"{cls.__name__}.{name} is marked neither identity nor execution")

    def identity(self) -> dict[str, Any]:
        """The fields that decide the output, nested settings reduced in the same way."""
        chosen = {}
        for name, info in type(self).model_fields.items():
            extra = info.json_schema_extra
            if isinstance(extra, dict) and extra.get(_MARK) == "identity":
                chosen[name] = _reduce(getattr(self, name))
        return chosen

    def fingerprint(self) -> str:
        """Digest of `identity()`."""
        return digest(type(self).__name__, self.identity())


def _reduce(value: object) -> object:
    if isinstance(value, Settings):
        return {"settings": type(value).__name__, **value.identity()}
    if isinstance(value, BaseModel):
        raise TypeError(f"{type(value).__name__} is nested in settings but does not derive from Settings")
    if isinstance(value, dict):
        return {str(key): _reduce(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_reduce(inner) for inner in value]
    return value
