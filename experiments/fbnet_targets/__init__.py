"""FBNet searched for one target, run on others."""
