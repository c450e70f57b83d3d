"""The pictures that a category may have: the names of the sprite `fmq/icons.svg`, without `i-`."""

CATEGORY_ICONS = (
    "pothole",
    "lamp",
    "rubbish",
    "leak",
    "drain",
    "flood",
    "noise",
    "tree",
    "sign",
    "traffic-light",
    "manhole",
    "wire",
    "market",
    "bench",
    "building",
    "other",
)
