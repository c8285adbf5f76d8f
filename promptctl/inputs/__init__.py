"""With what a prompt is replayed: stored inputs."""
