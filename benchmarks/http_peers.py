"""The clients that others generate with, at the same loopback server, each with the durability that it has.

    PYTHON benchmarks/http_peers.py datatrove --url http://127.0.0.1:8123 --in-flight 1000 --documents 4000
    PYTHON benchmarks/http_peers.py openai    --url http://127.0.0.1:8123 --in-flight 1000 --documents 2000

`datatrove`: its InferenceRunner with checkpoints on (an answer to SQLite, a document to a JSON lines file), against
an external endpoint; on loopback it sends through its own `_raw_post`, not through the client of openai. `openai`:
AsyncOpenAI with a semaphore around it, as NeMo Curator, distilabel and Daft use it; answers go to a JSON lines file
that is synchronised once a second. Both on uvloop. Prints JSON: seconds of wall clock and of processor time (without
imports), and how many documents are in the files afterwards.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import uvloop

SYNC_SECONDS = 1.0
PARAMETERS = {"max_tokens": 512, "temperature": 0.7, "top_p": 1.0}


def prompt(number: int, text: str) -> str:
    """What is asked for the n-th document."""
    return f"Summarise the text below.\n\n{number}. {text}"


def through_datatrove(url: str, in_flight: int, documents: int, text: str, folder: Path) -> tuple[float, float]:
    """Seconds of the runner, and of its processor time."""
    from datatrove.data import Document
    from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
    from datatrove.pipeline.writers import JsonlWriter
    from loguru import logger

    logger.remove()

    async def ask(document, generate):
        return await generate({"messages": [{"role": "user", "content": document.text}], **PARAMETERS})

    config = InferenceConfig(
        server_type="endpoint",
        model_name_or_path="bench",
        endpoint_url=url,
        use_chat=True,
        max_concurrent_generations=in_flight,
        max_concurrent_documents=in_flight,
        metric_interval=3600,
    )
    runner = InferenceRunner(
        ask,
        config,
        JsonlWriter(str(folder / "out"), output_filename="${rank}_chunk_${chunk_index}.jsonl"),
        checkpoints_local_dir=str(folder / "checkpoints"),
        records_per_chunk=1000,
    )
    data = (Document(text=prompt(number, text), id=str(number)) for number in range(documents))
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    begun, cpu = time.perf_counter(), time.process_time()
    runner.run(data)
    return time.perf_counter() - begun, time.process_time() - cpu


def through_openai(url: str, in_flight: int, documents: int, text: str, folder: Path) -> tuple[float, float]:
    """Seconds from opening the client to the last answer on disk, and of processor time."""
    from openai import AsyncOpenAI

    (folder / "out").mkdir()
    begun, cpu = time.perf_counter(), time.process_time()

    async def everything() -> None:
        client = AsyncOpenAI(base_url=f"{url}/v1", api_key="none", timeout=300.0, max_retries=2)
        places = asyncio.Semaphore(in_flight)
        synced = time.monotonic()
        with (folder / "out" / "answers.jsonl").open("a", encoding="utf-8") as out:

            async def one(number: int) -> None:
                nonlocal synced
                async with places:
                    messages = [{"role": "user", "content": prompt(number, text)}]
                    answer = await client.chat.completions.create(model="bench", messages=messages, **PARAMETERS)
                out.write(json.dumps({"id": number, "text": answer.choices[0].message.content}) + "\n")
                if time.monotonic() - synced >= SYNC_SECONDS:
                    out.flush()
                    os.fsync(out.fileno())
                    synced = time.monotonic()

            await asyncio.gather(*(one(number) for number in range(documents)))
            out.flush()
            os.fsync(out.fileno())
        await client.close()

    uvloop.run(everything())
    return time.perf_counter() - begun, time.process_time() - cpu


def written(folder: Path) -> int:
    """Answers in the files."""
    count = 0
    for path in (folder / "out").rglob("*.jsonl*"):
        data = path.read_bytes()
        count += (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).count(b"\n")
    return count


def main() -> None:
    reader = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    reader.add_argument("peer", choices=("datatrove", "openai"))
    reader.add_argument("--url", required=True)
    reader.add_argument("--in-flight", type=int, required=True)
    reader.add_argument("--documents", type=int, required=True)
    reader.add_argument("--characters", type=int, default=6000)
    reader.add_argument("--core", type=int, default=-1)
    arguments = reader.parse_args()
    if arguments.core >= 0:
        os.sched_setaffinity(0, {arguments.core})
    text = ("The harbour lies in the lee of the island, and its pilots know every rock of the sound. " * 80)[
        : arguments.characters
    ]
    through = {"datatrove": through_datatrove, "openai": through_openai}[arguments.peer]
    print("ready", flush=True)
    sys.stdin.readline()
    with tempfile.TemporaryDirectory(prefix="retold-bench-") as folder:
        seconds, cpu = through(arguments.url, arguments.in_flight, arguments.documents, text, Path(folder))
        print(json.dumps({"seconds": seconds, "cpu": cpu, "documents": written(Path(folder))}))


if __name__ == "__main__":
    main()
