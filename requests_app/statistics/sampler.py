"""Exact discrete Laplace noise: integers and fractions only, no floating point, randomness from the operating system.

Canonne, Kamath, Steinke: "The Discrete Gaussian for Differential Privacy" (2020), algorithms 1 and 2.
"""

import secrets
from collections.abc import Callable
from fractions import Fraction

RandBelow = Callable[[int], int]


def bernoulli(probability: Fraction, randbelow: RandBelow) -> bool:
    """Return True with exactly this *probability* (between 0 and 1)."""
    return randbelow(probability.denominator) < probability.numerator


def _bernoulli_exp_unit(exponent: Fraction, randbelow: RandBelow) -> bool:
    """Return True with probability exp(-*exponent*), for an exponent between 0 and 1."""
    trials = 1
    while bernoulli(exponent / trials, randbelow):
        trials += 1
    return trials % 2 == 1


def bernoulli_exp(exponent: Fraction, randbelow: RandBelow) -> bool:
    """Return True with probability exp(-*exponent*), for any exponent ≥ 0 (algorithm 1)."""
    while exponent > 1:
        if not _bernoulli_exp_unit(Fraction(1), randbelow):
            return False
        exponent -= 1
    return _bernoulli_exp_unit(exponent, randbelow)


def _geometric_magnitude(epsilon: Fraction, randbelow: RandBelow) -> int:
    """Return k ≥ 0 with probability proportional to exp(-epsilon · k)."""
    steps, scale = epsilon.numerator, epsilon.denominator
    while True:
        remainder = randbelow(scale)
        if not bernoulli_exp(Fraction(remainder, scale), randbelow):
            continue
        whole = 0
        while bernoulli_exp(Fraction(1), randbelow):
            whole += 1
        return (remainder + scale * whole) // steps


def discrete_laplace(epsilon: Fraction, randbelow: RandBelow = secrets.randbelow) -> int:
    """Return an integer x with probability proportional to exp(-epsilon · |x|) (algorithm 2).

    Adding it to a count that one person changes by at most one gives epsilon-differential privacy. Raises ``ValueError`` unless
    *epsilon* is positive.
    """
    if epsilon <= 0:
        raise ValueError("epsilon must be positive")
    while True:
        negative = bool(randbelow(2))
        magnitude = _geometric_magnitude(epsilon, randbelow)
        if not (negative and magnitude == 0):
            return -magnitude if negative else magnitude
