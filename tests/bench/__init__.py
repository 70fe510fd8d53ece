"""What the benchmarks claim."""
