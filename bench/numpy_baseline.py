"""First exits as one writes them with NumPy: all replicas at once, exact f'. An exited replica starts again, so that
the arrays stay full, which is the best that NumPy can get. Powers are written as exp of log, clip as min of max: faster.

    python3 numpy_baseline.py REPLICAS STEPS SEED

The job: wang2022 from (-1.3, 0.2), started at -0.69927, Lomax(1.2, 0.1) noise, eta = 0.01, b = 0.5. Prints the
replica-steps, their CPU time in nanoseconds and the number of exits.
"""
import sys
import time

import numpy as np

ALPHA, S, ETA, B = 1.2, 0.1, 0.01, 0.5
START, LEFT, RIGHT = -0.69927, -1.3, 0.2


def gradient(x):
    """f' = f (log f)', by hand."""
    u, v, w = x - 0.5, x + 1.5, x + 0.8
    p = 1 / (0.01 + 4 * u * u)
    q = 1 / (0.1 + 4 * v * v)
    e = 0.25 * np.exp(-5 * w * w)
    a, c, d, g, h, k = x + 1.6, x + 1.3, x - 0.2, x - 0.7, x - 1.6, x - 1.65
    cdg = c * d * g
    f = a * cdg * cdg * h * np.exp(0.6 * np.log(-0.05 * k)) * (1 + p) * (1 + q) * (1 - e)
    return f * (1 / a + 2 / c + 2 / d + 2 / g + 1 / h + 0.6 / k - 8 * u * p * p / (1 + p) - 8 * v * q * q / (1 + q)
                + 10 * w * e / (1 - e))


def first_exits(replicas, steps, seed):
    """Exit steps of what left within so many steps of the whole array."""
    random = np.random.Generator(np.random.SFC64(seed))
    x = np.full(replicas, START)
    born = np.zeros(replicas, dtype=np.int64)
    exits = []
    for step in range(1, steps + 1):
        u = random.random(replicas) - 0.5  # its sign, and 2|u| uniform on (0, 1)
        size = S * (np.exp(np.log(2 * np.abs(u)) * (-1 / ALPHA)) - 1)
        x += np.minimum(np.maximum(ETA * (np.copysign(size, u) - gradient(x)), -B), B)
        out = np.flatnonzero((x <= LEFT) | (x >= RIGHT))
        if out.size:
            exits.append(step - born[out])
            born[out] = step
            x[out] = START
    return np.concatenate(exits) if exits else np.empty(0, dtype=np.int64)


def main():
    replicas, steps, seed = (int(a) for a in sys.argv[1:4])
    begin = time.process_time_ns()
    exits = first_exits(replicas, steps, seed)
    took = time.process_time_ns() - begin
    print(replicas * steps, took, exits.size)


if __name__ == "__main__":
    main()
