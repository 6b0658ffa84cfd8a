"""Scores of a model on batteries: exact answers, cloze by normalised probability, whole generations, bits per byte.

    exact(model, vocabulary, questions)   1 where the greedy answer, with its end, is the right one
    cloze(model, vocabulary, questions)   probability of the right answer among the given ones, each by its mean
                                          log-probability per token (answers of a kind have about the same length)
    generate(model, vocabulary, prompts, cap)  greedy texts, and whether each ended by itself
    bits_per_byte(model, vocabulary, texts)    of each text, its end included

A greedy answer equals the right one exactly where the right one's tokens are each the likeliest after the ones before:
one forward pass tells, without generating. Items are gone through by length, so nothing is padded and no figure depends
on its neighbours in a batch beyond the rounding of sums.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from retold.measure.builder import Question
from retold.measure.vocabulary import Vocabulary

TOKENS_AT_ONCE = 16384


def _batches(sequences: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Places of sequences of one length, at most TOKENS_AT_ONCE tokens together."""
    by_length: dict[int, list[int]] = defaultdict(list)
    for place, sequence in enumerate(sequences):
        by_length[len(sequence)].append(place)
    for length, places in sorted(by_length.items()):
        most = max(1, TOKENS_AT_ONCE // length)
        yield from (places[start : start + most] for start in range(0, len(places), most))


def _answered(vocabulary: Vocabulary, prompt: str, answer: str) -> tuple[list[int], int]:
    """Ids of prompt, answer and end, and how many of them are the answer's (with the end).

    A token that the end of the prompt and the beginning of the answer share ("is " and "Paris") is the answer's.
    """
    before = vocabulary.ids(prompt)
    whole = vocabulary.ids(prompt + answer)
    shared = next((place for place, (one, other) in enumerate(zip(before, whole, strict=False)) if one != other), None)
    return [*whole, vocabulary.end], len(whole) + 1 - min(len(before) if shared is None else shared, len(whole) - 1)


def _logits(model: Any, sequences: Sequence[Sequence[int]]) -> Any:
    import torch

    ids = torch.tensor(sequences, dtype=torch.long, device=model.device)
    return model(input_ids=ids).logits.float()


def exact(model: Any, vocabulary: Vocabulary, questions: Sequence[Question]) -> list[float]:
    """1.0 or 0.0 for each question."""
    import torch

    asked = [_answered(vocabulary, question.prompt, question.answer) for question in questions]
    right = [0.0] * len(asked)
    with torch.no_grad():
        for places in _batches([ids for ids, _ in asked]):
            best = _logits(model, [asked[place][0] for place in places]).argmax(-1).tolist()
            for place, row in zip(places, best, strict=True):
                ids, size = asked[place]
                right[place] = float(row[-size - 1 : -1] == ids[-size:])
    return right


def cloze(model: Any, vocabulary: Vocabulary, questions: Sequence[Question]) -> list[float]:
    """Normalised probability of the right answer for each question."""
    import torch

    owners, asked = [], []
    for place, question in enumerate(questions):
        for answer in (question.answer, *question.wrong):
            ids, size = _answered(vocabulary, question.prompt, answer)
            owners.append(place)
            asked.append((ids[:-1], size - 1))  # without the end: an answer may go on
    means = [0.0] * len(asked)
    with torch.no_grad():
        for places in _batches([ids for ids, _ in asked]):
            rows = torch.tensor([asked[place][0] for place in places], dtype=torch.long, device=model.device)
            likely = torch.log_softmax(_logits(model, rows.tolist())[:, :-1], -1)
            chosen = likely.gather(-1, rows[:, 1:, None])[..., 0].tolist()
            for place, row in zip(places, chosen, strict=True):
                size = asked[place][1]
                means[place] = math.fsum(row[-size:]) / size
    options: dict[int, list[float]] = defaultdict(list)
    for owner, mean in zip(owners, means, strict=True):
        options[owner].append(mean)
    return [_share(options[place]) for place in range(len(questions))]


def _share(logs: Sequence[float]) -> float:
    """Softmax of the first."""
    most = max(logs)
    return math.exp(logs[0] - most) / math.fsum(math.exp(value - most) for value in logs)


def generate(model: Any, vocabulary: Vocabulary, prompts: Sequence[str], cap: int) -> list[tuple[str, bool]]:
    """Greedy continuation of each prompt and whether it ended before `cap` tokens."""
    import torch

    asked = [vocabulary.ids(prompt) for prompt in prompts]
    found: list[tuple[str, bool]] = [("", False)] * len(asked)
    for places in _batches(asked):
        ids = torch.tensor([asked[place] for place in places], dtype=torch.long, device=model.device)
        made = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=cap,
            do_sample=False,
            use_cache=True,
            eos_token_id=vocabulary.end,
            pad_token_id=vocabulary.end,
        )
        for place, row in zip(places, made[:, ids.shape[1] :].tolist(), strict=True):
            found[place] = (vocabulary.decode(row), vocabulary.end in row)
    return found


def bits_per_byte(model: Any, vocabulary: Vocabulary, texts: Sequence[str], length: int) -> list[float]:
    """Of each text in windows of `length` tokens, the end token included and the first token given."""
    import torch

    found = []
    for text in texts:
        ids, bits = [vocabulary.end, *vocabulary.ids(text), vocabulary.end], 0.0
        for start in range(0, len(ids) - 1, length):
            window = ids[start : start + length + 1]
            rows = torch.tensor([window], dtype=torch.long, device=model.device)
            with torch.no_grad():
                likely = torch.log_softmax(_logits(model, rows[:, :-1].tolist()), -1)
                bits -= float(likely.gather(-1, rows[:, 1:, None]).sum()) / math.log(2)
        found.append(bits / max(1, len(text.encode("utf-8"))))
    return found
