"""The pure core: values and functions that know no network, clock, file, random number or chat platform."""
