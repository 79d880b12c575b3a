"""Hypothesis without a clock: the machine may be busy with other things."""

from hypothesis import HealthCheck, settings

untimed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
