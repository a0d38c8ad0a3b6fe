"""Networks of a finite list together with every chip of a family: what is best, for certain."""

from cosearch.cost.sweep.joint.front import JointFront, joint_front

__all__ = ["JointFront", "joint_front"]
