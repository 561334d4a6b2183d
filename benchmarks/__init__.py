"""Speeds as ratios: ours and a floor or peer, alternately, in one run. `make bench` prints them."""
