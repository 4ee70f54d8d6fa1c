"""The names in the settings are those of the engine's tables."""

from nst.config.settings import FIELDS
from nst.engine.parametrization import PARAMETRIZATIONS
from nst.engine.pixel_losses import TV


def test_the_tables_of_the_settings_are_the_tables_of_the_code():
    from nst.engine import backbone as network
    from nst.engine.losses import GRAM_DIVISORS, REDUCTIONS
    from nst.engine.optimizers import OPTIMIZERS
    from nst.engine.style_terms import STYLE_TERMS

    for name, table in {
        "pooling": network.POOLINGS,
        "gram": GRAM_DIVISORS,
        "content_reduction": REDUCTIONS,
        "style_reduction": REDUCTIONS,
        "style_loss": STYLE_TERMS,
        "tv": TV,
        "parametrization": PARAMETRIZATIONS,
        "optimizer": OPTIMIZERS,
    }.items():
        assert FIELDS[name].metadata["kind"].names == tuple(table), name
    assert FIELDS["precision"].metadata["kind"].names == ("auto", *network.PRECISIONS)
