"""Networks that are asked from several threads at once are put back as they were."""

from __future__ import annotations

import contextlib

from toys import linear

from motifbook.attribution.predictor import frozen


def test_blocks_that_overlap_put_gradients_back_once():
    model = linear(12)
    first, second = contextlib.ExitStack(), contextlib.ExitStack()
    first.enter_context(frozen(model, device="cpu"))
    second.enter_context(frozen(model, device="cpu"))
    first.close()
    assert not any(parameter.requires_grad for parameter in model.parameters())
    second.close()
    assert all(parameter.requires_grad for parameter in model.parameters())
