"""Shopping baskets: learn which items belong together from the baskets that contain them.

A basket is a sentence and an item is a word. The script generates the baskets: each is for one or
two occasions, which the model does not see, and also has staples and some unrelated items. The
order of the items has no meaning, so the window covers the whole basket. The script prints
neighbours for each occasion and counts the items whose nearest neighbour has the same occasion.

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
    """Yield baskets as lists of items in random order."""
    occasions = list(OCCASIONS.values())
    everything = [item for items in occasions for item in items]
    for _ in range(number):
        basket = []
        for occasion in rng.choice(len(occasions), size=rng.integers(1, 3), replace=False):
            basket.extend(rng.choice(occasions[occasion], size=rng.integers(2, 5), replace=False))
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
    print(f"nearest item has the same occasion: {hits} of {len(home)} items (by chance about 7)")
    missing = model.wv.most_similar(["flour", "yeast", "cocoa"], topn=3, exclude=STAPLES)
    print(f"flour, yeast and cocoa: what is missing? {', '.join(item for item, _ in missing)}")


if __name__ == "__main__":
    main()
