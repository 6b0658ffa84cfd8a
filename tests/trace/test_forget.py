"""Forgetting a document of a real run: nothing of it is left in any byte, all else is as it was, kills change nothing.

The search unpacks every Parquet file (also those that no version names), reads every other file as it is, and looks for
the words and for their token ids in every width that an export uses.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import retold
from retold.cli import app
from retold.cli import load as load_verbs
from retold.core.document import Document, Origin, Record, document_id, record_id
from retold.core.errors import RetoldError, StoreError
from retold.core.schema import TABLES, batch
from retold.pack import Pack
from retold.pack.settings import FORMATS
from retold.pack.tokenizer import FILE, load
from retold.runner.session import Session
from retold.store import Store, Writer
from retold.store.erase import RULES, Forgotten, host
from retold.trace import files
from retold.trace.doomed import Asked, doomed
from retold.trace.forget import BEGUN, forget, records, sealed
from support.every_byte import found_in

load_verbs()
CANARY = "The zyxglorb quivers marvellously beneath nineteen lanterns of Qwandorra."
SECRET = f"""Notes on a harbour. {CANARY} Every evening the keeper counts the boats in the bay and writes their names in
a ledger of green leather. A boat is a small ship that carries people over water. The ledger is kept in the tower, and
nobody but the keeper reads it before the morning. In 1897 the harbour had 41 boats and 3 towers."""
OTHER = """Notes on a mill. Every morning the miller opens the gate of the pond and lets the water run over the wheel.
A mill is a house in which grain is ground to flour. The wheel turns slowly, and the stones turn with it, until the
sacks of the farmers are full. In 1902 the mill had 2 wheels and 5 stones."""
RECIPE = """\
name: little
seed: 7
sources: {notes: {paths: 'notes/*.txt'}, docs: {read: python_docs, limit: 8}}
curate: [normalize, exact]
engines: {small: {scripted: {latency: 0.001, echo: 50%, fail: 2%}}}
rephrase: {engine: small, styles: {key_facts: 2, reword: 1}, rules: all}
verify: default@1
group_seconds: 0.2
pack: {tokenizer: train, vocabulary: 500, length: 128, rows_per_shard: 32, borders: true, formats: [npy, megatron, mds]}
"""


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("forgotten")
    (folder / "notes").mkdir()
    (folder / "notes/secret.txt").write_text(SECRET, "utf-8")
    (folder / "notes/other.txt").write_text(OTHER, "utf-8")
    (folder / "little.yaml").write_text(RECIPE.replace("echo: 50%, ", ""), "utf-8")
    session = retold.run(folder / "little.yaml")
    out = folder / "out/little"
    (out / "report.html").write_text(f"<p>{CANARY}</p>", "utf-8")
    (out / "shards/.sorting").mkdir()
    (out / "shards/.sorting/0").write_text(CANARY, "utf-8")
    _counted_and_killed(session)
    retold.trace("Notes on a harbour", out)
    return folder


def _counted_and_killed(session: Session) -> None:
    """What a run leaves that is killed when it has counted the tokens of all parts."""
    stage = next(stage for stage in session.stages if stage.name == "pack")
    view = stage.view(session.store, session.parts)
    for part in session.parts:
        assert isinstance(stage.step, Pack) and list(stage.step.sketch(part, view))


@pytest.fixture
def made(original, tmp_path) -> Path:
    return shutil.copytree(original, tmp_path / "copy") / "out/little"


def texts_of(out: Path, ids) -> list[str]:
    rows = Store.open(out / "store").rows("documents")
    return [row["text"] for row in rows if row["document_id"] in ids]


def secret_id(out: Path) -> str:
    rows = Store.open(out / "store").rows("documents")
    return next(row["document_id"] for row in rows if CANARY in row["text"] and row["kind"] == "source")


def needles_of(out: Path, texts: list[str]) -> list[bytes]:
    """The words of each text in stretches, and their ids as a row would hold them."""
    encoder = load(out / FILE, "<|endoftext|>")
    pieces = [CANARY]
    for text in texts:
        pieces += [line[:60] for line in text.replace("\n", ". ").split(". ") if len(line) >= 50]

    needles = []
    for piece in dict.fromkeys(pieces):
        needles += [piece.encode(), json.dumps(piece)[1:-1].encode()]
        ids = encoder.ids([" " + piece])[0][2:-2]
        needles += [np.array(ids, dtype).tobytes() for dtype in ("<u2", "<i4", "<i8")]
    return list(dict.fromkeys(one for one in needles if len(one) > 20))


def digests(out: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (out / "shards").glob("*.parquet")}


def covered(out: Path) -> tuple[int, int]:
    """Places of packed rows with a document in them, and all places."""
    rows = [row for path in (out / "shards").glob("*.parquet") for row in pq.read_table(path).to_pylist()]
    filled = sum(one["token_end"] - one["token_start"] for row in rows for one in row["documents"])
    return filled, sum(len(row["input_ids"]) for row in rows)


def gone_of(out: Path):
    store = Store.open(out / "store")
    found = doomed(store, Asked(documents=(secret_id(out),)))
    return found, texts_of(out, found.documents)


def only_of_it(out: Path, texts: list[str], ids) -> list[str]:
    """Texts that nothing else in the store holds: a rule may say the same of two documents."""
    rows = Store.open(out / "store").rows("documents")
    other = "\n".join(row["text"] for row in rows if row["document_id"] not in ids)
    return ["\n".join(line for line in text.splitlines() if line not in other) for text in texts]


def test_nothing_of_a_forgotten_document_is_left_in_any_byte(made):
    """Law 9. Kills: `purge` left out; the log not cut; leftovers kept; no border where a document was;
    texts, completions or passages without a rule; the index not brought up to date; `padding` counted in pieces, not in
    tokens; tokens of the document still counted as covered."""
    found, texts = gone_of(made)
    needles = needles_of(made, only_of_it(made, texts, found.documents))
    before = {name for name, _ in found_in(made, needles)}
    assert {name.split("/")[0] for name in before} >= {
        "shards",
        "texts",
        "store",
        "trace",
        "report.html",
        "npy",
        "mds",
        ".tokens",
    }
    shards = digests(made)
    touched = {
        path.name
        for path in (made / "shards").glob("*.parquet")
        for row in pq.read_table(path, columns=["documents"])["documents"].to_pylist()
        for one in row
        if one["document_id"] in found.documents
    }
    assert touched != set(shards), "a shard is not touched"
    dry = forget(made, Asked(documents=(secret_id(made),)))
    assert not dry.done and dry.counts["documents_source"] >= 1 and dry.counts["documents_retelling"] > 1
    assert digests(made) == shards, "a dry run touches nothing"
    filled, places = covered(made)
    done = forget(made, Asked(documents=(secret_id(made),)), yes=True, why="a wish", by="keeper")
    assert done.done
    assert not found_in(made, needles)
    after = digests(made)
    assert {name for name in shards if after[name] != shards[name]} == touched
    assert covered(made) == (filled - dry.padding, places) and dry.padding == done.padding > 50
    assert done.places == places
    _rest_verifies(made, found.documents)
    rows = records(Store.open(made / "store"))
    assert {row["state"] for row in rows} == {"begun", "done"} and all(sealed(row) == row["seal"] for row in rows)
    assert CANARY[:10] not in json.dumps(rows) and rows[0]["by"] == "keeper"


def _rest_verifies(out: Path, gone) -> None:
    """Every packed token that counts still leads to a document of the store whose tokens it is."""
    session = Session.open(out)
    texts = dict(session.scan("documents").select("document_id", "text").iter_rows())
    assert not set(texts) & set(gone)
    encoder = load(out / FILE, "<|endoftext|>")
    counted = 0
    for path in sorted((out / "shards").glob("*.parquet")):
        for row in pq.read_table(path).to_pylist():
            inside = np.zeros(len(row["input_ids"]), bool)
            for one in row["documents"]:
                start, end = one["token_start"], one["token_end"]
                inside[start:end] = True
                said = encoder.decode(row["input_ids"][start:end])
                assert texts[one["document_id"]][one["char_start"] : one["char_end"]] == said
                counted += end - start
            assert not np.array(row["loss_mask"])[~inside].any()
            begins = row["cu_seqlens"]
            assert begins[0] == 0 and begins[-1] == len(inside) == len(row["position_ids"])
            assert [place for place, at in enumerate(row["position_ids"]) if at == 0] == begins[:-1]
            assert {one[edge] for one in row["documents"] for edge in ("token_start", "token_end")} <= {*begins}
    assert counted > 1000
    assert not session.scan("packed").is_empty()


def test_what_was_forgotten_never_comes_in_again(made):
    """Kills: `Forgotten.without` left out of `Writer.add`."""
    recipe = made.parent.parent / "little.yaml"
    forget(made, Asked(documents=(secret_id(made),)), yes=True)
    recipe.write_text(
        recipe.read_text("utf-8").replace("normalize, exact", "normalize, {length: {min_words: 3}}, exact"), "utf-8"
    )
    session = retold.run(recipe)
    assert not [text for text in session.scan("documents")["text"] if CANARY in text]
    assert [text for text in session.scan("documents")["text"] if "Notes on a mill" in text]
    assert not found_in(made, [CANARY.encode()])


def test_every_table_and_every_kind_of_file_has_an_eraser(original):
    """Law 9. Kills: a table, an export or a page that is added without saying how it forgets."""
    assert set(RULES) == set(TABLES)
    for table, rule in RULES.items():
        assert isinstance(rule, str) or set(rule) <= set(TABLES[table].columns.names)
    written = {name for stage in Session.open(original / "out/little").stages for name in stage.files}
    assert written | set(FORMATS) <= set(files.ERASERS)
    assert not files.unknown(original / "out/little")


def test_nothing_named_and_nothing_begun_is_refused(made):
    """Kills: `if not asked and not finished` left out of `forget`."""
    with pytest.raises(RetoldError, match="nothing is named"):
        forget(made, Asked(), yes=True)


def _pack_less(out: Path) -> None:
    recipe = out.parent.parent / "little.yaml"
    recipe.write_text(recipe.read_text("utf-8").partition("pack:")[0], "utf-8")


def _other_end(out: Path) -> None:
    recipe = out.parent.parent / "little.yaml"
    recipe.write_text(recipe.read_text("utf-8").replace("length: 128", "length: 128, end_of_text: </s>"), "utf-8")


@pytest.mark.parametrize(
    "before",
    [
        _pack_less,
        _other_end,
        lambda out: (out / FILE).unlink(),
        lambda out: shutil.rmtree(out / "shards"),
    ],
    ids=["recipe packs no more", "recipe names another end", "tokenizer deleted", "shards deleted"],
)
def test_an_output_that_was_changed_by_hand_is_erased_all_the_same(made, before):
    """Law 9. Kills: shards left alone where the recipe packs nothing or the tokenizer is gone; an index that cannot be
    brought up to date, or an end that the tokenizer does not know, ends the erasure half-way (and a run refuses it)."""
    found, texts = gone_of(made)
    needles, name = needles_of(made, only_of_it(made, texts, found.documents)), secret_id(made)
    before(made)
    assert forget(made, Asked(documents=(name,)), yes=True).done
    assert not found_in(made, needles)
    assert {row["state"] for row in records(Store.open(made / "store"))} == {"begun", "done"}


def test_a_folder_with_a_file_that_no_eraser_is_for_is_refused(made):
    (made / "notes.txt").write_text(CANARY, "utf-8")
    (made / ".hidden").write_text(CANARY, "utf-8")
    with pytest.raises(RetoldError, match=r"\.hidden, notes\.txt"):
        forget(made, Asked(documents=(secret_id(made),)), yes=True)
    assert not records(Store.open(made / "store"))


def test_one_address_of_a_text_with_two_goes_alone(tmp_path):
    """Kills: `elsewhere` ignored: the text of another address would go too."""
    store = Store.create(tmp_path / "store")
    names = [record_id("web", uri) for uri in ("a", "b", "c")]
    uris = ["https://one.example/a", "https://two.example/b", "https://deep.one.example/c"]
    both, alone = document_id("source", (), "both"), document_id("source", (), "alone")
    writer = Writer(store, "s")
    rows = {
        "records": batch("records", [Record(n, "web", n, u, "text/html", 1) for n, u in zip(names, uris, strict=True)]),
        "origins": batch("origins", [Origin(*one) for one in zip((both, both, alone), names, uris, strict=True)]),
        "documents": batch("documents", [Document(one, "source", one[:4], "web") for one in (both, alone)]),
    }  # fmt: skip
    writer.add("p", rows)
    writer.flush()
    found = doomed(store, Asked(domains=("one.example",)))
    assert set(found.documents) == {alone} and found.records == {names[0], names[2]}
    gone = Forgotten(hosts=frozenset([host("one.example")]))
    left = gone.without(rows)
    assert left["documents"]["document_id"].to_pylist() == [both]
    assert left["records"]["record_id"].to_pylist() == [names[1]]


def test_a_domain_is_forgotten_in_whichever_script_it_is_written():
    """Kills: names compared as they are typed, which leaves the pages of the other spelling."""
    plain, network = "https://Bücher.example/a", "https://www.xn--bcher-kva.example./b"
    for typed in ("bücher.example", "xn--bcher-kva.EXAMPLE", "bücher.example."):
        gone = Forgotten(hosts=frozenset([host(typed)]))
        assert gone.address_of(plain) and gone.address_of(network) and not gone.address_of("https://bucher.example/")


KILLED = """
import sys, retold
from retold.trace.doomed import Asked
from retold.trace.forget import forget
forget(sys.argv[1], Asked(documents=(sys.argv[2],)), yes=True)
"""


def killed_once(out: Path, name: str, seconds: float) -> None:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(out), name], env=os.environ)
    begun = out / "store/tables/forgettings/_delta_log"
    deadline = time.monotonic() + 60
    while not begun.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(seconds)
    process.kill()
    process.wait()


def _kills(original: Path, tmp_path: Path, times: int) -> None:
    chance = random.Random(11)
    states = []
    for number in range(times):
        out = shutil.copytree(original, tmp_path / str(number)) / "out/little"
        found, texts = gone_of(out)
        needles = needles_of(out, only_of_it(out, texts, found.documents))
        name = secret_id(out)
        before = digests(out)
        killed_once(out, name, chance.uniform(0, 0.6) if number else 0.05)
        states.append(sorted(row["state"] for row in records(Store.open(out / "store"))))
        if not states[-1]:
            assert digests(out) == before
            assert secret_id(out) == name
            forget(out, Asked(documents=(name,)), yes=True)
        elif "done" not in states[-1]:
            for verb in ("run", "plan"):  # nothing is left to run, and still it is not said to be all done
                refused = CliRunner().invoke(app, [verb, str(out.parent.parent / "little.yaml")])
                assert isinstance(refused.exception, StoreError)
                assert f"retold forget --yes --store {out}" in str(refused.exception)
            with pytest.raises(StoreError):
                Session.open(out).run()
            assert forget(out, Asked(documents=(name,)) if number % 2 else Asked(), yes=True).done
            retold.run(out.parent.parent / "little.yaml")
        assert not found_in(out, needles)
        _rest_verifies(out, found.documents)
        shutil.rmtree(tmp_path / str(number))
    assert [BEGUN] in states, states


def test_a_kill_in_the_middle_is_finished_by_the_next(original, tmp_path):
    """Law 2 and 9. Kills: what goes decided again after a kill; rows erased before the record is committed;
    `not_half_erased` left out of `Session.begin` or of `run_stages`; nothing finished where nothing is named."""
    _kills(original, tmp_path, 1)


@pytest.mark.prove
def test_ten_kills_in_the_middle(original, tmp_path):
    _kills(original, tmp_path, 10)
