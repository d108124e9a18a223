"""Items from shopping baskets: which go together, learnt from who is bought with whom.

A basket is a sentence, an item a word. The baskets are made here: each is bought for one or two
occasions, which nobody tells the model, with staples and a few things that fit nothing. The order
in a basket means nothing, so a window covers it whole. Prints each occasion's neighbours and how
many items have one of their own occasion nearest.

    python baskets.py
"""

import numpy as np

from w2vext import Word2Vec

OCCASIONS = {
    "breakfast": "muesli yoghurt honey jam croissant orange-juice oats maple-syrup".split(),
    "pasta": "spaghetti tomatoes basil parmesan garlic olive-oil pine-nuts capers".split(),
    "barbecue": "sausages charcoal mustard beer coleslaw corn ketchup burger-buns".split(),
    "baby": "nappies baby-food wipes rusks baby-oil bottle-brush formula teething-ring".split(),
    "baking": "flour yeast vanilla cocoa baking-powder icing-sugar butter walnuts".split(),
    "curry": "basmati coconut-milk ginger coriander cumin lentils chillies turmeric".split(),
    "sushi": "nori sushi-rice wasabi salmon soy-sauce rice-vinegar cucumber sesame".split(),
    "cleaning": "bleach sponges gloves window-spray bin-bags mop descaler soap".split(),
}
STAPLES = "milk eggs bread bananas water coffee".split()


def baskets(number, rng):
    """Lists of items, in no order."""
    occasions = list(OCCASIONS.values())
    everything = [item for items in occasions for item in items]
    for _ in range(number):
        basket = []
        for which in rng.choice(len(occasions), size=rng.integers(1, 3), replace=False):
            basket.extend(rng.choice(occasions[which], size=rng.integers(2, 5), replace=False))
        basket.extend(rng.choice(STAPLES, size=rng.integers(1, 4), replace=False))
        basket.extend(rng.choice(everything, size=rng.integers(0, 2)))
        yield [str(item) for item in rng.permutation(basket)]


def main():
    model = Word2Vec(
        vector_size=24,
        window=12,
        shrink_windows=False,
        min_count=5,
        epochs=5,
        alpha=0.05,
        workers=1,
        random_state=1,
    )
    model.fit(baskets(20_000, np.random.default_rng(7)))
    home = {item: name for name, items in OCCASIONS.items() for item in items}
    hits = 0
    for name, items in OCCASIONS.items():
        found = model.wv.most_similar(items[0], topn=3)
        print(f"{name:10} {items[0]:12} {', '.join(f'{item} {cos:.2f}' for item, cos in found)}")
        nearest = model.wv.most_similar([[item] for item in items], topn=1, exclude=STAPLES)
        hits += sum(home[best[0][0]] == name for best in nearest)
    print(f"nearest item of the same occasion: {hits} of {len(home)} items (by chance about 7)")
    missing = model.wv.most_similar(["flour", "yeast", "cocoa"], topn=3, exclude=STAPLES)
    print(f"flour, yeast and cocoa: what is missing? {', '.join(item for item, _ in missing)}")


if __name__ == "__main__":
    main()
