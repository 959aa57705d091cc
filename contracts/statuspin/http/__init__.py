"""The HTTP client: requests, responses, connections and credentials. Only the fuzzer uses another client."""
