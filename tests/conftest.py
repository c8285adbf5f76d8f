"""What holds for every test: properties are checked on the same examples in every run."""

from hypothesis import settings

settings.register_profile("project", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("project")
