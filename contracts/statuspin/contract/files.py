"""JSON and YAML files, or one line that says what is wrong with them."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

from statuspin.errors import CannotRun

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast, where it was built in
_DEEPEST = 200
_LARGEST = 5_000_000
_MERGE = "tag:yaml.org,2002:merge"


class _PlainLoader(_Loader):  # type: ignore[misc]
    """YAML as JSON has it: dates stay text, and keys such as 404 or `on` are the text that was written.

    Bounded: nesting that would exhaust libyaml's stack and aliases that multiply out endlessly raise ValueError.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._depth = 0
        self._flattened: set[int] = set()

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Called for every node within another, before what it holds is read."""
        del parent, index
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} levels deep")

    def ascend_resolver(self) -> None:
        """Called after every node."""
        self._depth -= 1

    def flatten_mapping(self, node: Any) -> None:
        """Called for every mapping, merged ones again: a key that is written twice hides what stands at the first."""
        if id(node) not in self._flattened:
            self._flattened.add(id(node))
            names: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE and key.value in names:
                    raise yaml.constructor.ConstructorError(None, None, f"{key.value} is written twice", key.start_mark)
                names.add(str(key.value))
        super().flatten_mapping(node)
        # What overrides stands behind what it overrides; PyYAML 6.0.4 takes the first where it merges this one again.
        named = {key.value if isinstance(key, yaml.ScalarNode) else id(key): (key, value) for key, value in node.value}
        node.value = list(named.values())

    def get_single_node(self) -> Any:
        """The document's node, once its aliases are known to be few enough to be followed."""
        node = super().get_single_node()
        if node is not None and _size(node, {}) > _LARGEST:
            raise ValueError(f"its aliases stand for more than {_LARGEST} values")
        return node

    def get_single_data(self) -> Any:
        """What the document says."""
        node = self.get_single_node()
        return None if node is None else self.construct_document(node)


_PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_PlainLoader.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile("^(?:true|True|TRUE|false|False|FALSE)$") if tag == "tag:yaml.org,2002:bool" else pattern)
        for tag, pattern in resolvers
    ]
    for first, resolvers in _PlainLoader.yaml_implicit_resolvers.items()
}


def read_mapping(path: Path) -> dict[str, Any]:
    """The JSON or YAML object in `path`, with every key as text; CannotRun names what is wrong with it."""
    data = parsed(read_text(path), str(path))
    if not isinstance(data, dict):
        raise CannotRun(f"{path}: an object is expected at the top, not {_kind(data)}")
    return data


def read_text(path: Path) -> str:
    """The text of `path`; CannotRun where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise CannotRun(f"{path}: not UTF-8 text") from None
    except OSError as error:
        raise CannotRun(f"{path}: {(error.strerror or str(error)).lower()}") from None


def parsed(text: str, name: str) -> Any:
    """What `text`, JSON or YAML, says; keys are text. CannotRun names `name`, line and fault."""
    try:
        if text.lstrip().startswith(("{", "[")):
            try:
                return _shallow(json.loads(text))
            except json.JSONDecodeError as error:
                if name.endswith(".json"):
                    raise CannotRun(f"{name}: line {error.lineno}: not JSON: {error.msg}") from None
        return _shallow(_text_keys(yaml.load(text, Loader=_PlainLoader)))  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CannotRun(f"{name}: line {line}: not YAML: {error.problem or error.context}") from None
    except RecursionError:
        raise CannotRun(f"{name}: neither JSON nor YAML: nested too deep") from None
    except (yaml.YAMLError, ValueError) as error:
        raise CannotRun(f"{name}: neither JSON nor YAML: {' '.join(str(error).split())}") from None


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for, those behind aliases counted each time."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = _LARGEST + 1  # should it hold itself
        pairs = node.value if isinstance(node, yaml.MappingNode) else [node.value]
        known[id(node)] = 1 + sum(_size(child, known) for pair in pairs for child in pair)
    return known[id(node)]


def _shallow(data: Any) -> Any:
    """`data` itself; ValueError where it is nested deeper than anything here follows."""
    level = [data]
    for _ in range(_DEEPEST):
        inner = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [child for children in inner for child in children if isinstance(child, dict | list)]
        if not level:
            return data
    raise ValueError(f"nested more than {_DEEPEST} levels deep")


def _text_keys(node: Any) -> Any:
    if isinstance(node, dict):
        return {_as_text(key): _text_keys(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_text_keys(value) for value in node]
    return node


def _as_text(key: object) -> str:
    if isinstance(key, bool):
        return str(key).lower()
    return "null" if key is None else str(key)


def _kind(value: object) -> str:
    kinds = {list: "a list", str: "a text", int: "a number", float: "a number", bool: "a boolean"}
    return kinds.get(type(value), "nothing")
