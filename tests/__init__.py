"""Tests and benchmarks; a package, since some distributions install another one of this name."""
