"""What others say HTTP is: tests that hold this project against programs, and facts, that it did not write."""
