"""Bundle the files of a document: check its shape and turn every reference into a pointer within it.

Targets in other files become components. If the components have no section for a target, it replaces the reference.
"""

from collections.abc import Callable
from typing import Any, NoReturn

from statuspin.errors import CannotRun
from statuspin.loading.bundle import Bundle
from statuspin.loading.cycles import contains_itself, find_cycle
from statuspin.loading.files import File
from statuspin.loading.grammar import SECTIONS, Either, Fields, Many, Object, Scalar, Unchecked, Value, fields, value
from statuspin.loading.pointers import Keys, Path, keys_of, path_of, pointer_of, value_at
from statuspin.loading.resolving import Files, Found, Scope, Unresolved, choose_name
from statuspin.loading.shapes import describe, fits, is_reference, is_relative, may_be_left_out

_SCHEMA = value("schema")
_WITH_SIBLINGS = frozenset({"schema", "path item"})
_IDENTIFIERS = frozenset({"$id", "$anchor", "$dynamicAnchor"})
_SPECIAL = _IDENTIFIERS | {"$dynamicRef", "discriminator"}
_MOST_HOPS = 100
_REFERABLE = frozenset(SECTIONS) | {"path item", "media type"}
_LARGE = 300_000


def bundle(root: File, load: Callable[[str], File]) -> Bundle:
    """Check `root` and everything it refers to, and turn every reference into a pointer within `root.data`.

    load: reads the file at a URI. Raises CannotRun, with file and place, if a value has the wrong shape or the target
    of a reference does not exist.
    """
    if root.encoded is not None and len(root.encoded) > _LARGE:
        from statuspin.loading.plain import is_plain  # noqa: PLC0415 -- not needed for small documents

        if is_plain(root):
            return Bundle(root)
    return walk(root, load)


def walk(root: File, load: Callable[[str], File]) -> Bundle:
    """Bundle a document as `bundle` does, without the shortcut for large documents."""
    return _Bundler(root, load).run()


class _Bundler:
    """A walk over the document and everything it refers to. `at` is always a place in the document."""

    def __init__(self, root: File, load: Callable[[str], File]) -> None:
        self._root, self._bundle = root.data, Bundle(root)
        self._is_3_0 = str(root.data.get("openapi")).startswith("3.0")
        self._files = Files(root, load, has_ids=not self._is_3_0)
        self._visits = {
            Either: self._visit_either,
            Many: self._visit_many,
            Object: self._visit_object,
            Scalar: self._visit_scalar,
            Unchecked: self._visit_unchecked,
        }
        self._waiting: list[tuple[Value, Any, Any, Path, Scope]] = []
        self._seen: dict[tuple[int, str], Any] = {}  # with the nodes, so that no other node gets their ids
        self._followed: dict[int, Any] = {}
        self._placed: dict[tuple[int, str, tuple[str, ...]], Keys] = {}
        self._pointers: dict[str, Path] = {}
        self._identified: list[dict[str, Any]] = []

    def run(self) -> Bundle:
        """Walk the components first, so that their parts from other files keep their names."""
        scope = Scope(self._files.root)
        self._waiting.append((value("document"), {"": self._root}, "", None, scope))
        if "components" in self._root:
            self._waiting.append((value("components"), self._root, "components", (None, "components"), scope))
        while self._waiting:
            expected, holder, key, at, scope = self._waiting.pop()
            self._visits[type(expected)](expected, holder, key, at, scope)
        if (pointer := find_cycle(self._root, self._pointers)) is not None:
            self._stop((self._pointers[pointer], "$ref"), f"{pointer} refers to itself")
        for schema in self._identified:
            for keyword in _IDENTIFIERS:
                schema.pop(keyword, None)
        return self._bundle

    def _visit_scalar(self, expected: Any, holder: Any, key: Any, at: Path, scope: Scope) -> None:
        del scope
        if not expected.accepts(holder[key]):
            self._fail(at, expected, holder[key])

    def _visit_either(self, expected: Any, holder: Any, key: Any, at: Path, scope: Scope) -> None:
        option = next((option for option in expected.options if fits(option, holder[key])), None)
        if option is None:
            self._fail(at, expected, holder[key])
        self._visits[type(option)](option, holder, key, at, scope)

    def _visit_unchecked(self, expected: Any, holder: Any, key: Any, at: Path, scope: Scope) -> None:
        node = holder[key]
        if isinstance(node, dict) and not is_reference(node):
            self._waiting += [(expected.of.of, node, name, (at, name), scope)
                              for name, child in node.items() if isinstance(child, dict)]  # fmt: skip

    def _visit_many(self, expected: Any, holder: Any, key: Any, at: Path, scope: Scope) -> None:
        node = holder[key]
        if is_reference(node):
            node, scope = self._inline(holder, key, at, scope)
        if node is None and expected.may_be_empty:
            node = holder[key] = expected.kind()
            self._bundle.empty.append(keys_of(at))
        if not isinstance(node, expected.kind):
            self._fail(at, expected, node)
        pairs: Any = node.items() if isinstance(node, dict) else enumerate(node)
        self._waiting += [(expected.of, node, name, (at, name), scope) for name, _ in pairs]

    def _visit_object(self, expected: Any, holder: Any, key: Any, at: Path, scope: Scope) -> None:
        node, name = holder[key], expected.name
        if node is None and expected.may_be_empty:
            node = holder[key] = {}
            self._bundle.empty.append(keys_of(at))
        is_special = name == "schema" and isinstance(node, dict) and not _SPECIAL.isdisjoint(node)
        scope = self._files.enter(scope, node) if is_special else scope
        if is_reference(node) and self._is_only_reference(expected, holder, key, at, scope):
            return
        if not isinstance(node, dict):
            if name != "schema" or not isinstance(node, bool):
                self._fail(at, expected, node)
        elif (id(node), name) not in self._seen:
            self._seen[id(node), name] = node
            if "$ref" in node and name in _REFERABLE and not isinstance(node["$ref"], str):
                self._fail((at, "$ref"), value("text"), node["$ref"])
            if is_special:
                self._visit_special(node, at, scope)
            self._visit_fields(name, node, at, scope)

    def _is_only_reference(self, expected: Any, holder: Any, key: Any, at: Path, scope: Scope) -> bool:
        """Follow the reference at `at`, and return whether its siblings have no meaning."""
        node = holder[key]
        if id(node) not in self._followed:
            self._follow(expected, holder, key, at, scope)
        return self._is_3_0 or expected.name not in _WITH_SIBLINGS or holder[key] is not node

    def _visit_fields(self, name: str, node: dict[str, Any], at: Path, scope: Scope) -> None:
        known = fields(name)
        named = known.named if known.others is None else {key: known.others for key in node if known.has_other(key)}
        empty = []
        for key, child in node.items():
            expected = named.get(key)
            if expected is None:
                continue
            if child is None and key not in known.required and may_be_left_out(key, expected):
                empty.append(key)
            elif type(expected) is Scalar:
                self._visit_scalar(expected, node, key, (at, key), scope)
            else:
                self._waiting.append((expected, node, key, (at, key), scope))
        for key in empty:  # many documents have names without a value
            self._bundle.empty.append(keys_of((at, key)))
            del node[key]
        self._check_names(known, node, at)

    def _check_names(self, known: Fields, node: dict[str, Any], at: Path) -> None:
        for key in known.required:
            if key not in node:
                self._stop(at, f"`{key}` is missing")
        for key in node if known.prefix else ():
            if not key.startswith((known.prefix, "x-")):
                self._stop((at, key), f"the name has to start with {known.prefix}")

    def _visit_special(self, schema: dict[str, Any], at: Path, scope: Scope) -> None:
        """Follow the references of a schema outside $ref, and note identifiers that are no longer needed."""
        if not self._is_3_0 and not _IDENTIFIERS.isdisjoint(schema):
            self._identified.append(schema)
        if not self._is_3_0 and isinstance(schema.get("$dynamicRef"), str) and "$ref" not in schema:
            schema["$ref"] = schema.pop("$dynamicRef")
            self._follow(_SCHEMA, {"": schema}, "", (at, "$dynamicRef"), scope)
        if isinstance(discriminator := schema.get("discriminator"), dict):
            self._follow_mapping(discriminator.get("mapping"), ((at, "discriminator"), "mapping"), scope)

    def _follow_mapping(self, mapping: Any, at: Path, scope: Scope) -> None:
        for name, target in mapping.items() if isinstance(mapping, dict) else ():
            if isinstance(target, str) and is_relative(target):
                reference = {"$ref": target}
                self._follow(_SCHEMA, {"": reference}, "", (at, name), scope)
                mapping[name] = reference["$ref"]

    def _follow(self, expected: Any, holder: Any, key: Any, at: Path, scope: Scope) -> None:
        """Follow the reference at `at`, and replace it by a pointer within the document or by its target."""
        node = holder[key]
        self._followed[id(node)] = node
        found = self._find(node["$ref"], at, scope)
        is_elsewhere = found.scope.file is not self._files.root or found.scope.dynamic
        if is_elsewhere or not isinstance(found.node, dict | list | bool):
            self._place(expected, holder, key, at, found)
            return
        if not found.is_plain:
            node["$ref"] = pointer_of(found.inside)
        self._pointers.setdefault(node["$ref"], at)
        if (id(found.node), expected.name) not in self._seen:
            *above, last = ("", *found.inside)
            parent = value_at(self._root, tuple(above[1:])) if above else {"": self._root}
            self._waiting.append((expected, parent, last, path_of(found.inside), found.scope))

    def _place(self, expected: Any, holder: Any, key: Any, at: Path, found: Found) -> None:
        """Put a target from another file into the document."""
        node, keys = holder[key], keys_of(at)
        identity = (id(found.node), expected.name, found.scope.dynamic)
        section = SECTIONS.get(expected.name)
        if identity in self._placed:
            node["$ref"] = pointer_of(self._placed[identity])
        elif section is None or (keys[:-1] == ("components", section) and len(node) == 1):
            beside = {name: each for name, each in node.items() if name != "$ref"}
            holder[key] = {**found.node, **beside} if beside and isinstance(found.node, dict) else found.node
            self._put(identity, keys, (expected, holder, key, at, found.scope), found)
            return
        else:
            components = self._root.setdefault("components", {}).setdefault(section, {})
            name = choose_name(found, components)
            components[name] = found.node
            keys = ("components", section, name)
            self._put(identity, keys, (expected, components, name, path_of(keys), found.scope), found)
            node["$ref"] = pointer_of(keys)
        self._pointers.setdefault(node["$ref"], at)

    def _put(self, identity: Any, keys: Keys, visit: Any, found: Found) -> None:
        if isinstance(found.node, dict | list):
            self._placed[identity] = keys
        self._bundle.origins[keys] = (found.scope.file, found.inside)
        self._waiting.append(visit)

    def _inline(self, holder: Any, key: Any, at: Path, scope: Scope) -> tuple[Any, Scope]:
        """Replace a reference to a map or a list by a copy of its target."""
        keys, node = keys_of(at), holder[key]
        for _ in range(_MOST_HOPS):
            found = self._find(node["$ref"], at, scope)
            node, scope = found.node, found.scope
            if not is_reference(node):
                break
        holder[key] = node.copy() if isinstance(node, dict | list) else node
        if is_reference(node) or len(keys) > _MOST_HOPS or contains_itself(holder[key]):
            self._stop((at, "$ref"), "it refers to itself")
        self._bundle.origins[keys] = (scope.file, found.inside)
        return holder[key], scope

    def _find(self, reference: str, at: Path, scope: Scope) -> Found:
        try:
            return self._files.find(reference, scope)
        except Unresolved as error:
            reason = f": {error}" if str(error) else ""
            self._stop((at, "$ref"), f"{reference} cannot be resolved{reason}")

    def _fail(self, at: Path, expected: Value, node: Any) -> NoReturn:
        is_plain = "a string" in expected.says and isinstance(node, int | float | None)
        hint = "; put it in quotes" if is_plain else ""
        self._stop(at, f"{expected.says} is expected, not {describe(node)}{hint}")

    def _stop(self, at: Path, message: str) -> NoReturn:
        raise CannotRun(f"{self._bundle.place(keys_of(at))}: {message}")
