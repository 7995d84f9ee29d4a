"""Settings of the whole suite."""

from hypothesis import settings

# The same examples everywhere, so that a red test means a changed program; and no deadline, since
# the first example of a test may compile a kernel.
settings.register_profile("suite", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("suite")
