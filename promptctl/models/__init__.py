"""Who answers: from the cache, from recordings, from a provider."""
