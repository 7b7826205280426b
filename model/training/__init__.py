"""How the networks are trained: the only modules that import TensorFlow, and only when they run."""
