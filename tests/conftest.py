"""Settings of the whole suite."""

from hypothesis import HealthCheck, settings

# The same examples everywhere, so that a red test means a changed program; and no deadline, since
# the first example of a test may compile a kernel and a busy machine is no fault of the program.
settings.register_profile(
    "suite",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("suite")
