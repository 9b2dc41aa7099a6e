"""Writes pareto.csv: samples with the generalised Pareto distributions that SciPy 1.17.1 fits to them
by maximum likelihood (location 0), and their quantiles.

A line: shape, scale, logarithm of the likelihood, excess passed with probability 0.001, samples.

usage: make_pareto_fixture.py   (in this folder; needs numpy and scipy)
"""
import numpy as np
from scipy.stats import genpareto

random = np.random.default_rng(20240604)
lines = []
for shape, scale, count in [
    (0.0, 1.0, 200), (0.3, 2.0, 300), (0.9, 0.01, 150), (-0.2, 5.0, 400), (-0.4, 1.0, 100),
    (0.1, 100.0, 40)]:
    sample = np.round(genpareto.rvs(shape, scale=scale, size=count, random_state=random), 8)
    # Several starts: the search of SciPy's own start may stop early.
    fits = [genpareto.fit(sample, start, floc=0, scale=sample.mean()) for start in (-0.3, 0.1, 0.5)]
    fitted, _, width = max(fits, key=lambda fit: genpareto.logpdf(sample, *fit).sum())
    likelihood = genpareto.logpdf(sample, fitted, 0, width).sum()
    lines.append([fitted, width, likelihood, genpareto.isf(0.001, fitted, 0, width), *sample])
with open("pareto.csv", "w") as file:
    for line in lines:
        file.write(",".join("%.10g" % value for value in line) + "\n")
