"""Who is compared with whom: all documents, those of one source, or those of one dump.

Dumps of a crawl were deduplicated each by itself for FineWeb, since doing it over all of them kept the worse documents
of old dumps (Penedo et al. 2024). The dump of a part is the folder called CC-MAIN-... in its files' addresses, or the
folder that holds them.
"""

from __future__ import annotations

from typing import Literal

from retold.core.errors import RecipeError
from retold.core.fingerprint import digest
from retold.core.step import Part

Scope = Literal["whole", "source", "dump"]
CRAWL = "CC-MAIN-"


def group(part: Part, scope: Scope) -> str:
    """The name of the group in which a part's documents are compared.

    Raises RecipeError where a part holds files of several dumps.
    """
    if scope == "whole":
        return ""
    if scope == "source":
        return part.source
    dumps = {_dump(uri) for uri in part.uris}
    if len(dumps) > 1:
        raise RecipeError(
            f"files of several dumps are read together: {', '.join(sorted(dumps)[:4])}",
            "name each dump as a source of its own, and write scope: source",
        )
    return f"{part.source}/{''.join(dumps)}"


def salt(part: Part, scope: Scope) -> int:
    """64 bits to be mixed into a part's keys, so that those of different groups never meet."""
    name = group(part, scope)
    return int(digest("scope", name)[:16], 16) if name else 0


def _dump(uri: str) -> str:
    folders = uri.split("/")[:-1]
    crawls = [name for name in folders if name.startswith(CRAWL)]
    return crawls[0] if crawls else (folders[-1] if folders else "")
