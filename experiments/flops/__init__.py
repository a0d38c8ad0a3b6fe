"""FLOPs are not latency: how far multiply-accumulates misrank devices."""
