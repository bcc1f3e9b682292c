"""Measurements against floors and named peers: run by ``make bench``, ``make measures`` and ``make hearing``, never by the tests.

Every library is held to one thread, so that what is compared is work, not cores.  This must be set before the
libraries are loaded, hence here.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ.pop("OPENBLAS_CORETYPE", None)
