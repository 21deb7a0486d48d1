"""What leaves this server: three constant texts, to those who asked for them. No id, no name, no number, nothing of a case."""
