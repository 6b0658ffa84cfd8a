"""Equal runs give equal losses, also when killed and resumed; a checkpoint is what transformers reads."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time

import pytest

from retold.measure import cells, experiment, model, state, train
from retold.measure.builder import Question
from retold.measure.score import _answered, bits_per_byte, cloze, exact, generate
from retold.measure.settings import Size, Training
from retold.measure.vocabulary import END, Vocabulary
from retold.pack.tokenizer import train as train_bpe

KILLS = 1


def silent(_: object) -> None:
    return None


def results(path):
    found = list(cells.finished(experiment.load(path)))
    return {(one["seed"], one["arm"]): {k: v for k, v in one.items() if k != "seconds"} for one in found}


def test_equal_runs_have_equal_losses_and_scores(written):
    """Kills: first weights, or the order of texts, that do not come from the seed."""
    first, second = written("a"), written("b")
    for path in (first, second):
        assert cells.run(experiment.load(path), silent) == 4
    assert results(first) == results(second)
    digests = {one["losses"] for one in results(first).values()}
    assert len(digests) == 4
    assert cells.run(experiment.load(first), silent) == 0


def test_a_killed_run_goes_on_with_the_same_bits(written):
    """Kills: a state without the optimiser's moments, without the position in the pass, or without the loss chain."""
    changes = {"seeds": 1, "budget": 32768, "every": 1024}
    straight, killed = written("a", **changes), written("b", **changes, training={**TRAINING, "save_every": 0.02})
    cells.run(experiment.load(straight), silent)
    command = [sys.executable, "-m", "retold", "measure", str(killed)]
    deaths = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))
        seen = 0
        while seen < 4 and (line := process.stdout.readline()):
            seen += line.startswith("cell ")
        time.sleep(0.05)
        deaths += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert deaths == KILLS
    assert list(killed.parent.glob("out/tiny/cells/*.state"))
    cells.run(experiment.load(killed), silent)
    assert results(straight) == results(killed)
    assert not list(killed.parent.glob("out/tiny/cells/*.state"))


TRAINING = {"batch": 4, "length": 32, "rate": 0.003, "warmup": 4}


def test_the_state_of_a_killed_cell_that_has_changed_since_is_not_looked_at(written):
    """A size was changed after a kill. Kills: weights put into the model before the fingerprint is compared."""
    chosen = experiment.load(written("a", seeds=1))
    cell = next(chosen.cells())
    other = model.build(Size(layers=1, width=64), 50, 32, 1)
    place = chosen.folder / "cells" / f"{cell.name}.state"
    state.save(place, other, train.optimizer(other, Training()), {"fingerprint": "another"})
    cells.run(chosen, silent)
    assert not place.exists()
    fresh = written("b", seeds=1)
    cells.run(experiment.load(fresh), silent)
    assert results(chosen.path) == results(fresh)


def test_a_prompt_that_ends_with_a_space_shares_its_last_token_with_the_answer():
    """Kills: the prompt's own tokens subtracted: " " and "Paris" are one token, so that an answer has none (and its
    mean is a division by zero)."""
    texts = ["The capital is Paris.", "The capital is Rome.", "The town is Paris."] * 20
    vocabulary = Vocabulary(train_bpe(texts, 320, END))
    tiny = model.build(Size(layers=1, width=32), vocabulary.size, 32, 1)
    for end, begin in (("is", " "), ("is ", "")):
        question = Question(f"The capital {end}", f"{begin}Paris.", (f"{begin}Rome.",))
        ids, size = _answered(vocabulary, question.prompt, question.answer)
        assert vocabulary.decode(ids[-size:]).strip() == "Paris."
        assert 0 < cloze(tiny, vocabulary, [question])[0] < 1


def test_cloze_and_bits_are_those_of_a_plain_sum():
    """Kills: an answer's likelihood summed and not averaged over its tokens; characters counted for bytes; a window
    whose first token is not told from the one before it."""
    import torch

    texts = ["Die Größe der Mühle.", "Die Mühle ist über dem Fluß.", "Der Fluß."] * 20
    vocabulary = Vocabulary(train_bpe(texts, 320, END))
    tiny = model.build(Size(layers=1, width=32), vocabulary.size, 32, 2)

    def logs(ids: list[int]) -> list[float]:
        """The logarithm of the probability of each token but the first."""
        with torch.no_grad():
            likely = torch.log_softmax(tiny(input_ids=torch.tensor([ids])).logits[0].float(), -1)
        return [float(likely[place, token]) for place, token in enumerate(ids[1:])]

    asked = Question("Die Mühle", " ist über dem Fluß", (" der", " Größe der Mühle"))
    means = []
    for answer in (asked.answer, *asked.wrong):
        ids = vocabulary.ids(asked.prompt + answer)
        mine = logs(ids)[len(vocabulary.ids(asked.prompt)) - 1 :]
        means.append(sum(mine) / len(mine))
    shares = [math.exp(mean) for mean in means]
    assert cloze(tiny, vocabulary, [asked]) == pytest.approx([shares[0] / sum(shares)], rel=1e-4)
    whole = [vocabulary.end, *vocabulary.ids(texts[1]), vocabulary.end]
    pieces = [whole[start : start + 8 + 1] for start in range(0, len(whole) - 1, 8)]
    bits = -sum(sum(logs(piece)) for piece in pieces) / math.log(2)
    assert bits_per_byte(tiny, vocabulary, [texts[1]], 8) == pytest.approx([bits / len(texts[1].encode())], rel=1e-4)


def test_a_changed_experiment_trains_again_and_never_mixes(written):
    """Law 3. Kills: a cell recognised by its name."""
    path = written("a", seeds=1)
    cells.run(experiment.load(path), silent)
    before = results(path)
    written("a", seeds=1, training={**TRAINING, "rate": 0.004})
    assert results(path) == {}
    assert cells.run(experiment.load(path), silent) == 2
    assert {key: one["losses"] for key, one in results(path).items()} != {k: one["losses"] for k, one in before.items()}
    written("a", seeds=2, training={**TRAINING, "rate": 0.004})
    assert cells.run(experiment.load(path), silent) == 2


def test_the_rate_warms_up_and_stays_or_falls():
    constant, cosine = Training(rate=1.0, warmup=10), Training(rate=1.0, warmup=10, schedule="cosine")
    assert [train.rate_at(constant, step, 100) for step in (0, 4, 9, 99)] == [0.1, 0.5, 1.0, 1.0]
    assert train.rate_at(cosine, 55, 100) == pytest.approx(0.55) and train.rate_at(cosine, 100, 100) == pytest.approx(
        0.1
    )


@pytest.fixture
def trained(written):
    path = written("a", seeds=1)
    chosen = experiment.load(path)
    cells.run(chosen, silent)
    return chosen, chosen.folder / "cells" / "small-001-eight"


def test_a_checkpoint_loads_in_transformers_with_its_tokenizer(trained):
    """Kills: a tokenizer saved without its end, or weights that are not those that were scored."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    chosen, folder = trained
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    vocabulary = Vocabulary(chosen.builder.tokenizer(1))
    text = chosen.builder.texts("eight", 1, 0)[0].text
    assert tokenizer(text).input_ids == vocabulary.ids(text)
    assert tokenizer.eos_token_id == vocabulary.end == model.config.eos_token_id
    items = train.battery(model.eval(), vocabulary, chosen.builder, chosen.builder.tasks(1), curve=False)
    stored = results(chosen.path)[1, "eight"]["items"]
    assert {name: [round(value, 5) for value in values] for name, values in items.items()} == stored


def test_exact_is_what_a_greedy_answer_says(trained):
    """Kills: scoring the answer without its end, or shifted by one token."""
    from transformers import AutoModelForCausalLM

    chosen, folder = trained
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    vocabulary = Vocabulary(chosen.builder.tokenizer(1))
    prompts = [question.prompt for question in chosen.builder.tasks(1)[0].questions]
    answers = generate(model, vocabulary, prompts, 6)
    asked = [
        Question(prompt, " " + text) for prompt, (text, ended) in zip(prompts, answers, strict=True) if ended and text
    ]
    assert all(value == 1.0 for value in exact(model, vocabulary, asked))
    wrong = [Question(question.prompt, question.answer + " owl") for question in asked]
    assert all(value == 0.0 for value in exact(model, vocabulary, wrong))


def test_cloze_is_a_probability_among_the_given(trained):
    from transformers import AutoModelForCausalLM

    chosen, folder = trained
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    vocabulary = Vocabulary(chosen.builder.tokenizer(1))
    question = chosen.builder.tasks(1)[0].questions[0]
    options = [question.answer, *question.wrong]
    shares = [
        cloze(model, vocabulary, [Question(question.prompt, option, tuple(o for o in options if o != option))])[0]
        for option in options
    ]
    assert sum(shares) == pytest.approx(1.0) and min(shares) > 0


def test_bits_per_byte_of_a_model_that_knows_nothing(trained):
    """Kills: nats for bits, or characters for bytes."""
    from transformers import AutoModelForCausalLM

    chosen, folder = trained
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    with torch_no_grad():
        for weights in model.parameters():
            weights.zero_()
    vocabulary = Vocabulary(chosen.builder.tokenizer(1))
    text = "Region of owl?"
    import math

    expected = (len(vocabulary.ids(text)) + 1) * math.log2(vocabulary.size) / len(text.encode())
    for length in (2, 64):
        assert bits_per_byte(model, vocabulary, [text], length)[0] == pytest.approx(expected, rel=1e-5)


def torch_no_grad():
    import torch

    return torch.no_grad()
