"""What is remembered: answers and runs."""
