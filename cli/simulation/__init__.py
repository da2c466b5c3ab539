"""Rollouts that never happened: streams of counts with a known truth, and the rules that judge them."""
