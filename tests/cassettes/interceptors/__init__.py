"""Tests of `cassettes.interceptors`, library by library."""
