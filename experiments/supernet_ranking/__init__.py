"""How well weights that are shared rank networks that are trained alone."""
