"""The vendors that come with metersim: one folder each, alike in shape and blind to each other."""
