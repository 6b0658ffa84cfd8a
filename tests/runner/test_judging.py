"""A changed threshold judges again and reads nothing again; a changed measure reads again."""

from __future__ import annotations

import json

from retold.runner.session import Session

RECIPE = "sources: {set: a.jsonl}\ncurate: [normalize, %s, exact]\n"


def run(folder, entry: str) -> tuple[dict[str, int], list[str]]:
    """(parts of each stage that were done anew, the texts that are kept)."""
    path = folder / "recipe.yaml"
    path.write_text(RECIPE % entry, "utf-8")
    session = Session.begin(path)
    history = session.run()
    return {item.name: item.total - item.reused for item in history}, sorted(session.accepted()["text"])


def test_a_changed_threshold_reads_no_text(tmp_path):
    """Kills: thresholds in the identity of "curate"; verdicts of the old threshold left in force."""
    texts = ["one", "one two", "one two three"]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), "utf-8")
    done, kept = run(tmp_path, "{length: {min_words: 2}}")
    assert done["curate"] == done["judge"] == 1 and kept == texts[1:]
    done, kept = run(tmp_path, "{length: {min_words: 3}}")
    assert done["curate"] == 0 and done["judge"] == 1 and kept == texts[2:]
    done, kept = run(tmp_path, "{length: {min_words: 2}}")
    assert not any(done.values()) and kept == texts[1:]
    done, _ = run(tmp_path, "{length: {min_words: 2}}, {language: {keep: [en]}}")
    assert done["curate"] == 1
