"""What an experiment says of itself: true numbers of seeds, paired contrasts, one primary, and a page."""

from __future__ import annotations

import json

import pytest

from retold.measure import cells, experiment, result
from retold.report.measured import measured_html, print_measured, verdict


def planted(chosen, scores, curves=None):
    """Results of cells as if they had been trained: `scores[arm]` is a list of items by seed."""
    for cell in chosen.cells():
        by_seed = scores.get(cell.arm, [])
        if len(by_seed) < cell.seed:
            continue
        items = by_seed[cell.seed - 1]
        points = (curves or {}).get(cell.arm, [(1024, 0.0), (4096, sum(items) / len(items))])
        cells.write(
            chosen.folder / "cells" / f"{cell.name}.json",
            {
                "fingerprint": chosen.fingerprint(cell),
                "size": cell.size,
                "seed": cell.seed,
                "arm": cell.arm,
                "parameters": 1000,
                "tokens": 4096,
                "seconds": 1.0,
                "losses": "d",
                "loss": 1.0,
                "curve": [{"tokens": at, "loss": 1.0, "scores": {"held_out": value}} for at, value in points],
                "items": {"held_out": items},
            },
        )


@pytest.fixture
def chosen(written):
    return experiment.load(written(seeds=5, levels=[0.5]))


def items(share, seed):
    """24 items, as the tiny world's questions are; seeds differ a little."""
    right = round(24 * share) + seed % 2
    return [1.0] * right + [0.0] * (24 - right)


def test_a_contrast_is_of_seeds_that_both_arms_have(chosen):
    """Kills: comparing means over different seeds, or counting planned seeds as finished."""
    planted(chosen, {"one": [items(0.2, s) for s in range(5)], "eight": [items(0.8, s) for s in range(3)]})
    found = result.gather(chosen, "retold measure x.yaml")
    assert (found.finished, found.planned) == (8, 10)
    one = found.contrasts[0]
    assert one.primary and one.difference.count == 3
    assert one.difference.mean == pytest.approx((round(24 * 0.8) - round(24 * 0.2)) / 24)
    assert one.different and "3 seeds" in verdict(found)


def test_a_null_is_said_as_a_null(chosen):
    """Kills: a verdict by the sign of the mean."""
    planted(chosen, {"one": [items(0.5, s) for s in range(5)], "eight": [items(0.5, s + 1) for s in range(5)]})
    found = result.gather(chosen, "c")
    assert not found.contrasts[0].different and "not told apart" in verdict(found)


def test_factors_are_bounds_where_the_control_never_gets_there(chosen):
    curve = {"eight": [(1024, 0.2), (2048, 0.8), (4096, 0.9)], "one": [(1024, 0.1), (2048, 0.1), (4096, 0.21)]}
    planted(chosen, {"one": [items(0.2, 0)] * 5, "eight": [items(0.9, 0)] * 5}, curve)
    found = result.gather(chosen, "c")
    named = next(needs for needs in found.needs if needs.of == "named")
    assert named.factor.kind == ">" and named.factor.mean == pytest.approx(4096 / 1536)
    own = next(needs for needs in found.needs if needs.of != "named")
    assert own.factor.kind == "=" and own.factor.mean > 3


def test_an_arm_that_was_not_trained_at_the_largest_size_is_bounded_by_its_own(written):
    """Kills: the control's largest size taken for what the arm was tried with; a bound left an equation."""
    sizes = {"small": {"layers": 1, "width": 32}, "large": {"layers": 1, "width": 64}}
    chosen = experiment.load(written(seeds=2, sizes=sizes))
    planted(chosen, {"one": [items(0.6, s) for s in range(2)], "eight": [items(0.4, s) for s in range(2)]})
    for cell in chosen.cells():
        path = chosen.folder / "cells" / f"{cell.name}.json"
        if cell.size == "large":
            path.write_text(path.read_text("utf-8").replace('"parameters": 1000', '"parameters": 4000'), "utf-8")
            if cell.arm == "eight":
                path.unlink()
    (needs,) = (one for one in result.gather(chosen, "c").needs if one.what == "parameters")
    assert needs.factor.kind == "<" and needs.factor.mean == pytest.approx(4), "more than 1,000, of the control's 4,000"


def test_the_page_and_the_json_hold_what_was_found(chosen, capsys):
    """Law 8: names are escaped. Kills: a page without the command or the digests of the data."""
    planted(chosen, {"one": [items(0.2, s) for s in range(5)], "eight": [items(0.8, s) for s in range(5)]})
    found = result.gather(chosen, "retold measure <x>.yaml")
    page = measured_html(found)
    assert "retold measure &lt;x&gt;.yaml" in page and "<x>" not in page and "<script" not in page
    assert all(digest in page for digest in found.data.values()) and found.experiment in page
    assert page.count("<svg") == 2
    plain = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert plain["contrasts"][0]["difference"]["count"] == 5

    from rich.console import Console

    print_measured(found, Console(width=120))
    assert "eight less one in held_out" in capsys.readouterr().out


def test_nothing_finished_is_a_result_too(chosen):
    found = result.gather(chosen, "c")
    assert found.finished == 0 and "no finished pair" in verdict(found)
    assert measured_html(found)


def test_all_but_the_primary_share_one_correction(written):
    chosen = experiment.load(
        written(seeds=3, arms={"one": {"forms": 1}, "eight": {"forms": 8}, "two": {"forms": 2}, "four": {"forms": 4}})
    )
    near = [[items(0.5, 0), items(0.5, 1), items(0.55, 0)], [items(0.65, 0), items(0.6, 1), items(0.6, 1)]]
    planted(chosen, {"one": near[0], "eight": near[1], "two": near[1], "four": near[1]})
    found = {one.arm: one for one in result.gather(chosen, "c").contrasts}
    assert found["two"].p == found["four"].p == pytest.approx(2 * found["eight"].p)


def test_the_verb_trains_reports_and_has_nothing_to_do_again(written, tmp_path):
    """From the file to the page: the command that the page names."""
    from typer.testing import CliRunner

    from retold.cli import app, load

    load(["measure"])
    path, to = written(seeds=2), tmp_path / "docs"
    first = CliRunner().invoke(app, ["measure", str(path), "--to", str(to)])
    assert first.exit_code == 0 and "cell 4/4 small-002-eight" in first.output
    found = json.loads((to / "result.json").read_text("utf-8"))
    assert found["finished"] == found["planned"] == 4 and found["command"] == f"retold measure {path}"
    again = CliRunner().invoke(app, ["measure", str(path), "--report", "--json"])
    assert json.loads(again.output)["arms"] == found["arms"] and "cell " not in again.output
    assert (to / "page.html").read_text("utf-8").count("<svg") == 3
