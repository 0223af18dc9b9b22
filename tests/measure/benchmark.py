"""``make bench``: speed, start and memory, with the five companies and with a thousand generated ones."""

import gc
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from bot import jsonl
from bot.app import content_root, open_assistant
from bot.core.world import World
from bot.settings import load_settings
from tests.measure.questions import own_questions

_COMPANIES = 1_000


def main() -> None:
    """Print the tables; with ``--one FOLDER`` only one start and its messages, as JSON, for the tables."""
    if "--one" in sys.argv:
        print(json.dumps(_measure()))
        return
    with tempfile.TemporaryDirectory() as folder:
        print("five companies (cache made first)")
        _table(_run(Path(folder) / "five", None))
        print("five companies (from the cache)")
        _table(_run(Path(folder) / "five", None))
        content = Path(folder) / "content"
        generate(content, _COMPANIES)
        print(f"{_COMPANIES} companies (cache made first)")
        _table(_run(Path(folder) / "many", content))
        print(f"{_COMPANIES} companies (from the cache)")
        _table(_run(Path(folder) / "many", content))


def _run(place: Path, content: Path | None) -> dict[str, float]:
    """Measure in a process of its own, so that memory and start are those of one assistant."""
    environment = {"DATABASE_URL": f"sqlite:///{place}/assistant.db", "OMP_NUM_THREADS": "1", "PATH": "/usr/bin:/bin"}
    if content:
        environment["CONTENT_DIR"] = str(content)
    done = subprocess.run(
        [sys.executable, "-m", "tests.measure.benchmark", "--one"],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _measure() -> dict[str, float]:
    start = time.perf_counter()
    world = open_assistant(load_settings(), lambda text: print(text, file=sys.stderr)).world
    ready = time.perf_counter() - start
    rows = [question.row | {"previous": []} for question in own_questions()]
    for row in rows:
        row["controller"] = world.controllers[hash(row["id"]) % len(world.controllers)]
    _messages(world, rows[:200])  # a warm-up: caches of stems and of CLDR formats
    gc.collect()
    times = sorted(_messages(world, rows))
    return {
        "start, s": ready,
        "memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "median, ms": times[len(times) // 2] * 1e3,
        "p99, ms": times[int(len(times) * 0.99)] * 1e3,
        "messages/s": len(times) / sum(times),
    }


def _messages(world: World, rows: Sequence[jsonl.Row]) -> list[float]:
    times = []
    for row in rows:
        start = time.perf_counter()
        jsonl.ask(world, row)
        times.append(time.perf_counter() - start)
    return times


def _table(figures: dict[str, float]) -> None:
    for name, value in figures.items():
        print(f"  {name:14}{value:10.2f}")


def generate(folder: Path, companies: int) -> None:
    """Copy the content, with invented companies in place of the real ones."""
    shutil.copytree(content_root(load_settings()) / "flows", folder / "flows")
    shutil.copytree(content_root(load_settings()) / "knowledge", folder / "knowledge")
    shutil.copytree(content_root(load_settings()) / "locales", folder / "locales")
    for place in ("controllers", "en/controllers", "fi/controllers", "sv/controllers"):
        files = sorted((folder / "knowledge" / place).glob("*.yaml"))
        texts = [file.read_text(encoding="utf-8") for file in files]
        for file in files:
            file.unlink()
        for number in range(companies):
            data = yaml.load(texts[number % len(texts)], yaml.CSafeLoader)
            data["name"] = f"Example {number}"
            if place == "controllers":
                data["aliases"] = [f"example {number}"]
            target = folder / "knowledge" / place / f"example-{number}.yaml"
            target.write_text(yaml.dump(data, Dumper=yaml.CSafeDumper, allow_unicode=True), encoding="utf-8")


if __name__ == "__main__":
    main()
