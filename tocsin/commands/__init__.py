"""What people type: one file for each group of commands. A command opens the instance, does one thing, and prints."""
