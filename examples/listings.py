"""Listings: sessions of visitors who look at holiday homes, and may book the last one.

A listing is in a market, and has a style that the model does not see. Almost all listings of a
session are in one market, because a visitor wants to travel there; those of the visitor's style
are more frequent, and a booking is nearly always of this style. The script generates the sessions.
It trains three models and counts the listings whose nearest neighbour in their own market has the
same style:

- with the defaults, most negatives are in other markets, so the model learns the markets best;
- with `noise_groups`, the negatives of a listing are in its own market;
- with `global_context="last"` in addition, the booking is a context of all listings of a session.

The two ideas are those of Grbovic & Cheng, "Real-time personalization using embeddings for search
ranking at Airbnb", KDD 2018.

    python listings.py
"""

import numpy as np

from w2vext import Word2Vec

MARKETS, STYLES, LISTINGS = 20, 4, 10  # listings of each style in each market


def name(market, style, number):
    return f"m{market}-s{style}-{number}"


def sessions(count, rng):
    """Yield sessions as lists of listings; the last one is booked."""
    for _ in range(count):
        market, style = rng.integers(MARKETS), rng.integers(STYLES)
        clicks = rng.integers(5, 13)
        own = rng.random(clicks) < 0.25
        own[-1] = rng.random() < 0.95
        styles = np.where(own, style, rng.integers(STYLES, size=clicks))
        numbers = rng.integers(LISTINGS, size=clicks)
        yield [name(market, *each) for each in zip(styles.tolist(), numbers.tolist(), strict=True)]


def same_style(model):
    """The share of the listings whose nearest neighbour in the market has the same style."""
    hits = []
    for market in range(MARKETS):
        names = [name(market, s, n) for s in range(STYLES) for n in range(LISTINGS)]
        vectors = np.array([model.wv[each] for each in names])
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -1)
        nearest = cosines.argmax(axis=1)
        hits.append(np.arange(len(names)) // LISTINGS == nearest // LISTINGS)
    return np.mean(hits)


def main():
    rng = np.random.default_rng(5)
    found = list(sessions(20_000, rng))
    markets = {each: each.split("-")[0] for session in found for each in session}
    shared = {"vector_size": 32, "min_count": 1, "sample": 0, "workers": 1, "random_state": 1}
    print(f"{len(found):,} sessions of {len(markets):,} listings in {MARKETS} markets")
    for label, options, groups in (
        ("the defaults", {}, None),
        ("negatives of the market", {}, markets),
        ("and the booking in all windows", {"global_context": "last"}, markets),
    ):
        model = Word2Vec(**shared, **options).fit(found, noise_groups=groups)
        print(f"{label + ':':32} {same_style(model):.2f} of the nearest listings have this style")
    print(f"by chance: {(LISTINGS - 1) / (STYLES * LISTINGS - 1):.2f}")


if __name__ == "__main__":
    main()
