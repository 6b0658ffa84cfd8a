"""Code and LaTeX told from prose by their bytes."""

from __future__ import annotations

import sysconfig
from pathlib import Path
from pydoc_data import topics

import numpy as np

from retold.clean import code
from retold.text.scan import Texts

FORMULAS = r"Let \(\alpha \in \mathbb{R}\). Then \[\sum_{i=1}^n \frac{1}{i} \leq \log n + \gamma.\] \begin{proof}"
POEM = "The woods are lovely, dark and deep,\nBut I have promises to keep,\nAnd miles to go before I sleep."


def share(texts: list[str]) -> float:
    return float(np.concatenate([code.is_code(code.measure(chunk)) for chunk in Texts(texts).chunks()]).mean())


def test_modules_are_code_and_their_documentation_is_mostly_prose():
    """Kills: a test that calls everything code, or nothing."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    modules = [path.read_text("utf-8", "ignore") for path in sorted(folder.glob("*.py"))]
    modules = [text for text in modules if len(text) > 500]
    prose = [text for text in topics.topics.values() if len(text) > 500]
    found, mistaken = share(modules), share(prose)
    print(f"of {len(modules)} modules {found:.1%} are code, of {len(prose)} topics of the reference {mistaken:.1%}")
    assert found >= 0.9 and mistaken <= 0.2


def test_single_texts():
    assert share([FORMULAS]) == 1.0
    paths = "The folders C:\\Users\\ann and D:\\Data are those of the system, "
    paths += f"and what others made is not to be written to. {POEM}"
    assert share([POEM, "", "\n\n", paths, "他说：“好。”\n今天。"]) == 0.0
    assert share(["int main(void) {\n    return 0;\n}\n"]) == 1.0
