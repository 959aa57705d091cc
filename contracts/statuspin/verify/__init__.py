"""One server against one contract: pins, races, failure modes and the fuzzer, one coverage, one verdict."""
