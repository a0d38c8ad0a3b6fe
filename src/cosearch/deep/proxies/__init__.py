"""Zero-cost proxies: how good a network may become, told from its first weights in a pass or two.

Every proxy takes a module as it was initialised, a batch of images and labels, and a generator for
what it draws; it leaves the module as it was, and gives one number, larger for better.
"""

from cosearch.deep.proxies.accuracy import ProxyAccuracy, score
from cosearch.deep.proxies.proxy import Proxy
from cosearch.deep.proxies.table import PROXIES, find_proxy

__all__ = ["PROXIES", "Proxy", "ProxyAccuracy", "find_proxy", "score"]
