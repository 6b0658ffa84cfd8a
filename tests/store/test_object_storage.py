"""Law 2 in object storage: conditional puts, lost answers, the fence; nothing lost, nothing doubled."""

from __future__ import annotations

import threading

import pytest

from retold.core.document import Document, Origin
from retold.core.errors import FencedOut, RetoldError
from retold.core.schema import batch
from retold.store import Store, Writer, next_version
from support.lossy_proxy import LossyProxy


def origins(*names: str):
    return {"origins": batch("origins", [Origin(name, f"r-{name}", "memory:") for name in names])}


def ids(store: Store, stage: str = "s") -> list[str]:
    return sorted(row["document_id"] for row in store.rows("origins") if row["stage"] == stage)


@pytest.fixture
def lossy(prefix, object_store, monkeypatch):
    """A proxy that all traffic of this test goes through."""
    with LossyProxy(object_store.url) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


def test_rows_are_committed_read_back_and_fenced(prefix):
    store = Store.create(prefix)
    zombie = Writer(store, "s")
    zombie.add("p", origins("a", "b"))
    zombie.flush()
    zombie.add("p", origins("c"))
    successor = Writer(Store.open(prefix), "s")
    successor.add("p", origins("a", "b", "d"))
    successor.finish("p", 3)
    with pytest.raises(FencedOut):
        zombie.flush()
    assert ids(store) == ["a", "b", "d"]


def test_writers_at_once_lose_no_row(prefix):
    """Many conflicts. Kills: a put without a condition, a conflict taken for a commit."""
    store = Store.create(prefix)
    store.delta_or_new("origins")
    errors: list[BaseException] = []

    def write(stage: str) -> None:
        try:
            writer = Writer(store, stage)
            for number in range(4):
                writer.add("p", origins(f"{number}"))
                writer.flush()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(f"s{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for number in range(3):
        assert ids(store, f"s{number}") == [str(name) for name in range(4)]


@pytest.mark.parametrize("fault", ["applied, then cut", "applied, then 500", "cut", "500"])
def test_a_commit_whose_answer_is_lost_is_found_in_the_log(lossy, prefix, fault):
    """The put is repeated, refused, and was one's own. Kills: deleting the data file after any conflict; appending
    again after it; FencedOut by one's own commit."""
    store = Store.create(prefix)
    writer = Writer(store, "s")
    writer.add("p", origins("a"))
    writer.flush()
    lossy.faults.append(("PUT", "origins/_delta_log/", fault))
    writer.add("p", origins("b"))
    writer.flush()
    writer.add("p", origins("c"))
    writer.finish("p", 3)
    assert [name for name, _ in lossy.happened] == [fault]
    assert ids(store) == ["a", "b", "c"]


def test_a_claim_whose_answer_is_lost_is_made_once(lossy, prefix):
    """Kills: taking one's own claim for that of another (two owners with one epoch, or an epoch for each try)."""
    store = Store.create(prefix)
    store.delta_or_new("parts")
    lossy.faults.append(("PUT", "parts/_delta_log/", "applied, then cut"))
    writer = Writer(store, "s")
    writer.claim(["p"])
    assert len(lossy.happened) == 1
    assert store.delta("parts").version() == 1
    writer.add("p", origins("a"))
    writer.finish("p", 1)
    assert ids(store) == ["a"]


@pytest.mark.parametrize("path", ["retold.json", "origins/_delta_log/00000000000000000000", ".parquet"])
def test_answers_lost_while_a_store_is_made_or_a_file_is_written(lossy, prefix, path):
    lossy.faults.append(("PUT", path, "applied, then cut"))
    writer = Writer(Store.create(prefix), "s")
    writer.add("p", origins("a", "b"))
    writer.finish("p", 2)
    assert len(lossy.happened) == 1
    assert ids(Store.open(prefix)) == ["a", "b"]


def test_a_writer_that_cannot_learn_whether_it_has_committed_stops_and_its_rows_stay(lossy, prefix, monkeypatch):
    """The put is applied and every answer after it is lost: the run stops, and the next finds the rows.

    Kills: deleting the data file when nothing is known of its commit; FencedOut by one's own epoch.
    """
    store = Store.create(prefix)
    writer = Writer(store, "s")
    writer.add("p", origins("a"))
    writer.flush()
    writer.add("p", origins("b"))
    tried = []

    def cut_off(*_):
        tried.append(True)
        raise OSError("the network is down")

    with monkeypatch.context() as patch:
        patch.setattr(next_version, "landed", cut_off)
        lossy.faults.append(("PUT", "origins/_delta_log/", "applied, then cut"))
        with pytest.raises((RetoldError, OSError)):
            writer.flush()
    assert tried
    writer.add("p", origins("c"))
    writer.flush()  # it finds a commit of its own epoch there, and is not fenced out by itself
    following = Writer(store, "s")
    following.add("p", origins("a", "b", "c", "d"))
    following.finish("p", 4)
    assert ids(store) == ["a", "b", "c", "d"]


def test_statistics_in_the_log_name_no_text(prefix):
    """Law 9, prepared, here too. Kills: statistics on all columns."""
    store = Store.create(prefix)
    writer = Writer(store, "s")
    writer.add("p", {"documents": batch("documents", [Document("d" * 32, "source", "canary words", "web")])})
    writer.flush()
    text = store.commit_text("documents", 1)
    assert text is not None and "dddd" in text and "canary" not in text
