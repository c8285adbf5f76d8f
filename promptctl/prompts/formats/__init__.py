"""Text -> Prompt, one module a format."""
