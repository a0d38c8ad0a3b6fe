"""Experiments of the docs: each a script that makes its page's figures and tables."""
