"""Read YAML with the data model of JSON, within limits of nesting and size."""

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
    """YAML with the data model of JSON: dates stay text, and so do keys such as 404 or `on`.

    Raises ValueError for nesting that would exhaust libyaml's stack, and for aliases that expand to too many values.
    """

    def __init__(self, stream: Any) -> None:
        super().__init__(stream)
        self._depth = 0
        self._flattened: set[int] = set()

    def descend_resolver(self, parent: Any, index: Any) -> None:
        """Check the depth. Called for every nested node before its content is read."""
        del parent, index
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError(f"nested more than {_DEEPEST} levels deep")

    def ascend_resolver(self) -> None:
        """Leave a level. Called after every node."""
        self._depth -= 1

    def flatten_mapping(self, node: Any) -> None:
        """Reject repeated keys, whose first value would be lost. Called for every mapping, again for merged ones."""
        if id(node) not in self._flattened:
            self._flattened.add(id(node))
            names: set[str] = set()
            for key, _ in node.value:
                if isinstance(key, yaml.ScalarNode) and key.tag != MERGE and key.value in names:
                    raise yaml.constructor.ConstructorError(None, None, f"{key.value} is written twice", key.start_mark)
                names.add(str(key.value))
        super().flatten_mapping(node)
        # Overriding values come after overridden ones; PyYAML 6.0.4 uses the first if it merges this node again.
        named = {key.value if isinstance(key, yaml.ScalarNode) else id(key): (key, value) for key, value in node.value}
        node.value = list(named.values())

    def get_single_node(self) -> Any:
        """Return the node of the document. Raises ValueError if its aliases expand to too many values."""
        node = super().get_single_node()
        if node is not None and _size(node, {}) > _LARGEST:
            raise ValueError(f"its aliases expand to more than {_LARGEST} values")
        return node

    def get_single_data(self) -> Any:
        """Return the data of the document."""
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
    """Resolves an alias to the latest anchor of its name (YAML 1.2, 7.1). PyYAML rejects repeated names."""

    def __init__(self, stream: Any) -> None:
        super(_Composer, self).__init__(stream)  # the initializer of Composer takes no stream
        self.anchors: dict[str, Any] = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose the next node."""
        if not self.check_event(yaml.AliasEvent):
            self.anchors.pop(self.peek_event().anchor, None)
        return super().compose_node(parent, index)


class _ReusingLoader(_Plain, _LatestAnchors, _Loader):  # type: ignore[misc]
    """The slower loader, for texts that repeat the name of an anchor."""


def load(text: str) -> Any:
    """Return the value of a YAML text. Raises yaml.YAMLError or ValueError."""
    return _read(text, lambda loader: loader.get_single_data())


def compose(text: str) -> yaml.Node | None:
    """Return the node of a YAML text, with line numbers. Raises as `load` does."""
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
    """Return the number of values in a node. Those behind aliases count each time."""
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        known[id(node)] = _LARGEST + 1  # in case it contains itself
        pairs = node.value if isinstance(node, yaml.MappingNode) else [node.value]
        known[id(node)] = 1 + sum(_size(child, known) for pair in pairs for child in pair)
    return known[id(node)]
