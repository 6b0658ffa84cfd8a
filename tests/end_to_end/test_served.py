"""The one-line switch: the same recipe on the embedded engine and on a real server, told apart in one store."""

from __future__ import annotations

import pytest

import retold
from retold.core.errors import RetoldError
from retold.engines.fetch import locate

RECIPE = """\
name: served
sources: {docs: {read: python_docs, limit: 6}}
engines: {small: ENGINE}
rephrase: {engine: small, styles: [tutorial], until: {retellings: 3}, passage: {tokens: 60, min_words: 20}}
"""


@pytest.fixture
def server():
    """llama.cpp's own server on loopback, with the embedded model's weights."""
    xllamacpp = pytest.importorskip("xllamacpp", reason="not installed: pip install 'retold[local]'")
    weights = locate()
    if weights is None:
        pytest.skip("the embedded model's weights are not here: retold engine fetch")
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.hostnames, parameters.port = ["127.0.0.1"], 0
    parameters.n_parallel, parameters.n_ctx, parameters.verbosity, parameters.warmup = 2, 2048, -1, False
    parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = 1
    return xllamacpp.Server(parameters)


@pytest.mark.embedded
def test_one_line_switches_to_a_served_model(server, tmp_path):
    """Kills: an engine whose identity is not in the request ids, so that answers of two engines are mixed."""
    path = tmp_path / "served.yaml"
    address = f"{server.listening_address}/v1"
    path.write_text(RECIPE.replace("ENGINE", f"{{http: [{address}], model: small, template: chatml}}"))
    served = retold.run(path)
    assert served.scan("completions").height == 3
    assert set(served.scan("requests")["engine"].to_list()) == set(served.scan("completions")["engine"].to_list())

    path.write_text(RECIPE.replace("ENGINE", "{embedded: {slots: 1, threads: 1, batch: 512}}"))
    planned = retold.plan(path)
    assert (planned.to_ask, planned.forgotten) == (3, 3)
    embedded = retold.run(path)
    engines = set(embedded.scan("requests")["engine"].to_list())
    assert len(engines) == 1 and next(iter(engines)).startswith("embedded:")
    assert set(embedded.scan("documents").filter(kind="retelling")["document_id"].to_list()).isdisjoint(
        served.scan("requests")["request_id"].to_list()
    )


def test_a_server_that_is_not_there_is_said(tmp_path):
    path = tmp_path / "served.yaml"
    path.write_text(RECIPE.replace("ENGINE", "{http: [http://127.0.0.1:9/v1], model: small}"))
    with pytest.raises(RetoldError, match=r"127\.0\.0\.1:9") as raised:
        retold.run(path)
    assert raised.value.fix
