"""Apollo's three experiments (arXiv 2102.01723), with the certified optimum at hand."""
