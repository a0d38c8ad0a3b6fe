"""NAHAS's one-shot way (arXiv 2102.08619): a policy over network and accelerator, by TuNAS.

The policy learns beside the shared weights; then the most probable pair within the limits is
found. `job` is the whole of it, `costs` what the policy is told, `final` the last step.
"""
