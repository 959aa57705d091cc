"""Find the place of a finding in the files of a contract."""

from functools import cached_property

from statuspin.contract.folder import Contract, pins_file
from statuspin.findings import Finding, Location
from statuspin.loading.files import File, parse_file, read_content


class Locator:
    """Find the row of a pin in pins.yaml, or an operation or a status in openapi.yaml."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._rows = {pin.id: ("pins", pin.operation, "rows", pin.row) for pin in contract.matrix}

    def find(self, finding: Finding) -> Location:
        """Return the place of a finding. If the finding is about the whole run, this is the document without a line."""
        document = self._contract.document
        row = self._rows.get(f"{finding.operation} · {finding.place}")
        if row is not None:
            return self._pins.location(row) if self._pins else Location(str(pins_file(self._contract.folder)))
        operation = document.operations.get(finding.operation)
        if operation is None:
            return Location(document.name)
        kind, _, status = finding.place.partition(" ")
        return document.location((*operation.keys, "responses", status) if kind == "status" else operation.keys)

    @cached_property
    def _pins(self) -> File | None:
        """The file of the pins, or None if the contract exists only in memory."""
        path = pins_file(self._contract.folder)
        return parse_file(path.absolute().as_uri(), str(path), read_content(path)) if path.is_file() else None
