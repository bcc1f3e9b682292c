"""Measurements against floors and named peers.

They are run by ``make bench``, ``make measures`` and ``make hearing``, never by the tests.
"""
