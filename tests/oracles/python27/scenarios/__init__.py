"""The scenarios, group by group: tables, and what is played with each row."""
