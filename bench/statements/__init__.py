"""The floor's statements: for each request of the benchmarks one that returns the same JSON text."""
