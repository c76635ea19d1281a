"""What is taken out of the journal to be shown to others: bundles, and the verifier that goes with each of them.

`verify.py` and `VERIFY.md` are copied into every bundle as they are. The verifier imports nothing of Tocsin, so that
somebody who trusts none of it can read the one file and check the bundle with that.
"""
