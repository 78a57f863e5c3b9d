"""An installation tries itself: ``vademecum --self-check``."""
