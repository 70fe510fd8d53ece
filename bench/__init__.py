"""The benchmarks: `bin/bench`."""
