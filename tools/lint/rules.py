"""The rules: each takes a module's path and tree and yields (line, message)."""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path

Finding = tuple[int, str]
Rule = Callable[[Path, ast.Module], Iterator[Finding]]

MAX_LINES = 400
SUBJECT = re.compile(r"^uchat\.(?!sessions|execution)\w+\.v\d+(\.|$)")
BUS_CLIENTS = frozenset({"nats", "faststream"})


def subjects_in_one_place(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Only `uchat_contracts.subjects` spells a NATS subject; permissions and streams are bus."""
    if path.name == "subjects.py" or "bus" in path.parts:
        return
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and SUBJECT.match(node.value)
            and id(node) not in docstrings
        ):
            yield node.lineno, f"Take the subject {node.value!r} from uchat_contracts.subjects"


def bus_client_in_platform(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Only `uchat_platform` imports a NATS client: durability is decided in one place."""
    if "uchat_platform" in path.parts:
        return
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            if name.split(".")[0] in BUS_CLIENTS:
                yield node.lineno, f"Import {name!r} in uchat_platform.bus only"


def owned_tasks(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """A task belongs to a task group: nobody awaits one that `asyncio.create_task` made.

    A line that ends with `# owned: <by what>` names another owner, as a context manager.
    """
    lines = path.read_text().splitlines() if path.exists() else []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("create_task", "ensure_future")
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "asyncio"
            and not (lines and "# owned: " in lines[node.lineno - 1])
        ):
            yield node.lineno, "Start tasks in a task group (asyncio.TaskGroup)"


def module_size(path: Path, _tree: ast.Module) -> Iterator[Finding]:
    """A module of more than 400 lines wants splitting by meaning."""
    count = len(path.read_text().splitlines())
    if count > MAX_LINES:
        yield 1, f"{count} lines: split by meaning at {MAX_LINES}"


RULES: tuple[Rule, ...] = (
    subjects_in_one_place,
    bus_client_in_platform,
    owned_tasks,
    module_size,
)
