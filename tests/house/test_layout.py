"""The house rules: layering, sizes, what `runner` may know, who may compile patterns of language."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "retold"
ROOMS = """
    core text store workers engines read clean dedup decontaminate select styles rephrase verify reflect mix pack
    runner trace probe measure report cli
""".split()  # noqa: SIM905
FILES = sorted(SOURCE.rglob("*.py"))
FILE_LINES, FUNCTION_LINES, PARAMETERS = 500, 60, 7

# `runner` knows rooms where it puts a recipe together or writes a first one, and nowhere else.
COMPOSER = {"recipe.py", "scaffold.py"}
RUN_MAY_IMPORT = {"core", "store", "workers", "runner"}

# `text` alone compiles patterns of language; these compile formats (HTML headers, recipe sizes), not language.
PATTERNS_OF_FORMATS = {"core/quantity.py"}


def room(path: Path) -> str:
    parts = path.relative_to(SOURCE).parts
    return parts[0] if len(parts) > 1 else parts[0].removesuffix(".py")


def imports(path: Path) -> set[str]:
    """Rooms imported anywhere in a file, also inside functions."""
    rooms = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module] + [f"{node.module}.{alias.name}" for alias in node.names if node.module == "retold"]
        rooms |= {name.split(".")[1] for name in names if name.startswith("retold.")}
    return rooms


def test_every_folder_is_a_known_room():
    assert {path.name for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__"} <= set(ROOMS)


@pytest.mark.parametrize(
    "path", [path for path in FILES if room(path) in ROOMS], ids=lambda path: str(path.relative_to(SOURCE))
)
def test_a_room_imports_only_rooms_above_it(path):
    """Kills: any import of a lower room, also one hidden in a function."""
    allowed = set(ROOMS[: ROOMS.index(room(path)) + 1])
    assert imports(path) & set(ROOMS) <= allowed


def test_the_layering_test_sees_hidden_imports(tmp_path):
    hidden = tmp_path / "x.py"
    hidden.write_text("def f():\n    from retold.cli import main\n    import retold.report.page\n")
    assert imports(hidden) == {"cli", "report"}


def test_the_runner_names_no_concrete_step():
    for path in (SOURCE / "runner").glob("*.py"):
        if path.name not in COMPOSER:
            assert imports(path) & set(ROOMS) <= RUN_MAY_IMPORT, f"{path.name} reaches past the kinds of step"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_sizes_and_docstrings(path):
    text = path.read_text("utf-8")
    assert text.count("\n") <= FILE_LINES
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "every module says what it does"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < FUNCTION_LINES, f"{node.name} is too long"
            count = len(node.args.args) + len(node.args.kwonlyargs)
            assert count <= PARAMETERS or "cli" in path.parts, f"{node.name} has {count} parameters"


def test_there_is_no_drawer_for_everything():
    assert not [path for path in FILES if path.stem in ("utils", "util", "helpers", "misc", "common")]


def test_only_text_compiles_patterns_of_language():
    for path in FILES:
        if room(path) == "text" or str(path.relative_to(SOURCE)) in PATTERNS_OF_FORMATS:
            continue
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert not names & {"re", "regex"}, f"{path.relative_to(SOURCE)} compiles expressions"


def test_nothing_unpickles_evaluates_or_shells_out_with_text():
    """Law 8. Kills: pickle.load, eval, shell=True, yaml.load without a safe loader."""
    banned_calls = {"eval", "exec"}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in banned_calls, path
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value.id if isinstance(node.func.value, ast.Name) else ""
                assert (owner, node.func.attr) not in {("pickle", "load"), ("pickle", "loads"), ("yaml", "load")}, path
            if isinstance(node, ast.keyword) and node.arg == "shell":
                raise AssertionError(f"{path} uses a shell")
