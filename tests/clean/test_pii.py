"""Masking: an edit with the way back, signals that only count, verdicts from signals."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from memory_view import MemoryView, run_map
from retold.clean import Curate, Judge, Pii
from retold.core.document import SpanMap, Unchanged
from retold.core.edit import in_parent
from retold.core.fingerprint import digest
from retold.read import Source, pin
from retold.text.identifiers import find

TEXT = "Ask ann@example.com or bob@example.com, or call +44 20 7946 0958. The server is 93.184.216.34."
CLEAN = "Nothing that belongs to anybody stands in this sentence."
LABELS = {
    "EMAIL_ADDRESS": "email", "IP_ADDRESS": "ip", "CREDIT_CARD": "card", "IBAN_CODE": "iban", "US_SSN": "ssn",
    "PHONE_NUMBER": "phone",
}  # fmt: skip
FLOORS = {
    "email": (0.98, 0.98), "ip": (0.90, 0.95), "card": (0.90, 0.95), "iban": (0.95, 0.95), "ssn": (0.90, 0.95),
    "phone": (0.60, 0.80),
}  # fmt: skip
"""(recall, precision), written down after the first figures. Not held out cleanly: tuning used another split, and both
its halves were printed. A private address is no find, and lowers that recall."""


def curated(folder, texts, **settings) -> MemoryView:
    (folder / "in.jsonl").write_text("\n".join(json.dumps({"id": str(at), "text": t}) for at, t in enumerate(texts)))
    source = Source.model_validate("in.jsonl")
    parts = pin("web", source, folder)
    view = MemoryView(folder, parts)
    entries = (Pii.model_validate(settings),)
    run_map(Curate({"web": source}, entries), view)
    run_map(Judge(entries), view)
    return view


def signals(view: MemoryView) -> list[dict[str, float]]:
    return [{name: value for name, value in row["values"] if value and "pii" in name} for row in view.table("signals")]


def test_masked_text_is_a_new_document_with_a_way_back(tmp_path):
    """Kills: masking in place; a span map off by the length of a mask."""
    view = curated(tmp_path, [TEXT, CLEAN])
    texts = {row["document_id"]: row["text"] for row in view.table("documents")}
    masked = "Ask [EMAIL] or [EMAIL], or call [PHONE]. The server is [IP]."
    assert sorted(texts.values()) == sorted([TEXT, masked, CLEAN])
    (row,) = view.table("span_maps")
    back = SpanMap(row["document_id"], row["parent_id"], row["parent_characters"],
                   tuple(Unchanged(**item) for item in row["kept"]))  # fmt: skip
    at = masked.index("The server")
    span = in_parent(back, at, at + len("The server is [IP]"))
    assert texts[span.document_id][span.start : span.end] == "The server is 93.184.216.34"
    assert {"pii": 4.0, "pii_email": 2.0, "pii_phone": 1.0, "pii_ip": 1.0} in signals(view)


def test_what_was_masked_is_in_no_signal_and_no_verdict(tmp_path):
    view = curated(tmp_path, [TEXT], drop=["ip"])
    for table in ("signals", "verdicts", "span_maps", "records"):
        assert "example.com" not in repr(view.table(table)) and "7946" not in repr(view.table(table))
    reasons = Counter(row["reason"] for row in view.table("verdicts"))
    assert reasons == {"edited": 1, "holds_personal_data": 1}


def test_kinds_may_drop_or_only_be_counted_and_a_list_of_addresses_is_no_text(tmp_path):
    counted = curated(tmp_path, [TEXT], count=["email", "phone", "ip"])
    assert [row["text"] for row in counted.table("documents")] == [TEXT] and not counted.table("verdicts")
    many = curated(tmp_path, [TEXT], most=3)
    assert "holds_personal_data" in {row["reason"] for row in many.table("verdicts")}
    assert curated(tmp_path, [TEXT], most=4).table("verdicts")[0]["reason"] == "edited"


def test_what_is_found_is_part_of_the_identity(monkeypatch):
    """Law 3. Kills: another way of finding whose documents are mixed with those of the old one."""
    before = Pii().versions()
    monkeypatch.setattr("retold.clean.pii.VERSION", 99)
    assert Pii().versions() != before


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"drop": ["mail"]}, "did you mean email"),
        ({"regions": ["Germany"]}, "such as US, GB or DE"),
        ({"drop": ["ip"], "count": ["ip"]}, "both to be dropped"),
    ],
)
def test_mistakes_are_explained(settings, said):
    with pytest.raises(ValueError, match=said):
        Pii.model_validate(settings)


@pytest.mark.gates
def test_labelled_sentences(shared_data):
    """Recall and precision by kind on one half; a find counts where it overlaps a label of its kind."""
    names = ("generated_large.json", "generated_small.json", "synth_dataset_v2.json")
    rows = [row for name in names for row in json.loads((shared_data / "pii" / "presidio" / name).read_text("utf-8"))]
    hits, missed, wrong = Counter(), Counter(), Counter()
    held = [row for row in rows if int(digest("pii", row["full_text"])[:2], 16) % 2]
    for row in held:
        found = find(row["full_text"], tuple(FLOORS), ("US", "GB", "CH", "AU", "DE", "FR", "SE"))
        labels = [
            (span["start_position"], span["end_position"], LABELS[span["entity_type"]])
            for span in row["spans"]
            if span["entity_type"] in LABELS
        ]
        for start, end, kind in labels:
            hit = any(item.kind == kind and item.start < end and start < item.end for item in found)
            (hits if hit else missed)[kind] += 1
        for item in found:
            wrong[item.kind] += not any(
                kind == item.kind and item.start < end and start < item.end for start, end, kind in labels
            )
    print(f"{len(held)} sentences")
    for kind, (least_recall, least_precision) in FLOORS.items():
        recall = hits[kind] / max(1, hits[kind] + missed[kind])
        precision = hits[kind] / max(1, hits[kind] + wrong[kind])
        print(f"{kind}: recall {recall:.3f} of {hits[kind] + missed[kind]}, precision {precision:.3f}")
        assert recall >= least_recall and precision >= least_precision, kind
