import pytest
from pydantic import ValidationError

from retold.pack import PackSettings


def test_the_recipe_form_is_short():
    settings = PackSettings.model_validate({"tokenizer": "train", "length": 1024})
    assert settings == PackSettings()


def test_sizes_read_as_people_write_them():
    settings = PackSettings.model_validate({"vocabulary": "32k", "train_on": "1.5M", "rows_per_shard": "2k"})
    assert (settings.vocabulary, settings.train_on, settings.rows_per_shard) == (32_000, 1_500_000, 2_000)


def test_kinds_in_any_order_are_the_same_settings():
    """Kills: keeping the order as written, which would pack everything anew for a matter of taste."""
    swapped = PackSettings.model_validate({"kinds": ["source", "retelling", "reflection"]})
    assert swapped.fingerprint() == PackSettings().fingerprint()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"vocabulary": 100}, "vocabulary of 100"),
        ({"vocabulary": "many"}, "32k|2k"),
        ({"length": 4}, "rows of 4"),
        ({"length": 1 << 30}, "out of range"),
        ({"tokenizer": " "}, "tokenizer.json"),
        ({"end_of_text": ""}, "empty"),
        ({"kinds": []}, r"\[source, retelling\]"),
        ({"kinds": ["source", "source"]}, "once"),
        ({"train_on": 0}, "1 or more"),
    ],
)
def test_what_cannot_work_is_refused_in_words(values, words):
    with pytest.raises(ValidationError, match=words):
        PackSettings.model_validate(values)
