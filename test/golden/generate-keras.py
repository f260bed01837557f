"""Writes the golden cases keras/drawn-*: models whose weights are drawn by a seed, and what Keras computes.

    python3 -m venv venv && venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 safetensors==0.8.0
    venv/bin/python test/golden/generate-keras.py

`y.f64` is the same model in float64. The older cases beside them were written by a script that is not in this repository.
"""

import json
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
from keras import layers as L
from safetensors.numpy import save_file

root = pathlib.Path(__file__).parent
BATCH, TICKS, INPUTS = 3, 6, 2


def folder(name, case):
    path = root / "keras" / name
    path.mkdir(parents=True, exist_ok=True)
    (path / "case.json").write_text(json.dumps({"name": name, **case}, indent=1) + "\n")
    return path


def keras_models():
    """Functional and Sequential models whose layers the older cases have not together."""

    def attention():
        x = L.Input((TICKS, INPUTS))
        y = L.GRU(4, return_sequences=True, reset_after=False, dropout=0.2, recurrent_dropout=0.1)(x)
        y = L.Dropout(0.3)(y)
        heads = L.MultiHeadAttention(2, 3, value_dim=2, dropout=0.1)(y, y, use_causal_mask=True)
        y = L.LayerNormalization()(L.Add()([y, heads]))
        y = L.AdditiveAttention(dropout=0.1)([y, y])
        return keras.Model(x, L.Dense(2, activation="softsign")(L.GlobalAveragePooling1D()(y)))

    def directions():
        inner = L.SimpleRNN(3, return_sequences=True, activation="relu", use_bias=False)
        return keras.Sequential(
            [
                L.Input((TICKS, INPUTS)),
                L.Bidirectional(inner, merge_mode="mul"),
                L.Bidirectional(L.LSTM(3, return_sequences=True, recurrent_activation="hard_sigmoid"), merge_mode="ave"),
                L.SpatialDropout1D(0.2),
                L.TimeDistributed(L.Dense(3, activation="gelu")),
                L.Bidirectional(L.GRU(4, reset_after=True), merge_mode="sum"),
                L.Dense(1, activation="hard_sigmoid"),
            ]
        )

    def backwards():
        return keras.Sequential(
            [
                L.Input((TICKS, INPUTS)),
                L.LSTM(3, return_sequences=True, go_backwards=True),
                L.BatchNormalization(),
                L.GRU(3, return_sequences=True, go_backwards=True, activation="elu"),
                L.LeakyReLU(negative_slope=0.2),
                L.SimpleRNN(4),
                L.Dense(INPUTS),
            ]
        )

    # One format each, because HDF5 needs some kilobytes a layer whatever its size.
    return {
        "drawn-attention": (attention, "model.keras"),
        "drawn-directions": (directions, "model.h5"),
        "drawn-backwards": (backwards, "model.keras"),
    }


def write_keras(name, build, file, seed):
    generator = np.random.default_rng(seed)
    keras.backend.clear_session()
    keras.backend.set_floatx("float32")
    model = build()
    # A variance is above zero; everything else is on both sides of it.
    drawn = [
        generator.uniform(0.5, 1.5, w.shape) if "variance" in w.path else generator.normal(0, 0.5, w.shape)
        for w in model.weights
    ]
    drawn = [one.astype("float32") for one in drawn]
    model.set_weights(drawn)
    x = generator.normal(0, 1, (BATCH, TICKS, INPUTS)).astype("float32")
    case = {
        "layers": [{"class": type(layer).__name__, "name": layer.name} for layer in model.layers],
        "input_shape": [BATCH, TICKS, INPUTS],
        "seed": seed,
        "keras": keras.__version__,
    }
    path = folder(name, case)
    model.save(path / file)
    y = np.asarray(model(x, training=False))
    keras.backend.clear_session()
    keras.backend.set_floatx("float64")
    exact = build()
    exact.set_weights([one.astype("float64") for one in drawn])
    y64 = np.asarray(exact(x.astype("float64"), training=False))
    save_file({"x": x, "y": y, "y.f64": y64}, path / "io.safetensors")


if __name__ == "__main__":
    for at, (name, (build, file)) in enumerate(keras_models().items()):
        write_keras(name, build, file, 501 + at)
