"""The whole story of a document or of a packed token, in a real run."""

from __future__ import annotations

import io
import json
import pydoc_data.topics
import random
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

import retold
from retold.cli import app, load
from retold.core.errors import RetoldError
from retold.pack.tokenizer import load as load_tokenizer
from retold.report.account import Measured
from retold.report.why import Teller
from retold.report.why_lines import _measured, why_lines

RECIPE = """\
sources:
  docs: {{read: python_docs{limit}}}
  mine: {{paths: mine/first.txt, licence: CC0-1.0}}
  also: {{paths: mine/second.txt, licence: CC0-1.0}}
engines: {{small: {{scripted: {{seed: 3}}}}}}
rephrase: {{engine: small, styles: [tutorial], rules: all, until: {{retellings: 4}}}}
pack: {{tokenizer: train, vocabulary: 1024, length: {length}, rows_per_shard: 16}}
"""


def ran(folder, limit=", limit: 6", length=128):
    (folder / "mine").mkdir()
    text = pydoc_data.topics.topics["with"]
    for name in ("first", "second"):
        (folder / "mine" / f"{name}.txt").write_text(text, "utf-8")
    path = folder / "why.yaml"
    path.write_text(RECIPE.format(limit=limit, length=length))
    return retold.run(path)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    return ran(tmp_path_factory.mktemp("why"))


@pytest.fixture(scope="module")
def teller(session):
    return Teller(session)


def round_trip(session, count):
    """`count` random positions of packed rows, each followed to its characters and back to its tokens."""
    encoder = load_tokenizer(session.recipe.folder / "tokenizer.json", session.recipe.settings.pack.end_of_text)
    rows = session.scan("packed").sort("row")
    texts = dict(session.accepted().select("document_id", "text").rows())
    pick, told, what = random.Random(5), Teller(session), {"text": 0, "end": 0, "padding": 0}
    length = session.recipe.settings.pack.length
    for row, offset in sorted((pick.randrange(rows.height), pick.randrange(length)) for _ in range(count)):
        position = told.token(row, offset).position
        what[position.what] += 1
        packed = rows.row(row, named=True)
        assert position.token == packed["input_ids"][offset]
        owners = [item for item in packed["documents"] if item["token_start"] <= offset < item["token_end"]]
        assert (position.what == "padding") == (not owners)
        if position.what != "text":
            continue
        assert position.document_id == owners[0]["document_id"]
        span = texts[position.document_id][position.char_start : position.char_end]
        assert tuple(encoder.ids([span])[0]) == position.ids and position.token in position.ids
    return what


def test_random_positions_lead_to_their_characters(session):
    """Must hold for every position. Kills: characters of the range in place of those of the token."""
    assert round_trip(session, 400)["text"] > 300


@pytest.mark.minutes
def test_ten_thousand_positions_of_the_whole_language_reference(tmp_path):
    """The same, of 10,000 positions of all that `make demo` reads."""
    found = round_trip(ran(tmp_path, limit="", length=1024), 10_000)
    print(f"10,000 random positions: {found}, every one of them led to its document and characters")
    assert sum(found.values()) == 10_000 and found["text"] > 9_000


def test_a_retelling_tells_its_way_up(session, teller):
    """Kills: a chain that ends at the retelling; a request without its answer."""
    made = session.accepted(["retelling"]).filter(style="cloze").row(0, named=True)
    answer = teller.why(made["document_id"][:12])
    first, source = answer.chain
    assert (first.kind, first.style, first.made_by) == ("retelling", "cloze", "rule")
    assert first.parents == ((source.document_id, "retold"),) and first.spans[0][0] == source.document_id
    assert source.kind == "source" and source.records[0].uri and first.licence == source.licence
    assert first.packed and {item.stage for item in first.signals} == {"verify"}
    rows = session.scan("packed").filter(row=first.packed[0].row).row(0, named=True)
    assert first.document_id in [item["document_id"] for item in rows["documents"]]
    assert first.packed[0].shard == f"shards/{first.packed[0].row // 16:05d}.parquet"


def test_a_model_made_retelling_names_prompt_and_model(session, teller):
    request = session.scan("requests").row(0, named=True)
    account = teller.why(request["request_id"]).chain[0] if _made(session, request) else None
    if account is None:  # the scripted engine's answer was no text in the form asked for
        pytest.skip("refused before it was a document")
    (asked,) = account.requests
    style = session.recipe.styles["tutorial"]
    assert asked.prompt == style.prompt_digest and asked.engine == request["engine"] and asked.finish


def _made(session, request):
    return session.scan("documents").filter(document_id=request["retelling_id"]).height


def test_a_source_tells_its_twins_and_all_that_was_made(session, teller):
    """Kills: what was dropped left out of the way down; a twin that is not told."""
    documents = session.scan("documents")
    name = documents.filter(source="mine", kind="source")["document_id"][0]
    answer = teller.why(name)
    (account,) = answer.chain
    assert sorted(Path(read.uri).name for read in account.records) == ["first.txt", "second.txt"]
    assert {read.licence for read in account.records} == {"CC0-1.0"} == {account.licence}
    children = set(documents.filter(documents["parents"].list.contains(name))["document_id"])
    asked = set(session.scan("requests").filter(document_id=name)["retelling_id"])
    assert {item.document_id for item in answer.made} == children | asked and children
    assert all(item.packed for item in answer.made if item.kept)
    assert not any(item.packed for item in answer.made if not item.kept)


def test_a_text_in_two_parts_is_kept_once_and_says_so(session, teller):
    """Kills: calling a document dropped because one of its copies was."""
    documents = session.scan("documents")
    name = documents.filter(source="mine", kind="source")["document_id"][0]
    rows = documents.filter(document_id=name)
    assert rows.height == 2, "a row in each of the two parts"
    account = teller.why(name).chain[0]
    dropped = [verdict for verdict in account.verdicts if not verdict.keep]
    assert account.kept and account.packed
    assert len(dropped) == rows.height - 1, "a copy in another part is dropped as its duplicate"


def test_a_dropped_document_says_what_dropped_it(session, teller):
    dropped = session.scan("verdicts").filter(keep=False, kind="retelling")
    names = [name for name in dropped["subject"] if session.scan("documents").filter(document_id=name).height]
    account = teller.why(names[0]).chain[0]
    assert not account.kept and not account.packed
    assert any(verdict.explanation for verdict in account.verdicts)


def test_end_padding_and_nonsense(session, teller):
    rows = session.scan("packed").sort("row").to_dicts()
    ends = [(item, item["documents"][-1]["token_end"]) for item in rows]
    row, last = next((item, end) for item, end in ends if end < 128 and item["input_ids"][end - 1] == 0)
    assert teller.why(f"{row['row']}:{last - 1}").token.position.what == "end"
    padding = teller.why(f"{row['row']}:{last}")
    assert padding.token.position.what == "padding" and not padding.chain
    for wrong, words in (("1:", "ROW:OFFSET"), ("999999:0", "rows are 0 to"), ("0:128", "positions 0 to 127")):
        with pytest.raises(RetoldError, match=words):
            teller.why(wrong)


def test_text_json_and_python_say_the_same(session, teller):
    """Kills: a figure in one of them alone; markup in a text that is obeyed."""
    stream = io.StringIO()
    why_lines(teller.why("0:3"), Console(file=stream, width=100, color_system=None))
    load(["why"])
    answer = CliRunner().invoke(app, ["why", "0:3", "--json", "--store", str(session.recipe.folder)])
    assert answer.exit_code == 0, answer.output
    found = json.loads(answer.output)
    assert found == json.loads(json.dumps(retold.why("0:3", str(session.recipe.folder)).as_dict()))
    text = stream.getvalue()
    assert (
        found["token"]["position"]["document_id"] in text
        and f"made from {found['token']['position']['document_id'][:12]}: " in text
    )


def test_signals_that_are_nought_are_counted_and_not_listed():
    """Kills: thirty names of what was not found, in which the few that were found are lost."""
    text = _measured(Measured("verify", {"copied": 0.25, "names": 0.0, "numbers": 0.0}, ()))
    assert text.plain == "copied 0.25, and 2 that are 0 (--json names them)"
    assert _measured(Measured("verify", {}, ())).plain == "nothing measured"
