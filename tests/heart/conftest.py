"""How hard Hypothesis looks: no deadline for one example, because the machine may be busy with something else."""

from hypothesis import settings

settings.register_profile("heart", deadline=None, max_examples=60, print_blob=True)
settings.load_profile("heart")
