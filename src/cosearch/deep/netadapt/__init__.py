"""NetAdapt: any network narrowed, a cut at a time, until it keeps a limit; its weights go along.

`flow` follows channels through the operators, `channels` finds which come and go together,
`prune` takes some away, `proposals` says what may go, and `adapt` takes the best cut step by step.
"""

from cosearch.deep.netadapt.adapt import Adapted, AdaptSettings, adapt_once
from cosearch.deep.netadapt.channels import Channels, Group, channels_of
from cosearch.deep.netadapt.proposals import CostsOf, smallest
from cosearch.deep.netadapt.prune import prune, pruned_module

__all__ = [
    "AdaptSettings",
    "Adapted",
    "Channels",
    "CostsOf",
    "Group",
    "adapt_once",
    "channels_of",
    "prune",
    "pruned_module",
    "smallest",
]
