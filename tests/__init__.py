"""The tests, a mirror of the packages: tests/<package>/test_<module>.py."""
