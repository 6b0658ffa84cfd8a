"""The models that are trained: `LlamaForCausalLM` of transformers, from a size, a vocabulary and a seed.

Position is rotary, norms are RMS, the feed-forward layer is gated, embeddings are tied: half a million to 150 million
parameters of the architecture that every serving engine knows. `save` writes a folder that `from_pretrained` reads,
tokenizer and end token included. Weights are drawn on the CPU from the seed alone, so that all arms of a seed begin at
the same point wherever they run.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from retold.core.errors import EngineMissing
from retold.measure.settings import Size
from retold.measure.vocabulary import END, Vocabulary

_INSTALL = "run: pip install 'retold[measure]'"
TOKENIZER = "tokenizer.json"
LONGEST = 2048
"""Positions that a saved model claims at least: rotary embeddings take any, and answers may be longer than rows."""


def require() -> None:
    """Raises EngineMissing where torch or transformers are not installed."""
    try:
        import torch  # noqa: F401
        from transformers.utils import logging
    except ImportError as error:
        raise EngineMissing(f"training needs torch and transformers: {error}", _INSTALL) from None
    logging.disable_progress_bar()


def device() -> Any:
    """The first GPU, or the CPU."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def build(size: Size, vocabulary: int, length: int, seed: int) -> Any:
    """A model with fresh weights, on the CPU. The generator of torch is left as it was."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=size.width,
        intermediate_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.attention_heads,
        num_key_value_heads=size.attention_heads,
        max_position_embeddings=max(LONGEST, length),
        tie_word_embeddings=True,
        use_cache=False,
        bos_token_id=None,
        eos_token_id=0,
        pad_token_id=None,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LlamaForCausalLM(config)


def parameters(model: Any) -> int:
    """How many numbers are trained, tied ones once."""
    return sum(weights.numel() for weights in model.parameters())


def save(model: Any, vocabulary: Vocabulary, folder: Path) -> None:
    """A folder for `from_pretrained` and for servers; put in place as a whole."""
    from transformers import PreTrainedTokenizerFast

    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    model.config.use_cache = True
    model.save_pretrained(fresh)
    model.config.use_cache = False
    (fresh / TOKENIZER).write_bytes(vocabulary.content)
    PreTrainedTokenizerFast(tokenizer_file=str(fresh / TOKENIZER), eos_token=END).save_pretrained(fresh)
    (fresh / TOKENIZER).write_bytes(vocabulary.content)
    shutil.rmtree(folder, ignore_errors=True)
    fresh.replace(folder)
