"""YAML as JSON has it, read within bounds."""

import re
from collections.abc import Callable
from typing import Any

import yaml

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml's is ten times as fast, if it was built in
_Composer: Any = yaml.composer.Composer
_Mixin: Any = object
_DEEPEST = 200
_LARGEST = 5_000_000
MERGE = "tag:yaml.org,2002:merge"


class _Plain(_Mixin):  # type: ignore[misc]
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
                if isinstance(key, yaml.ScalarNode) and key.tag != MERGE and key.value in names:
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


_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _Loader.yaml_implicit_resolvers.items()
}
_Plain.yaml_implicit_resolvers = {
    first: [
        (tag, re.compile("^(?:true|True|TRUE|false|False|FALSE)$") if tag == "tag:yaml.org,2002:bool" else pattern)
        for tag, pattern in resolvers
    ]
    for first, resolvers in _Plain.yaml_implicit_resolvers.items()
}


class _PlainLoader(_Plain, _Loader):  # type: ignore[misc]
    """The usual loader."""


class _LatestAnchors(_Composer):  # type: ignore[misc]
    """An alias stands for the latest anchor of its name (YAML 1.2, 7.1); PyYAML refuses a name that is used again."""

    def __init__(self, stream: Any) -> None:
        super(_Composer, self).__init__(stream)  # that of Composer takes no stream
        self.anchors: dict[str, Any] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose the next node."""
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)
        return super().compose_node(parent, index)


class _ReusingLoader(_Plain, _LatestAnchors, _Loader):  # type: ignore[misc]
    """Slower, for texts that use the name of an anchor again."""


def load(text: str) -> Any:
    """The value of a YAML text. Raises yaml.YAMLError or ValueError."""
    return _read(text, lambda loader: loader.get_single_data())


def compose(text: str) -> yaml.Node | None:
    """The nodes of a YAML text, which know their lines. Raises as `load` does."""
    node: yaml.Node | None = _read(text, lambda loader: loader.get_single_node())
    return node


def _read(text: str, read: Callable[[Any], Any]) -> Any:
    try:
        return read(_PlainLoader(text))
    except yaml.composer.ComposerError as error:
        if "duplicate anchor" not in str(error):
            raise
    return read(_ReusingLoader(text))


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for, those behind aliases counted each time."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = _LARGEST + 1  # should it hold itself
        pairs = node.value if isinstance(node, yaml.MappingNode) else [node.value]
        known[id(node)] = 1 + sum(_size(child, known) for pair in pairs for child in pair)
    return known[id(node)]
