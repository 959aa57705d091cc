"""The files of a contract as objects: openapi documents, pins.yaml, the folder that holds both."""
