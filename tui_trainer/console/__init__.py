"""Events and records as lines of text, for the commands and after the screen closed. Draws no screen, starts no thread."""
