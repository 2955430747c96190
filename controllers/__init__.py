from . import chorus_hand
