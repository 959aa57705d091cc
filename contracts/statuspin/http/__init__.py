"""The HTTP client: requests, answers, connections and credentials. Only the fuzzer sends requests by other means."""
