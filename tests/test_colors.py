"""Colors stay apart in every sight: simulated after Machado et al., measured by CIEDE2000."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from motifbook.plot.colors import BLUE, FORWARD, GRAY, REVERSE, SERIES, WHITE, letter_colors
from motifbook.plot.shades import LEVELS, shade
from motifbook.plot.spans import motif_colors

# Machado, Oliveira & Fernandes 2009, IEEE TVCG 15:1291, severity 1.0; for linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanope": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranope": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanope": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# sRGB to XYZ, and its white (IEC 61966-2-1).
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
TOLD_APART = 10.0  # CIEDE2000; differences of 1 to 2 are just seen side by side


def lab(color, sight):
    rgb = np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.asarray(SIGHT[sight]) @ linear, 0, 1)
    xyz = TO_XYZ @ seen / TO_XYZ.sum(axis=1)
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def ciede2000(one, other):
    """Sharma, Wu & Dalal 2005, Color Research and Application 30:21."""
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean_c = (np.hypot(a1, b1) + np.hypot(a2, b2)) / 2
    g = 0.5 * (1 - np.sqrt(mean_c**7 / (mean_c**7 + 25**7)))
    a1, a2 = (1 + g) * a1, (1 + g) * a2
    c1, c2 = np.hypot(a1, b1), np.hypot(a2, b2)
    h1, h2 = (np.degrees(np.arctan2(b, a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = 0.0 if c1 * c2 == 0 else (h2 - h1 + 180) % 360 - 180
    big_h = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn / 2))
    mean_l, mean_c = (l1 + l2) / 2, (c1 + c2) / 2
    mean_h = h1 + h2 if c1 * c2 == 0 else (h1 + turn / 2) % 360
    t = 1 - 0.17 * np.cos(np.radians(mean_h - 30)) + 0.24 * np.cos(np.radians(2 * mean_h))
    t += 0.32 * np.cos(np.radians(3 * mean_h + 6)) - 0.20 * np.cos(np.radians(4 * mean_h - 63))
    s_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    s_c, s_h = 1 + 0.045 * mean_c, 1 + 0.015 * mean_c * t
    around = 30 * np.exp(-(((mean_h - 275) / 25) ** 2))
    r = -2 * np.sqrt(mean_c**7 / (mean_c**7 + 25**7)) * np.sin(np.radians(2 * around))
    lightness, chroma, hue = (l2 - l1) / s_l, (c2 - c1) / s_c, big_h / s_h
    return np.sqrt(lightness**2 + chroma**2 + hue**2 + r * chroma * hue)


def nearest(colors, sight):
    """The least distance between two of the colors, and which they are."""
    return min(
        (ciede2000(lab(a, sight), lab(b, sight)), a, b)
        for a, b in itertools.combinations(dict.fromkeys(colors), 2)
    )


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ],
)
def test_distances_are_those_of_the_published_table(one, other, distance):
    assert ciede2000(one, other) == pytest.approx(distance, abs=5e-5)


PALETTES = {
    "letters": [*letter_colors("ACGT").values(), WHITE],
    "letters and N": letter_colors("ACGTN").values(),
    "amino acids": letter_colors("ACDEFGHIKLMNPQRSTVWYX").values(),
    "series": [*SERIES, WHITE],
    "motifs": [*motif_colors(map(str, range(14))).values(), WHITE],
    "strands": [FORWARD, REVERSE],
    "kept and not": [BLUE, GRAY],
    "both ends of a map and its middle": [shade(level) for level in (-LEVELS, 0, LEVELS)],
}


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("palette", PALETTES)
def test_colors_that_mean_something_are_told_apart(palette, sight):
    distance, one, other = nearest(PALETTES[palette], sight)
    assert distance > TOLD_APART, (one, other)


def test_the_letters_of_older_logos_are_not_told_apart_by_everybody():
    distance, *pair = nearest(letter_colors("ACGT", "classic").values(), "protanope")
    assert distance < TOLD_APART
    assert pair == ["#008000", "#FF0000"]


@pytest.mark.parametrize("sight", SIGHT)
def test_each_step_of_a_map_is_darker_than_the_one_before(sight):
    for side in (-1, 1):
        steps = [lab(shade(side * level), sight)[0] for level in range(LEVELS + 1)]
        assert (np.diff(steps) < -1).all()
