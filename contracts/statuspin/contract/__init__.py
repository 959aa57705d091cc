"""The files of a contract as objects: OpenAPI documents, pins.yaml and the contract folder."""
