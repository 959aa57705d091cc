"""Export formats other than JSON: each function renders the result of the export use case as text."""
