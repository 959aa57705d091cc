"""A document whose parts may come from several files."""

from dataclasses import dataclass, field

from statuspin.findings import Location
from statuspin.loading.files import File
from statuspin.loading.pointers import Keys


@dataclass
class Bundle:
    """A document whose references are all pointers within it, with the sources of its parts.

    origins: the file and the keys in it for each part from another file, by its keys in the document. empty: the keys
    of null values that were removed.
    """

    root: File
    origins: dict[Keys, tuple[File, Keys]] = field(default_factory=dict)
    empty: list[Keys] = field(default_factory=list)

    def location(self, keys: Keys) -> Location:
        """Return the file and line of the value at `keys` of the document."""
        file, inside = self._origin(keys)
        return file.location(inside)

    def place(self, keys: Keys) -> str:
        """Return the file, line and keys of a value for a message."""
        file, inside = self._origin(keys)
        return file.place(inside)

    def _origin(self, keys: Keys) -> tuple[File, Keys]:
        for length in range(len(keys), -1, -1):
            if keys[:length] in self.origins:
                file, start = self.origins[keys[:length]]
                return file, start + keys[length:]
        return self.root, keys
