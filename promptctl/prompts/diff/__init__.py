"""What changed between two prompts."""
