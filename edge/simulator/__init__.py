"""A synthetic shop with exact truth: it feeds the bundled recordings and the tests, nothing else imports it.

``simulate(scenario, seed, out, size=, fps=, noise=, mount=, duration_s=, depth_unit_m=, empty=, start_ns=,
compression=)`` writes a session and returns what was written; the names of the scenarios, with a description of each,
are the keys of ``edge.simulator.scenarios.SCENARIOS``.
"""

from edge.simulator.simulation import Simulated, simulate

__all__ = ["Simulated", "simulate"]
